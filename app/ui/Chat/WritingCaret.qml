import QtQuick
import Sotto.Theme

// The block at the end of the text that is being written. `edit` is the TextEdit it follows.
Rectangle {
    id: root

    property TextEdit edit: null // nothing is written here
    property real editTop: 0 // of `edit`, where the caret does not lie in it

    // Named here so that the place is found again when the text or its layout changes.
    readonly property rect end: edit !== null && edit.length + edit.contentHeight + edit.contentWidth + edit.width >= 0 ? edit.positionToRectangle(edit.length) : Qt.rect(0, 0, 0, 0)
    readonly property real size: edit?.font.pixelSize ?? 0

    x: end.x + 3
    y: editTop + end.y + end.height - height - Math.round(size * 0.1)
    width: Math.round(size * 0.6)
    height: Math.round(size * 1.13)
    radius: 2
    color: Theme.measured
    opacity: 0.9
    Accessible.ignored: true
}

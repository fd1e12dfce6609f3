import QtQuick
import Sotto.Theme

// A thematic break.
Item {
    required property MessageBlock block

    implicitHeight: 9

    Rectangle {
        y: 4
        width: parent.width
        height: 1
        color: Theme.line2
    }
}

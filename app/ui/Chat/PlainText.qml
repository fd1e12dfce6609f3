import QtQuick
import Sotto.Chat
import Sotto.Theme

// Plain text as it was typed or thought: selectable, in the line height of its role.
TextEdit {
    id: root

    property TypeRole role: Theme.read

    readOnly: true
    selectByMouse: true
    textFormat: TextEdit.PlainText
    wrapMode: TextEdit.Wrap
    font: role.font
    color: Theme.t1
    selectionColor: Theme.isDark ? Theme.measuredDim : Theme.bg5
    selectedTextColor: Theme.t1
    renderType: Text.NativeRendering
    topPadding: -Math.floor((role.line - role.size * 1.21) / 2)
    bottomPadding: -topPadding
    Accessible.role: Accessible.StaticText
    Accessible.name: text

    TextLines {
        document: root.textDocument
        lineHeight: root.role.line
    }
    HoverHandler {
        cursorShape: Qt.IBeamCursor
    }
}

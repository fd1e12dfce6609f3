import QtQuick
import Sotto.Chat
import Sotto.Components
import Sotto.Theme

// Inline HTML of one block: selectable, links told on click only and named in a tooltip before.
TextEdit {
    id: root

    property string html
    property TypeRole role: Theme.read

    signal linkOpened(string link)

    readOnly: true
    activeFocusOnPress: true
    selectByMouse: true
    persistentSelection: false
    textFormat: TextEdit.RichText
    wrapMode: TextEdit.Wrap
    text: ChatStyle.text + html
    font: role.font
    color: Theme.t1
    selectionColor: Theme.isDark ? Theme.bg5 : Theme.measuredDim
    selectedTextColor: Theme.t1
    renderType: Text.NativeRendering
    // Half of what TextLines puts above the line.
    topPadding: -Math.floor((role.line - role.size * 1.21) / 2)
    bottomPadding: -topPadding
    Accessible.role: Accessible.StaticText
    Accessible.name: getText(0, length)
    onLinkActivated: link => linkOpened(link)

    TextLines {
        document: root.textDocument
        lineHeight: root.role.line
    }
    Loader {
        active: root.hoveredLink.length > 0
        x: linkHover.point.position.x
        y: linkHover.point.position.y + 10
        // qmllint disable unqualified
        sourceComponent: Tooltip {
            text: root.hoveredLink
            visible: true
        }
        // qmllint enable unqualified
    }
    HoverHandler {
        id: linkHover
        cursorShape: root.hoveredLink.length > 0 ? Qt.PointingHandCursor : Qt.IBeamCursor
    }
}

import QtQuick
import Sotto.Components
import Sotto.Theme

// A list item: marker, and its text indented by depth.
Item {
    id: root

    required property MessageBlock block
    readonly property int indent: 24 * (block.level + 1)

    implicitHeight: body.height

    Label {
        x: root.indent - 8 - width
        role: Theme.read
        color: Theme.t2
        text: root.block.marker
    }
    RichText {
        id: body
        x: root.indent
        width: root.width - x
        html: root.block.html
        Accessible.role: Accessible.ListItem
        onLinkOpened: link => root.block.linkOpened(link)

        Loader {
            active: root.block.hasCaret
            sourceComponent: WritingCaret {
                edit: body
            }
        }
    }
}

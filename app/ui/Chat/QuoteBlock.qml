import QtQuick
import Sotto.Theme

// A quote: a rule at the left for each level.
Item {
    id: root

    required property MessageBlock block

    implicitHeight: body.height

    Repeater {
        model: root.block.level + 1
        delegate: Rectangle {
            required property int index
            x: index * 16
            width: 2
            height: parent ? parent.height : 0
            radius: 1
            color: Theme.line2
        }
    }
    RichText {
        id: body
        x: 16 * (root.block.level + 1)
        width: root.width - x
        html: root.block.html
        color: Theme.t2
        onLinkOpened: link => root.block.linkOpened(link)

        Loader {
            active: root.block.hasCaret
            // qmllint disable unqualified
            sourceComponent: WritingCaret {
                edit: body
            }
            // qmllint enable unqualified
        }
    }
}

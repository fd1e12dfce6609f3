import QtQuick
import Sotto.App
import Sotto.Theme

// A paragraph or a heading.
RichText {
    id: root

    required property MessageBlock block
    readonly property bool isHeading: block.kind === BlockListModel.Heading

    html: block.html
    role: isHeading ? ChatStyle.headingRole(block.level) : Theme.read
    Accessible.role: isHeading ? Accessible.Heading : Accessible.StaticText
    onLinkOpened: link => block.linkOpened(link)

    Loader {
        active: root.block.hasCaret
        // qmllint disable unqualified
        sourceComponent: WritingCaret {
            edit: root
        }
        // qmllint enable unqualified
    }
}

import QtQuick
import Sotto.App
import Sotto.Chat
import Sotto.Theme

// A paragraph or a heading.
TextPart {
    id: root

    required property MessageBlock block
    readonly property bool isHeading: block.kind === BlockListModel.Heading

    selection: block.selection
    messageRow: block.messageRow
    messageBlock: block.index
    source: InlineSource {
        content: root.block.content
    }
    style: isHeading ? ChatStyle.headingText(block.level) : ChatStyle.readText
    color: block.isQuoted ? Theme.t2 : Theme.t1
    Accessible.role: isHeading ? Accessible.Heading : block.isItem ? Accessible.ListItem : Accessible.StaticText
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

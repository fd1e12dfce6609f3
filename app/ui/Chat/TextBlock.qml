import QtQuick
import Sotto.App
import Sotto.Chat
import Sotto.Theme

// A paragraph or a heading. Of a long one the parts that are closed stand above the last one, where text
// is added; for screen readers it is one all the same.
Item {
    id: root

    required property MessageBlock block
    readonly property bool isHeading: block.kind === BlockListModel.Heading
    readonly property int spokenRole: isHeading ? Accessible.Heading : block.isItem ? Accessible.ListItem : Accessible.StaticText
    readonly property real firstDrop: paragraph.isCut ? (closed.item as ClosedParts)?.firstDrop ?? 0 : last.firstDrop

    implicitHeight: last.y + last.height
    Accessible.ignored: !paragraph.isCut
    Accessible.role: spokenRole
    Accessible.name: paragraph.spokenText

    FlowSource {
        id: paragraph
        content: root.block.content
        style: root.isHeading ? ChatStyle.headingText(root.block.level) : ChatStyle.readText
        width: root.width
    }
    Loader {
        id: closed
        active: paragraph.isCut
        width: root.width
        // qmllint disable unqualified
        sourceComponent: ClosedParts {
            flow: paragraph
            block: root.block
            color: last.color
        }
        // qmllint enable unqualified
    }
    TextPart {
        id: last
        y: paragraph.closed.extent
        width: root.width
        source: paragraph
        part: paragraph.lastPart
        goesOn: paragraph.isCut
        selection: root.block.selection
        messageRow: root.block.messageRow
        messageBlock: root.block.row
        style: paragraph.style
        color: root.block.isQuoted ? Theme.t2 : Theme.t1
        Accessible.ignored: paragraph.isCut
        Accessible.role: root.spokenRole
        onLinkOpened: link => root.block.linkOpened(link)

        Loader {
            active: root.block.hasCaret
            // qmllint disable unqualified
            sourceComponent: WritingCaret {
                edit: last
            }
            // qmllint enable unqualified
        }
    }
}

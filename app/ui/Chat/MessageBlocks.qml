pragma ComponentBehavior: Bound
import QtQuick
import Sotto.Chat

// The blocks of one answer, one under the other; of a long one only what is near the viewport is made.
BlockColumn {
    id: root

    property TextSelection selection: null
    property int messageRow: -1
    property bool isWriting: false

    signal linkOpened(string link)
    signal copyRequested(string text)

    textStyle: ChatStyle.readText
    codeStyle: ChatStyle.codeText
    cellStyle: ChatStyle.bodyText

    Repeater {
        model: root.rows
        delegate: MessageBlock {
            width: root.width
            blocks: root.blocks
            selection: root.selection
            messageRow: root.messageRow
            hasCaret: root.isWriting && row === root.rows.total - 1
            onLinkOpened: link => root.linkOpened(link)
            onCopyRequested: text => root.copyRequested(text)
            onMeasured: root.rows.setHeight(row, height)
        }
    }
}

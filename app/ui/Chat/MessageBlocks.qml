pragma ComponentBehavior: Bound
import QtQuick
import Sotto.App
import Sotto.Chat

// The blocks of one answer, one under the other.
Column {
    id: root

    required property BlockListModel blocks
    property TextSelection selection: null
    property int messageRow: -1
    property bool isWriting: false

    signal linkOpened(string link)
    signal copyRequested(string text)

    NearBlocks {
    }
    Repeater {
        id: repeater
        model: root.blocks
        delegate: MessageBlock {
            width: root.width
            blocks: root.blocks
            selection: root.selection
            messageRow: root.messageRow
            hasCaret: root.isWriting && index === repeater.count - 1
            onLinkOpened: link => root.linkOpened(link)
            onCopyRequested: text => root.copyRequested(text)
            Component.onCompleted: previous = index > 0 ? repeater.itemAt(index - 1) as MessageBlock : null
        }
    }
    // Before the first frame, so that only those that are seen are filled.
    Component.onCompleted: forceLayout()
}

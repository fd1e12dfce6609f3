pragma ComponentBehavior: Bound
import QtQuick
import Sotto.Chat

// The parts of a long paragraph that nothing changes any more; made near the viewport only.
ChunkArea {
    id: root

    required property FlowSource flow
    required property MessageBlock block
    property color color
    property real firstDrop: 0

    height: flow.closed.extent
    chunks: flow.closed

    Repeater {
        model: root.flow.closed
        delegate: TextPart {
            id: edit
            required property int chunk
            required property real chunkTop

            y: chunkTop
            width: root.width
            source: root.flow
            part: chunk
            goesOn: chunk > 0
            selection: root.block.selection
            messageRow: root.block.messageRow
            messageBlock: root.block.row
            style: root.flow.style
            color: root.color
            Accessible.ignored: true
            onLinkOpened: link => root.block.linkOpened(link)

            Binding {
                when: edit.chunk === 0
                target: root
                property: "firstDrop"
                value: edit.firstDrop
            }
        }
    }
}

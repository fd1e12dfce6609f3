pragma ComponentBehavior: Bound
import QtQuick
import Sotto.Chat
import Sotto.Theme

// Plain text of any length as it was typed or thought; of a long one only what is near the viewport is
// made.
ChunkArea {
    id: root

    property alias text: typed.text
    property TextSelection selection: null
    property int messageRow: -1
    property int messageBlock: 0
    property string spokenFrame: "%1" // what is said around it
    property TextStyle style: ChatStyle.readText
    property color color: Theme.t1
    property real lineWidth: width // what its lines may take
    property bool isFolded: false
    property alias foldedLines: typed.foldedLines
    readonly property alias isLong: typed.isLong
    readonly property alias bytes: typed.bytes
    // Of its longest line; of more than one chunk all that there is.
    property real naturalWidth: lineWidth

    implicitHeight: typed.chunks.extent
    chunks: typed.chunks

    TypedSource {
        id: typed
        style: root.style
        width: root.lineWidth
        isFolded: root.isFolded
    }
    Repeater {
        model: typed.chunks
        delegate: TextPart {
            id: edit
            required property int chunk
            required property real chunkTop
            required property real chunkSize

            // What was estimated is known when the text is laid out.
            function correct(): void {
                if (height !== chunkSize)
                    typed.chunks.setSize(chunk, height);
            }

            y: chunkTop
            width: root.width
            source: typed
            part: chunk
            selection: root.selection
            messageRow: root.messageRow
            messageBlock: root.messageBlock
            style: root.style
            color: root.color
            Accessible.name: chunk === 0 ? root.spokenFrame.arg(spokenText) : spokenText
            onHeightChanged: correct()
            onChunkSizeChanged: correct()

            Binding {
                when: typed.chunks.total === 1
                target: root
                property: "naturalWidth"
                value: edit.implicitWidth
            }
        }
    }
}

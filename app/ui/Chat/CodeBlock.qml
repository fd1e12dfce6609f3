pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Sotto.Chat
import Sotto.Components
import Sotto.Theme

// Code: a head with the language and Copy, then the lines, never wrapped, with their own scroll bar.
Item {
    id: root

    required property MessageBlock block

    implicitHeight: 37 + flick.height

    CodeSource {
        id: code
        blocks: root.block.blocks
        row: root.block.row
        style: ChatStyle.codeText
    }

    Rectangle {
        width: root.width
        height: root.height
        radius: Theme.radiusCard
        color: Theme.codeBg
        border.color: Theme.line
    }
    Label {
        x: 16
        y: 10
        role: Theme.caption
        color: Theme.t3
        text: root.block.language.length > 0 ? root.block.language : qsTr("code")
    }
    Button {
        id: copyButton
        anchors.right: parent.right
        anchors.rightMargin: 4
        y: 4
        kind: Button.Quiet
        isSmall: true
        iconName: copied.running ? "check" : "copy"
        textColor: copied.running ? Theme.measured : Theme.t2
        text: copied.running ? qsTr("Copied") : qsTr("Copy")
        Accessible.name: copied.running ? qsTr("Copied") : qsTr("Copy code")
        onClicked: {
            root.block.copyRequested(root.block.source());
            copied.restart();
        }
        Timer {
            id: copied
            interval: 2000
        }
    }
    Rectangle {
        x: 1
        y: 36
        width: root.width - x - 1
        height: 1
        color: Theme.line
    }
    Flickable {
        id: flick
        y: 37
        x: 1
        width: root.width - x - 1
        height: lines.height + 22
        contentWidth: lines.width + 30
        contentHeight: height
        clip: contentWidth > width
        flickableDirection: Flickable.HorizontalFlick
        boundsBehavior: Flickable.StopAtBounds
        T.ScrollBar.horizontal: ScrollBar {
        }

        SelectionSurface {
            z: -1
            width: flick.contentWidth
            height: flick.contentHeight
            selection: root.block.selection
        }
        ChunkArea {
            id: lines
            x: 15
            y: 10
            width: Math.max(code.textWidth + 2, flick.width - 30)
            height: code.chunks.extent
            chunks: code.chunks

            Repeater {
                id: parts
                model: code.chunks
                delegate: TextPart {
                    required property int chunk
                    required property real chunkTop

                    y: chunkTop
                    width: lines.width
                    source: code
                    selection: root.block.selection
                    messageRow: root.block.messageRow
                    messageBlock: root.block.row
                    part: chunk
                    style: code.style
                    wrapMode: TextEdit.NoWrap
                    tabStopDistance: code.tabWidth
                }
            }
            // No Loader: what a bound file writes in place cannot be loaded by one.
            WritingCaret {
                readonly property TextEdit last: parts.count > 0 ? parts.itemAt(parts.count - 1) as TextEdit : null
                visible: edit !== null
                edit: root.block.hasCaret ? last : null
                editTop: last?.y ?? 0
            }
        }
    }
}

pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Sotto.Chat
import Sotto.Components
import Sotto.Theme

// A table: header in label type, hairlines between rows; wider than the column it scrolls sideways.
Item {
    id: root

    required property MessageBlock block

    implicitHeight: area.height + 2
    Accessible.role: Accessible.Table
    Accessible.name: qsTr("Table with %n rows", "", Math.max(0, table.rows - 1))

    TableSource {
        id: table
        blocks: root.block.blocks
        row: root.block.row
        style: ChatStyle.bodyText
        headerStyle: ChatStyle.labelText
    }
    Rectangle {
        id: frame
        x: root.block.isRightToLeft ? root.width - width : 0
        width: Math.min(root.width, table.tableWidth + 2)
        height: root.height
        radius: Theme.radiusCard
        color: "transparent"
        border.color: Theme.line
    }
    Flickable {
        id: flick
        anchors.fill: frame
        anchors.margins: 1
        contentWidth: table.tableWidth
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
            id: area
            width: table.tableWidth
            height: table.chunks.extent
            chunks: table.chunks

            Repeater {
                model: table.chunks
                delegate: Repeater {
                    id: rows
                    required property int chunk
                    // Named here so that the cells are counted again when there are more.
                    model: table.revision >= 0 ? table.cellsOf(chunk) : 0
                    delegate: Item {
                        id: cell
                        required property int index
                        readonly property int part: table.firstCell(rows.chunk) + index
                        readonly property bool isHeader: part < table.columns
                        readonly property int alignment: root.block.alignments[part % Math.max(1, table.columns)]
                        readonly property rect place: table.revision >= 0 ? table.place(part) : Qt.rect(0, 0, 0, 0)

                        parent: area
                        x: place.x
                        y: place.y
                        width: place.width
                        height: place.height

                        Rectangle {
                            visible: !cell.isHeader
                            width: parent.width
                            height: 1
                            color: Theme.line
                        }
                        TextPart {
                            x: 14
                            y: 7
                            width: parent.width - 28
                            source: table
                            selection: root.block.selection
                            messageRow: root.block.messageRow
                            messageBlock: root.block.row
                            part: cell.part
                            style: cell.isHeader ? ChatStyle.labelText : ChatStyle.bodyText
                            color: cell.isHeader ? Theme.t2 : Theme.t1
                            onLinkOpened: link => root.block.linkOpened(link)
                            Component.onCompleted: {
                                // Without a mark the cell follows the direction of its text.
                                if (cell.alignment !== 0)
                                    horizontalAlignment = Qt.binding(() => cell.alignment & Qt.AlignRight ? TextEdit.AlignRight : cell.alignment & Qt.AlignHCenter ? TextEdit.AlignHCenter : TextEdit.AlignLeft);
                            }
                        }
                    }
                }
            }
        }
    }
}

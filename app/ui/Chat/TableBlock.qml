pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Sotto.Components
import Sotto.Theme

// A table: header in label type, hairlines between rows; wider than the column it scrolls sideways.
Item {
    id: root

    required property MessageBlock block
    readonly property int rows: block.columns > 0 ? Math.ceil(block.cells.length / block.columns) : 0

    implicitHeight: grid.height + 2
    Accessible.role: Accessible.Table
    Accessible.name: qsTr("Table with %n rows", "", Math.max(0, rows - 1))

    Rectangle {
        id: frame
        width: Math.min(root.width, grid.width + 2)
        height: root.height
        radius: Theme.radiusCard
        color: "transparent"
        border.color: Theme.line
    }
    Flickable {
        id: flick
        anchors.fill: frame
        anchors.margins: 1
        contentWidth: grid.width
        contentHeight: height
        clip: contentWidth > width
        flickableDirection: Flickable.HorizontalFlick
        boundsBehavior: Flickable.StopAtBounds
        T.ScrollBar.horizontal: ScrollBar {
        }

        GridLayout {
            id: grid
            columns: root.block.columns
            columnSpacing: 0
            rowSpacing: 0

            Repeater {
                model: root.block.cells
                delegate: Item {
                    id: cell
                    required property string modelData
                    required property int index
                    readonly property bool isHeader: index < root.block.columns

                    implicitWidth: Math.min(text.implicitWidth + 1, 320) + 28
                    implicitHeight: text.height + 14
                    Layout.fillWidth: true
                    Layout.fillHeight: true

                    Rectangle {
                        visible: !cell.isHeader
                        width: parent.width
                        height: 1
                        color: Theme.line
                    }
                    RichText {
                        id: text
                        x: 14
                        y: 7
                        width: parent.width - 28
                        role: cell.isHeader ? Theme.label : Theme.body
                        color: cell.isHeader ? Theme.t2 : Theme.t1
                        horizontalAlignment: root.block.alignments[cell.index % root.block.columns] & Qt.AlignRight ? TextEdit.AlignRight : root.block.alignments[cell.index % root.block.columns] & Qt.AlignHCenter ? TextEdit.AlignHCenter : TextEdit.AlignLeft
                        html: cell.modelData
                        onLinkOpened: link => root.block.linkOpened(link)
                    }
                }
            }
        }
    }
}

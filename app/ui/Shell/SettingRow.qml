import QtQuick
import QtQuick.Layouts
import Sotto.Components
import Sotto.Theme

// One setting: title, what it costs or means, and its control at the right.
Item {
    id: root

    property string title
    property string detail
    property bool isFirst: false
    property bool isMarked: false // the detail carries a point and weight 500
    default property alias controls: controlRow.data

    Layout.fillWidth: true
    implicitHeight: Math.max(48, row.implicitHeight + 14)

    Divider {
        width: parent.width
        visible: !root.isFirst
    }
    RowLayout {
        id: row
        anchors.fill: parent
        spacing: 12
        ColumnLayout {
            Layout.fillWidth: true
            spacing: 1
            Label {
                Layout.fillWidth: true
                wrapMode: Text.Wrap
                text: root.title
            }
            Label {
                Layout.fillWidth: true
                visible: text.length > 0
                leftPadding: root.isMarked ? 10 : 0
                role: root.isMarked ? Theme.label : Theme.caption
                color: root.isMarked ? Theme.t1 : Theme.t3
                wrapMode: Text.Wrap
                text: root.detail

                Rectangle {
                    visible: root.isMarked
                    y: 6
                    width: 5
                    height: 5
                    radius: 2.5
                    color: Theme.measured
                }
            }
        }
        Row {
            id: controlRow
            spacing: 8
        }
    }
}

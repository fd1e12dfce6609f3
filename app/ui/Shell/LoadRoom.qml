import QtQuick
import QtQuick.Layouts
import Sotto.Components
import Sotto.Theme

// One device's memory with a model that is not loaded yet: its parts, what others use, and the limit.
ColumnLayout {
    id: root

    required property var room // see LoadPlanner.rooms

    readonly property string head: room.isCard ? qsTr("Graphics memory") : qsTr("Memory")
    readonly property string told: room.isOver ? qsTr("%1 of %2 that are free: %3 over").arg(Theme.format.memory(room.needed)).arg(Theme.format.memory(room.available)).arg(Theme.format.memory(room.needed - room.available)) : qsTr("%1 of %2 that are free").arg(Theme.format.memory(room.needed)).arg(Theme.format.memory(room.available))
    readonly property var parts: [{
            "name": qsTr("Other programs"),
            "value": room.others,
            "text": Theme.format.memory(room.others),
            "color": Theme.otherApps
        }, {
            "name": qsTr("Weights"),
            "value": room.weights,
            "text": Theme.format.memory(room.weights),
            "color": Theme.weights
        }, {
            "name": qsTr("KV cache"),
            "value": room.kv,
            "text": Theme.format.memory(room.kv),
            "color": Theme.kv
        }, {
            "name": qsTr("Scratch"),
            "value": room.scratch,
            "text": Theme.format.memory(room.scratch),
            "color": Theme.scratch
        }]

    spacing: 8

    RowLayout {
        Label {
            Layout.fillWidth: true
            role: Theme.label
            color: Theme.t2
            text: root.head
        }
        Label {
            role: Theme.caption
            color: root.room.isOver ? Theme.err : Theme.t1
            text: root.told
        }
    }
    Item {
        Layout.fillWidth: true
        implicitHeight: 12
        StackBar {
            id: bar
            width: parent.width
            implicitHeight: 12
            total: root.room.limit
            name: root.head + ", " + root.told
            segments: root.parts
        }
        Rectangle {
            visible: root.room.isOver
            x: limit.x
            width: bar.width - x
            height: bar.height
            radius: Theme.radiusCell
            color: Theme.err
        }
        Rectangle {
            id: limit
            x: bar.whole > 0 ? Math.round((bar.width - width) * root.room.limit / bar.whole) : 0
            y: -3
            width: 2
            height: 18
            radius: 1
            color: Theme.limit
        }
    }
    StackLegend {
        Layout.fillWidth: true
        segments: root.parts
    }
}

import QtQuick
import Sotto.Components
import Sotto.Theme

// What one file will take of the memory, against what there is, and how fast it will be: the bar with its
// limit, and the figures.
Item {
    id: root

    required property double weightsBytes
    required property double kvBytes
    required property double scratchBytes
    required property double neededBytes
    required property double availableBytes
    required property bool isOver
    required property bool isTight
    required property string memoryText
    required property string forecastNote
    required property bool isAtLeast
    required property double predictedSpeed
    required property double speedLimit
    required property string name

    readonly property real barWidth: Math.max(40, width - 204)
    readonly property real whole: Math.max(neededBytes, availableBytes)

    implicitHeight: 20

    StackBar {
        id: bar
        anchors.verticalCenter: parent.verticalCenter
        width: root.barWidth
        implicitHeight: 8
        total: root.whole
        name: root.name
        segments: [{
                "name": qsTr("Weights"),
                "value": root.weightsBytes,
                "color": root.isOver ? Theme.err : Theme.weights
            }, {
                "name": qsTr("KV cache"),
                "value": root.kvBytes,
                "color": root.isOver ? Theme.err : Theme.kv
            }, {
                "name": qsTr("Scratch"),
                "value": root.scratchBytes,
                "color": root.isOver ? Theme.err : Theme.scratch
            }]
    }
    Rectangle {
        x: root.whole > 0 ? Math.round((bar.width - width) * root.availableBytes / root.whole) : 0
        y: bar.y - 3
        width: 2
        height: 14
        radius: 1
        color: Theme.limit
    }
    Label {
        x: bar.width + 10
        anchors.verticalCenter: parent.verticalCenter
        width: 104
        role: Theme.caption
        elide: Text.ElideRight
        color: root.isOver ? Theme.err : root.isTight ? Theme.warn : Theme.t2
        text: root.isTight ? qsTr("%1, tight").arg(root.memoryText) : root.memoryText
        Accessible.ignored: true

        HoverTip {
            isFocusable: false
            title: root.memoryText
            text: root.forecastNote
        }
    }
    Row {
        x: bar.width + 116
        anchors.verticalCenter: parent.verticalCenter
        spacing: 6
        Label {
            visible: root.predictedSpeed > 0
            role: Theme.caption
            text: root.isAtLeast ? qsTr("at least %1").arg(Theme.format.speedValue(root.predictedSpeed)) : Theme.format.prediction(root.predictedSpeed)
            Accessible.ignored: true
        }
        Label {
            visible: root.speedLimit > 0 && !root.isAtLeast
            role: Theme.caption
            color: root.predictedSpeed > 0 ? Theme.t3 : Theme.limit
            text: root.predictedSpeed > 0 ? qsTr("of %1").arg(Theme.format.speedValue(root.speedLimit)) : qsTr("limit %1").arg(Theme.format.speedValue(root.speedLimit))
            Accessible.ignored: true
        }
    }
}

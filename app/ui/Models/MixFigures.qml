import QtQuick
import Sotto.Components
import Sotto.Theme

// The figures of a mix that are drawn: memory against what there is, speed against its limit, and the
// expected divergence on a logarithmic scale.
Item {
    id: root

    required property MixColumns columns
    required property bool hasForecast
    required property double weightsBytes
    required property double kvBytes
    required property double scratchBytes
    required property double memoryScale
    required property double availableBytes
    required property bool isOver
    required property bool isTight
    required property string memoryText
    required property string forecastNote
    required property double predictedSpeed
    required property bool isAtLeast
    required property double speedLimit
    required property double speedShare
    required property double limitShare
    required property double divergence
    required property double divergenceShare
    required property bool isDivergenceMeasured
    required property double measuredSpeed
    required property string spokenText
    required property bool isChosen

    readonly property bool isSpeedMeasured: measuredSpeed > 0
    readonly property bool hasSpeed: isSpeedMeasured || predictedSpeed > 0
    // Of its own limit, where there is one.
    readonly property real speedOfLimit: !hasSpeed ? -1 : speedMeter.hasLimit ? Math.min(1, speedShare / limitShare) : 1

    StackBar {
        id: bar
        x: root.columns.memory
        anchors.verticalCenter: parent.verticalCenter
        width: root.columns.memoryWidth
        implicitHeight: 8
        visible: root.hasForecast
        total: root.memoryScale
        name: root.memoryText
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
        Rectangle {
            x: root.memoryScale > 0 ? Math.round((bar.width - width) * root.availableBytes / root.memoryScale) : 0
            y: -3
            width: 2
            height: 14
            radius: 1
            visible: root.availableBytes <= root.memoryScale
            color: Theme.limit
        }
    }
    Label {
        x: root.columns.memoryText
        anchors.verticalCenter: parent.verticalCenter
        width: root.columns.speed - x - 6
        visible: root.hasForecast
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
    Rectangle {
        x: root.columns.speed
        anchors.verticalCenter: parent.verticalCenter
        width: root.columns.speedWidth
        height: 8
        radius: 4
        visible: root.hasSpeed || root.speedLimit > 0
        color: Theme.free
        Meter {
            id: speedMeter
            width: Math.max(8, Math.round(parent.width * (hasLimit ? root.limitShare : root.speedShare)))
            hasLimit: root.limitShare > 0 && !root.isAtLeast
            value: root.isSpeedMeasured ? root.speedOfLimit : -1
            predicted: root.isSpeedMeasured ? -1 : root.speedOfLimit
            name: root.spokenText
        }
    }
    Row {
        x: root.columns.speedText
        anchors.verticalCenter: parent.verticalCenter
        spacing: 5
        Label {
            visible: root.hasSpeed
            role: Theme.caption
            text: root.isSpeedMeasured ? Theme.format.speedValue(root.measuredSpeed) : root.isAtLeast ? qsTr("at least %1").arg(Theme.format.speedValue(root.predictedSpeed)) : Theme.format.prediction(root.predictedSpeed)
            Accessible.ignored: true
        }
        Label {
            visible: root.speedLimit > 0 && !root.isAtLeast
            role: Theme.caption
            color: root.hasSpeed ? Theme.t3 : Theme.limit
            text: root.hasSpeed ? qsTr("of %1").arg(Theme.format.speedValue(root.speedLimit)) : qsTr("limit %1").arg(Theme.format.speedValue(root.speedLimit))
            Accessible.ignored: true
        }
        Label {
            visible: !root.hasSpeed && root.speedLimit <= 0
            role: Theme.caption
            color: Theme.t3
            text: "–"
            Accessible.ignored: true
        }
    }
    Rectangle {
        id: scale
        x: root.columns.quality
        anchors.verticalCenter: parent.verticalCenter
        width: root.columns.qualityWidth
        height: 1
        visible: root.divergence > 0
        color: Theme.line2
        Rectangle {
            x: Math.round((scale.width - width) * root.divergenceShare)
            y: -4
            width: 9
            height: 9
            radius: 4.5
            color: root.isDivergenceMeasured ? Theme.diff : root.isChosen ? Theme.measuredDim : Theme.bg2
            border.width: 1.5
            border.color: Theme.diff
        }
    }
    Label {
        x: root.columns.qualityText
        anchors.verticalCenter: parent.verticalCenter
        role: Theme.caption
        color: root.divergence > 0 ? Theme.t1 : Theme.t3
        text: root.divergence <= 0 ? "–" : root.isDivergenceMeasured ? Theme.format.divergence(root.divergence) : "≈ " + Theme.format.divergence(root.divergence)
        Accessible.ignored: true
        HoverTip {
            isFocusable: false
            title: root.isDivergenceMeasured ? qsTr("Measured") : ""
            text: root.isDivergenceMeasured ? qsTr("Nats per token from the source, on the built-in text, by a comparison that was kept.") : ""
        }
    }
}

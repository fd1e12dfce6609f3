pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components
import Sotto.Theme

// What the engine measures, from effect to cause: speed, latency, bandwidth, memory, KV blocks.
Rectangle {
    id: root

    required property LiveStats live

    readonly property bool hasBandwidthLimit: live.bandwidth > 0 && live.bandwidthLimit > 0
    readonly property string bandwidthSentence: hasBandwidthLimit ? qsTr("Memory bandwidth, %1 of %2 gigabytes per second, %3.").arg(Theme.format.bandwidthValue(live.bandwidth)).arg(Theme.format.bandwidthValue(live.bandwidthLimit)).arg(Theme.format.percent(live.bandwidth / live.bandwidthLimit)) : live.bandwidth > 0 ? qsTr("Read for the tokens, %1 gigabytes per second.").arg(Theme.format.bandwidthValue(live.bandwidth)) : qsTr("Memory bandwidth: not measured yet.")

    signal closeRequested

    implicitWidth: 320
    color: Theme.bg1
    Accessible.role: Accessible.Pane
    Accessible.name: qsTr("Live numbers")

    Rectangle {
        width: 1
        height: parent.height
        color: Theme.line
        z: 1
    }
    Label {
        x: 20
        y: 16
        role: Theme.h2
        text: qsTr("Live")
    }
    IconButton {
        anchors.right: parent.right
        anchors.rightMargin: 10
        y: 10
        isLarge: true
        iconName: "panel-right-close"
        text: qsTr("Close the live panel")
        keys: "Ctrl+J"
        onClicked: root.closeRequested()
    }
    Flickable {
        id: flick
        y: 52
        width: parent.width
        height: parent.height - y
        contentHeight: column.height
        clip: contentHeight > height
        boundsBehavior: Flickable.StopAtBounds
        T.ScrollBar.vertical: ScrollBar {
        }

        Column {
            id: column
            width: flick.width

            LiveSection {
                width: parent.width
                hasLine: false
                LiveSpeed {
                    width: parent.width
                    live: root.live
                }
            }
            LiveSection {
                width: parent.width
                Row {
                    width: parent.width
                    spacing: 8
                    LiveFigure {
                        width: (parent.width - 16) / 3
                        name: qsTr("TTFT")
                        value: root.live.ttftMs > 0 ? Theme.format.latencyValue(root.live.ttftMs) : ""
                        unit: Theme.format.latencyUnit(root.live.ttftMs)
                        provenance: qsTr("Time to first token: from sending to the first token of this answer, or of the last one.")
                    }
                    LiveFigure {
                        width: (parent.width - 16) / 3
                        name: qsTr("TPOT p50")
                        value: root.live.tpotP50Ms > 0 ? Theme.format.latencyValue(root.live.tpotP50Ms) : ""
                        unit: Theme.format.latencyUnit(root.live.tpotP50Ms)
                        provenance: qsTr("Time per output token, the middle one of %1 tokens of this answer, or of the last one.", "", root.live.sampleCount).arg(Theme.format.count(root.live.sampleCount))
                    }
                    LiveFigure {
                        width: (parent.width - 16) / 3
                        name: qsTr("TPOT p95")
                        value: root.live.tpotP95Ms > 0 ? Theme.format.latencyValue(root.live.tpotP95Ms) : ""
                        unit: Theme.format.latencyUnit(root.live.tpotP95Ms)
                        provenance: qsTr("Time per output token that 95 of 100 stay below, from %1 tokens of this answer, or of the last one. It needs 20.", "", root.live.sampleCount).arg(Theme.format.count(root.live.sampleCount))
                    }
                }
                Label {
                    visible: root.live.sampleCount > 0
                    topPadding: 4
                    role: Theme.micro
                    color: Theme.t3
                    text: qsTr("from %1 tokens", "", root.live.sampleCount).arg(Theme.format.count(root.live.sampleCount))
                }
            }
            LiveSection {
                width: parent.width
                name: qsTr("Memory bandwidth")
                value: root.live.bandwidth > 0 ? root.live.bandwidthLimit > 0 ? Theme.format.bandwidthValue(root.live.bandwidth) : Theme.format.bandwidth(root.live.bandwidth) : "–"
                limitText: root.live.bandwidthLimit > 0 ? qsTr("of %1").arg(Theme.format.bandwidth(root.live.bandwidthLimit)) : ""

                Meter {
                    width: parent.width
                    value: root.hasBandwidthLimit ? root.live.bandwidth / root.live.bandwidthLimit : -1
                    hasLimit: root.live.bandwidthLimit > 0
                    name: root.bandwidthSentence

                    HoverTip {
                        title: root.bandwidthSentence
                        text: root.hasBandwidthLimit || root.live.bandwidth <= 0 ? qsTr("Bytes read per token over the time of a step, against the measured read bandwidth of this computer. Its measured copy bandwidth is %1.").arg(Theme.format.bandwidth(root.live.copyBandwidth)) : qsTr("Bytes read per token over the time of a step. The model is so small that it stays in the processor's cache, so the memory is no limit for it.")
                    }
                }
                Item {
                    width: parent.width
                    height: 23
                    Label {
                        y: 7
                        role: Theme.micro
                        color: Theme.t3
                        text: root.hasBandwidthLimit ? qsTr("MBU %1").arg(Theme.format.percent(root.live.bandwidth / root.live.bandwidthLimit)) : qsTr("MBU –")
                    }
                    Label {
                        anchors.right: parent.right
                        y: 7
                        role: Theme.micro
                        color: Theme.t3
                        visible: root.live.bandwidthLimit > 0 || root.live.specBandwidth > 0
                        text: root.live.specBandwidth > 0 ? qsTr("data sheet: %1").arg(Theme.format.bandwidth(root.live.specBandwidth)) : qsTr("limit: measured reading speed")
                    }
                }
            }
            LiveMemory {
                width: parent.width
                live: root.live
            }
            LiveKv {
                width: parent.width
                live: root.live
            }
            LiveCard {
                width: parent.width
                live: root.live
            }
        }
    }
}

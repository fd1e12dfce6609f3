import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// This computer in three figures: processor, memory, and the bandwidth that limits how fast it writes.
Card {
    id: root

    required property AppFacade app
    readonly property LiveStats live: app.live
    // The figures below the bar are of the memory that the model lies in; before one is loaded, of the device it will go to.
    readonly property bool isCardMemory: live.memoryTotal > 0 ? live.isCardMemory : app.models.isOnCard
    readonly property double memoryTotal: live.memoryTotal > 0 ? live.memoryTotal : app.models.memoryTotal
    readonly property bool isBandwidthKnown: app.models.readBandwidth > 0 && !app.models.isMeasuring
    readonly property string bandwidthText: Theme.format.bandwidth(app.models.readBandwidth)

    implicitHeight: row.implicitHeight + 32
    Accessible.role: Accessible.Grouping
    Accessible.name: qsTr("This computer")

    RowLayout {
        id: row
        anchors.fill: parent
        anchors.margins: 16
        anchors.leftMargin: 24
        anchors.rightMargin: 24
        spacing: 24

        ColumnLayout {
            Layout.fillWidth: true
            Layout.preferredWidth: 1
            Layout.alignment: Qt.AlignTop
            spacing: 4
            RowLayout {
                spacing: 8
                Icon {
                    name: "cpu"
                    color: Theme.measured
                }
                Label {
                    Layout.fillWidth: true
                    role: Theme.h3
                    elide: Text.ElideRight
                    text: root.app.models.deviceName
                }
            }
            Label {
                Layout.fillWidth: true
                role: Theme.caption
                color: Theme.t3
                wrapMode: Text.Wrap
                text: root.app.models.deviceDetail
            }
            Label {
                Layout.fillWidth: true
                visible: text.length > 0
                role: Theme.caption
                color: Theme.warn
                wrapMode: Text.Wrap
                text: root.app.models.deviceProblem
            }
        }
        Divider {
            Layout.fillHeight: true
        }
        ColumnLayout {
            Layout.fillWidth: true
            Layout.preferredWidth: 1
            Layout.alignment: Qt.AlignTop
            spacing: 8
            RowLayout {
                Label {
                    Layout.fillWidth: true
                    role: Theme.label
                    color: Theme.t2
                    text: root.isCardMemory ? qsTr("Graphics memory") : qsTr("Memory")
                }
                Label {
                    role: Theme.caption
                    color: Theme.limit
                    text: Theme.format.memory(root.memoryTotal)
                }
            }
            StackBar {
                id: memory
                Layout.fillWidth: true
                implicitHeight: 8
                name: (root.isCardMemory ? qsTr("Memory of the graphics card, %1 used by Sotto, %2 by other programs, %3 free") : qsTr("Memory of this computer, %1 used by Sotto, %2 by other programs, %3 free")).arg(Theme.format.memory(own)).arg(Theme.format.memory(root.live.memoryOther)).arg(Theme.format.memory(root.live.memoryFree))
                total: root.live.memoryTotal

                readonly property double own: root.live.memoryWeights + root.live.memoryKv + root.live.memoryScratch

                segments: [{
                        "name": qsTr("Other programs"),
                        "value": root.live.memoryOther,
                        "color": Theme.otherApps
                    }, {
                        "name": "Sotto",
                        "value": own,
                        "color": Theme.weights
                    }]
            }
            Label {
                Layout.fillWidth: true
                role: Theme.micro
                color: Theme.t3
                elide: Text.ElideRight
                text: root.live.memoryTotal > 0 ? qsTr("%1 free").arg(Theme.format.memory(root.live.memoryFree)) : ""
            }
        }
        Divider {
            Layout.fillHeight: true
        }
        ColumnLayout {
            Layout.fillWidth: true
            Layout.preferredWidth: 1
            Layout.alignment: Qt.AlignTop
            spacing: 8
            RowLayout {
                Label {
                    Layout.fillWidth: true
                    role: Theme.label
                    color: Theme.t2
                    text: qsTr("Read bandwidth")
                }
                Label {
                    role: Theme.caption
                    text: root.isBandwidthKnown ? root.bandwidthText : qsTr("being measured")
                }
            }
            Meter {
                Layout.fillWidth: true
                hasLimit: false
                name: !root.isBandwidthKnown ? qsTr("Read bandwidth, being measured") : root.app.models.isBandwidthMeasured ? qsTr("Read bandwidth, %1, measured on this computer").arg(root.bandwidthText) : qsTr("Read bandwidth, %1 by the card's data sheet").arg(root.bandwidthText)
                value: root.app.models.isBandwidthMeasured ? 1 : -1
            }
            Label {
                Layout.fillWidth: true
                role: Theme.micro
                color: Theme.t3
                elide: Text.ElideRight
                text: root.isBandwidthKnown && !root.app.models.isBandwidthMeasured ? qsTr("by the data sheet, not measured yet") : qsTr("measured here, limits how fast it writes")
            }
            Label {
                objectName: "forecastError"
                Layout.fillWidth: true
                visible: root.app.speeds.modelCount > 0
                role: Theme.micro
                color: Theme.t3
                elide: Text.ElideRight
                text: qsTr("forecasts were off by ± %1 over %n model(s)", "", root.app.speeds.modelCount).arg(Theme.format.percent(root.app.speeds.errorShare))
            }
        }
    }
}

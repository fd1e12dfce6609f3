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
                    text: qsTr("Memory")
                }
                Label {
                    role: Theme.caption
                    color: Theme.limit
                    text: Theme.format.memory(root.app.models.memoryTotal) // qmllint disable type
                }
            }
            StackBar {
                id: memory
                Layout.fillWidth: true
                implicitHeight: 8
                name: qsTr("Memory of this computer, %1 used by Sotto, %2 by other programs, %3 free").arg(Theme.format.memory(own)).arg(Theme.format.memory(root.live.memoryOther)).arg(Theme.format.memory(root.live.memoryFree))
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
                text: qsTr("%1 free").arg(Theme.format.memory(root.live.memoryFree))
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
                    text: root.app.models.readBandwidth > 0 ? Theme.format.bandwidth(root.app.models.readBandwidth) : qsTr("being measured")
                }
            }
            Meter {
                Layout.fillWidth: true
                hasLimit: false
                name: root.app.models.readBandwidth > 0 ? qsTr("Read bandwidth, %1, measured on this computer").arg(Theme.format.bandwidth(root.app.models.readBandwidth)) : qsTr("Read bandwidth, being measured")
                value: root.app.models.readBandwidth > 0 ? 1 : -1
            }
            Label {
                Layout.fillWidth: true
                role: Theme.micro
                color: Theme.t3
                elide: Text.ElideRight
                text: qsTr("measured here, limits how fast it writes")
            }
        }
    }
}

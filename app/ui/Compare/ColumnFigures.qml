import QtQuick
import QtQuick.Layouts
import Sotto.Components
import Sotto.Theme

// The measured figures of a column: its speed against what the memory allows, and what it takes of it.
ColumnLayout {
    id: root

    required property double speed
    required property double speedLimit
    required property double mbu
    required property double bandwidth
    required property double memoryBytes
    required property bool isOnCard
    required property string detail

    readonly property bool hasSpeed: speed > 0
    readonly property double share: speedLimit > 0 ? speed / speedLimit : mbu

    function speedSentence(): string {
        const value = Theme.format.speedValue(speed);
        if (!hasSpeed)
            return qsTr("Speed, not measured yet");
        return speedLimit > 0 ? qsTr("Speed, %1 of %2 tokens per second").arg(value).arg(Theme.format.speedValue(speedLimit)) : qsTr("Speed, %1 tokens per second").arg(value);
    }

    spacing: 4

    RowLayout {
        Layout.fillWidth: true
        spacing: 16

        Row {
            spacing: 6
            Label {
                id: figure
                objectName: "columnSpeed"
                role: Theme.big
                color: root.hasSpeed ? Theme.t1 : Theme.t3
                text: Theme.format.speedValue(root.speed)
            }
            Label {
                anchors.baseline: figure.baseline
                color: Theme.t2
                text: qsTr("tok/s")
            }
        }
        ColumnLayout {
            Layout.fillWidth: true
            spacing: 4
            RowLayout {
                Layout.fillWidth: true
                spacing: 4
                Label {
                    visible: root.mbu > 0
                    role: Theme.micro
                    text: qsTr("MBU %1").arg(Theme.format.percent(root.mbu))
                }
                Label {
                    Layout.fillWidth: true
                    role: Theme.micro
                    color: Theme.t3
                    elide: Text.ElideRight
                    text: root.bandwidth > 0 ? Theme.format.bandwidth(root.bandwidth) : ""
                }
                Label {
                    visible: root.speedLimit > 0
                    role: Theme.micro
                    color: Theme.limit
                    text: qsTr("limit %1").arg(Theme.format.speedValue(root.speedLimit))
                }
            }
            Meter {
                objectName: "columnMeter"
                Layout.fillWidth: true
                thickness: 6
                hasLimit: root.speedLimit > 0
                value: root.hasSpeed && root.share > 0 ? root.share : -1
                name: root.speedSentence()
                HoverTip {
                    title: qsTr("Speed of writing")
                    text: qsTr("Tokens after the first over the time they took, of this column alone. The limit is what this device's memory gives out, by the bytes that each token reads.")
                }
            }
        }
        ColumnLayout {
            visible: root.memoryBytes > 0
            spacing: 0
            Label {
                Layout.alignment: Qt.AlignRight
                role: Theme.micro
                color: Theme.t3
                text: root.isOnCard ? qsTr("VRAM") : qsTr("Memory")
            }
            Label {
                Layout.alignment: Qt.AlignRight
                role: Theme.label
                text: Theme.format.memory(root.memoryBytes)
            }
        }
    }
    Label {
        Layout.fillWidth: true
        role: Theme.micro
        color: Theme.t3
        elide: Text.ElideRight
        text: root.detail
    }
}

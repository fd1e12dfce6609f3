pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// What the models lose against the reference on a text: in plain words, and in the figures of the field.
Card {
    id: root

    required property TextMeasurement measurement

    readonly property bool isRunning: measurement.state === TextMeasurement.Running
    readonly property var heads: [qsTr("Format"), qsTr("Size"), qsTr("Same next word"), qsTr("KL mean"), qsTr("KL p99"), qsTr("Perplexity"), qsTr("tok/s")]

    component Cell: Label {
        role: Theme.caption
        horizontalAlignment: Text.AlignRight
        Layout.fillWidth: true
        Layout.preferredWidth: 1
        elide: Text.ElideRight
    }

    implicitHeight: column.implicitHeight + 20

    ColumnLayout {
        id: column
        anchors.fill: parent
        anchors.leftMargin: 20
        anchors.rightMargin: 20
        anchors.topMargin: 10
        anchors.bottomMargin: 10
        spacing: 4

        RowLayout {
            Layout.fillWidth: true
            spacing: 10
            Label {
                role: Theme.h3
                text: qsTr("Against %1").arg(root.measurement.reference)
            }
            Label {
                Layout.fillWidth: true
                role: Theme.caption
                color: Theme.t3
                elide: Text.ElideRight
                text: root.isRunning ? root.measurement.progressText : root.measurement.problem.length > 0 ? root.measurement.problem : root.measurement.subject
            }
            LossSource {
                measurement: root.measurement
                enabled: !root.isRunning
            }
            Button {
                objectName: "measureLoss"
                isSmall: true
                kind: Button.Quiet
                enabled: root.isRunning || root.measurement.canMeasure
                iconName: root.isRunning ? "x" : "rotate-ccw"
                text: root.isRunning ? qsTr("Stop") : root.measurement.state === TextMeasurement.Done ? qsTr("Measure again") : qsTr("Measure")
                onClicked: root.isRunning ? root.measurement.stop() : root.measurement.measure()
            }
        }
        Meter {
            Layout.fillWidth: true
            visible: root.isRunning
            thickness: 4
            hasLimit: false
            value: root.measurement.share
            name: root.measurement.progressText
        }
        Label {
            Layout.fillWidth: true
            visible: text.length > 0
            color: Theme.t2
            wrapMode: Text.Wrap
            text: root.measurement.summary
        }
        RowLayout {
            Layout.fillWidth: true
            Repeater {
                model: root.heads
                delegate: Cell {
                    required property string modelData
                    required property int index
                    color: Theme.t3
                    horizontalAlignment: index === 0 ? Text.AlignLeft : Text.AlignRight
                    text: modelData
                }
            }
        }
        Repeater {
            model: root.measurement
            delegate: ColumnLayout {
                id: row
                required property string label
                required property double fileBytes
                required property string agreement
                required property string klMean
                required property string klP99
                required property string perplexity
                required property double speed

                Layout.fillWidth: true
                spacing: 4
                Divider {
                    Layout.fillWidth: true
                }
                RowLayout {
                    Cell {
                        role: Theme.codeSmall
                        horizontalAlignment: Text.AlignLeft
                        text: row.label
                    }
                    Cell {
                        text: Theme.format.fileSize(row.fileBytes)
                    }
                    Cell {
                        text: row.agreement
                    }
                    Cell {
                        text: row.klMean
                    }
                    Cell {
                        text: row.klP99
                    }
                    Cell {
                        text: row.perplexity
                    }
                    Cell {
                        text: Theme.format.speedValue(row.speed)
                    }
                }
            }
        }
        Item {
            Layout.fillHeight: true
        }
    }
}

import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// Size against loss: what each model's file takes and what it loses against the reference.
Card {
    id: root

    required property TextMeasurement measurement

    ColumnLayout {
        anchors.fill: parent
        anchors.leftMargin: 20
        anchors.rightMargin: 20
        anchors.topMargin: 14
        anchors.bottomMargin: 10
        spacing: 6

        RowLayout {
            Layout.fillWidth: true
            Label {
                role: Theme.h3
                text: qsTr("Size against loss")
            }
            Label {
                Layout.fillWidth: true
                horizontalAlignment: Text.AlignRight
                role: Theme.caption
                color: Theme.t3
                elide: Text.ElideRight
                text: qsTr("mean KL from %1, over file size in GB").arg(root.measurement.reference)
            }
        }
        LossChart {
            Layout.fillWidth: true
            Layout.fillHeight: true
            points: root.measurement.points
            line: Theme.line
            text: Theme.t3
            mark: Theme.measured
            referenceMark: Theme.t1
            font: Theme.micro.font
            Accessible.role: Accessible.Graphic
            Accessible.name: qsTr("Size against loss")
            Accessible.description: root.measurement.summary
        }
    }
}

import QtQuick
import QtQuick.Layouts
import Sotto.App

// What the models lose against the reference: the chart once something was measured, and the table.
GridLayout {
    id: root

    required property TextMeasurement measurement

    readonly property bool hasChart: measurement.state === TextMeasurement.Done

    columns: width < 1000 ? 1 : 2
    columnSpacing: 16
    rowSpacing: 16

    LossPanel {
        Layout.preferredWidth: 480
        Layout.fillWidth: root.columns === 1
        implicitHeight: 260
        visible: root.hasChart
        measurement: root.measurement
    }
    LossTable {
        Layout.fillWidth: true
        Layout.fillHeight: root.hasChart && root.columns === 2
        measurement: root.measurement
    }
}

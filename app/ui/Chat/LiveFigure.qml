import QtQuick
import Sotto.Components
import Sotto.Theme

// A named figure with its unit, and where it comes from: "TTFT / 38 ms". Empty value: not measured yet.
Item {
    id: root

    property string name
    property string value
    property string unit
    property string note
    property string provenance

    implicitHeight: 36
    implicitWidth: 88

    Label {
        role: Theme.caption
        color: Theme.t3
        text: root.name
    }
    Row {
        y: 16
        spacing: 2
        Label {
            role: Theme.figure
            text: root.value.length > 0 ? root.value : "–"
        }
        Label {
            y: 3
            visible: root.value.length > 0
            role: Theme.caption
            color: Theme.t3
            text: root.unit
        }
    }
    HoverTip {
        title: root.value.length > 0 ? qsTr("%1: %2 %3").arg(root.name).arg(root.value).arg(root.unit) : qsTr("%1: not measured yet").arg(root.name)
        text: root.provenance
    }
}

pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// What comes of a load before it begins: the memory that it takes of each device, its speed, and where it does
// not go as it was asked for, why and what would help.
ColumnLayout {
    id: root

    required property LoadPlanner planner

    readonly property bool isRefused: planner.problem.length > 0

    spacing: 16

    Repeater {
        model: root.planner.rooms
        delegate: LoadRoom {
            required property var modelData
            Layout.fillWidth: true
            room: modelData
        }
    }
    RowLayout {
        Layout.fillWidth: true
        visible: !root.isRefused
        Label {
            Layout.fillWidth: true
            role: Theme.label
            color: Theme.t2
            text: qsTr("Predicted speed")
        }
        Label {
            objectName: "loadSpeed"
            role: Theme.caption
            text: root.planner.predictedSpeed > 0 ? qsTr("%1 tok/s").arg(Theme.format.prediction(root.planner.predictedSpeed)) : "–"
            HoverTip {
                isFocusable: false
                title: qsTr("Predicted, not measured")
                text: root.planner.speedNote
            }
        }
    }
    Notice {
        objectName: "loadProblem"
        Layout.fillWidth: true
        visible: text.length > 0
        iconName: "triangle-alert"
        iconColor: root.isRefused ? Theme.err : Theme.warn
        text: root.isRefused ? root.planner.problem : root.planner.note
    }
    Label {
        visible: root.planner.remedies.length > 0
        role: Theme.label
        color: Theme.t2
        text: qsTr("What would help")
    }
    Repeater {
        model: root.planner.remedies
        delegate: RowLayout {
            id: remedy
            required property var modelData
            Layout.fillWidth: true
            Layout.topMargin: -8
            spacing: 12
            Button {
                objectName: "loadRemedy"
                isSmall: true
                text: remedy.modelData.text
                Accessible.description: remedy.modelData.detail
                onClicked: root.planner.useRemedy(remedy.modelData.value)
            }
            Label {
                Layout.fillWidth: true
                role: Theme.caption
                color: Theme.t3
                elide: Text.ElideRight
                text: remedy.modelData.detail
            }
        }
    }
}

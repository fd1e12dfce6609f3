pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components
import Sotto.Theme

// Loads a model with parameters of one's choice: what it would take of the memory, and how fast it would be,
// before it is loaded.
Dialog {
    id: root

    required property AppFacade app

    readonly property LoadPlanner planner: app.loadPlanner
    property int opened: 0 // which opening of the planner is this dialog's

    function openFor(path: string): void {
        opened = planner.open(path);
        keep.checked = false;
        open();
        context.forceActiveFocus(Qt.TabFocusReason);
    }

    width: Math.min(640, parent ? parent.width - 48 : 640)
    title: qsTr("Load “%1”").arg(planner.name)
    canAccept: planner.canLoad
    onAccepted: planner.load(keep.checked)
    onClosed: planner.close(opened)

    Flickable {
        id: flickable
        width: parent ? parent.width : 0
        height: parent ? parent.height : 0
        implicitHeight: column.implicitHeight
        contentHeight: column.implicitHeight
        clip: contentHeight > height
        boundsBehavior: Flickable.StopAtBounds
        T.ScrollBar.vertical: ScrollBar {
        }

        ColumnLayout {
            id: column
            width: flickable.width
            spacing: 0

            SettingRow {
                isFirst: true
                title: qsTr("Context")
                detail: root.planner.plannedContext > 0 ? Theme.format.tokens(root.planner.plannedContext) : ""
                Select {
                    id: context
                    objectName: "loadContext"
                    implicitWidth: 168
                    name: qsTr("Context")
                    model: root.planner.contextChoices
                    chosenValue: root.planner.contextTokens
                    onActivated: root.planner.contextTokens = currentValue
                }
            }
            SettingRow {
                title: qsTr("Device")
                Select {
                    objectName: "loadDevice"
                    implicitWidth: 168
                    name: qsTr("Device")
                    model: root.planner.deviceChoices
                    chosenValue: root.planner.device
                    onActivated: root.planner.device = currentValue
                }
            }
            SettingRow {
                visible: root.planner.hasCard
                title: qsTr("Layers on the graphics card")
                detail: root.planner.areLayersAutomatic ? qsTr("%1 of %2, as many as fit").arg(root.planner.cardLayers).arg(root.planner.layerCount) : qsTr("%1 of %2").arg(root.planner.cardLayers).arg(root.planner.layerCount)
                Button {
                    objectName: "automaticLayers"
                    visible: !root.planner.areLayersAutomatic
                    isSmall: true
                    kind: Button.Quiet
                    text: qsTr("Automatic")
                    onClicked: root.planner.useAutomaticLayers()
                }
                Slider {
                    objectName: "loadLayers"
                    implicitWidth: 168
                    name: qsTr("Layers on the graphics card")
                    from: 0
                    to: Math.max(1, root.planner.layerCount)
                    stepSize: 1
                    value: root.planner.cardLayers
                    onMoved: root.planner.cardLayers = Math.round(value)
                }
            }
            SettingRow {
                title: qsTr("KV cache")
                Select {
                    objectName: "loadKvType"
                    implicitWidth: 168
                    name: qsTr("KV cache")
                    model: root.app.settings.kvTypeChoices
                    chosenValue: root.planner.kvType
                    onActivated: root.planner.kvType = currentValue
                }
            }
            Divider {
                Layout.fillWidth: true
            }
            Repeater {
                model: root.planner.rooms
                delegate: LoadRoom {
                    required property var modelData
                    Layout.fillWidth: true
                    Layout.topMargin: 14
                    room: modelData
                }
            }
            RowLayout {
                Layout.fillWidth: true
                Layout.topMargin: 14
                visible: root.planner.predictedSpeed > 0
                Label {
                    Layout.fillWidth: true
                    role: Theme.caption
                    color: Theme.t3
                    text: qsTr("Predicted speed")
                }
                Label {
                    objectName: "loadSpeed"
                    role: Theme.caption
                    text: qsTr("%1 tok/s").arg(Theme.format.prediction(root.planner.predictedSpeed))
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
                Layout.topMargin: 14
                visible: text.length > 0
                iconName: "triangle-alert"
                iconColor: root.planner.problem.length > 0 ? Theme.err : Theme.warn
                text: root.planner.problem.length > 0 ? root.planner.problem : root.planner.note
            }
            SettingRow {
                Layout.topMargin: 6
                isFirst: true
                title: qsTr("Keep as this model's defaults")
                detail: root.planner.hasDefaults ? qsTr("It has parameters of its own.") : ""
                Button {
                    objectName: "resetLoad"
                    visible: root.planner.hasDefaults
                    isSmall: true
                    kind: Button.Quiet
                    text: qsTr("Reset")
                    onClicked: {
                        keep.checked = false;
                        root.planner.resetDefaults();
                    }
                }
                Switch {
                    id: keep
                    objectName: "keepLoad"
                    text: qsTr("Keep as this model's defaults")
                }
            }
        }
    }
    buttons: [
        Button {
            text: qsTr("Cancel")
            onClicked: root.reject()
        },
        Button {
            objectName: "loadWith"
            kind: Button.Primary
            enabled: root.canAccept
            text: qsTr("Load")
            onClicked: root.accept()
        }
    ]
}

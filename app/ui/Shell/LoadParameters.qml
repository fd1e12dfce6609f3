import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// The parameters of a load, and whether they become the model's own.
ColumnLayout {
    id: root

    required property LoadPlanner planner
    readonly property alias isKept: keep.checked

    signal accepted // by Enter

    function begin(): void {
        keep.checked = false;
        context.forceActiveFocus(Qt.TabFocusReason);
    }

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
            onEntered: root.accepted()
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
            onEntered: root.accepted()
        }
    }
    SettingRow {
        visible: root.planner.hasCard
        title: qsTr("Layers on the graphics card")
        detail: root.planner.areLayersAutomatic ? qsTr("%1 of %2, as many as fit").arg(root.planner.cardLayers).arg(root.planner.layerCount) : qsTr("%1 of %2").arg(root.planner.cardLayers).arg(root.planner.layerCount)
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
    Button {
        objectName: "automaticLayers"
        Layout.alignment: Qt.AlignRight
        Layout.bottomMargin: 8
        visible: root.planner.hasCard && !root.planner.areLayersAutomatic
        isSmall: true
        kind: Button.Quiet
        text: qsTr("As many as fit")
        onClicked: root.planner.useAutomaticLayers()
    }
    SettingRow {
        title: qsTr("KV cache")
        detail: root.planner.kvTypeDetail
        Select {
            objectName: "loadKvType"
            implicitWidth: 168
            name: qsTr("KV cache")
            model: root.planner.kvTypeChoices
            chosenValue: root.planner.kvType
            onActivated: root.planner.kvType = currentValue
            onEntered: root.accepted()
        }
    }
    SettingRow {
        title: qsTr("Keep as this model's defaults")
        detail: root.planner.hasDefaults ? qsTr("It has parameters of its own.") : ""
        Switch {
            id: keep
            objectName: "keepLoad"
            text: qsTr("Keep as this model's defaults")
        }
    }
    Button {
        objectName: "resetLoad"
        Layout.alignment: Qt.AlignRight
        visible: root.planner.hasDefaults
        isSmall: true
        kind: Button.Quiet
        iconName: "rotate-ccw"
        text: qsTr("Forget them")
        onClicked: {
            keep.checked = false;
            root.planner.resetDefaults();
        }
    }
}

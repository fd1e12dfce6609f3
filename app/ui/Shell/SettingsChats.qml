pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components

// Defaults for all chats: system prompt and sampling. A chat may override each of them.
SettingGroup {
    id: root

    required property SettingsController settings

    title: qsTr("Defaults for chats")

    ColumnLayout {
        Layout.fillWidth: true
        Layout.topMargin: 10
        Layout.bottomMargin: 12
        spacing: 8
        Label {
            text: qsTr("System prompt")
        }
        TextArea {
            id: prompt
            objectName: "systemPrompt"
            Layout.fillWidth: true
            name: qsTr("System prompt")
            placeholderText: qsTr("Empty: the model's own behaviour")
            text: root.settings.systemPrompt
            // At once: a window that is closed ends no editing.
            onTextChanged: root.settings.systemPrompt = text
        }
    }
    Repeater {
        model: root.settings.sampling
        delegate: DefaultSamplingRow {
            model: root.settings.sampling
        }
    }
    SettingRow {
        title: qsTr("All sampling settings")
        Button {
            isSmall: true
            enabled: root.settings.sampling.isModified
            text: qsTr("Reset all")
            onClicked: root.settings.sampling.resetAll()
        }
    }
    SettingRow {
        title: qsTr("Chats in the bin are deleted for good")
        detail: qsTr("Counted from the day that each was deleted.")
        Select {
            objectName: "binDays"
            implicitWidth: 196
            isSmall: true
            name: qsTr("Chats in the bin are deleted for good")
            model: root.settings.binDaysChoices
            chosenValue: root.settings.binDays
            onActivated: root.settings.binDays = currentValue
        }
    }
}

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
            onEditingFinished: root.settings.systemPrompt = text
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
}

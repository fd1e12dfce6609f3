import QtQuick
import Sotto.App
import Sotto.Components

// Language, theme, text size, motion, the Enter key.
SettingGroup {
    id: root

    required property SettingsController settings

    title: qsTr("General")

    SettingRow {
        isFirst: true
        title: qsTr("Language")
        SegmentedControl {
            objectName: "languageControl"
            isSmall: true
            name: qsTr("Language")
            model: [{
                    "text": qsTr("System"),
                    "value": "system"
                }, {
                    "text": "English",
                    "value": "en"
                }, {
                    "text": "简体中文",
                    "value": "zh_CN"
                }]
            currentValue: root.settings.language
            onActivated: value => root.settings.language = value
        }
    }
    SettingRow {
        title: qsTr("Theme")
        SegmentedControl {
            objectName: "themeControl"
            isSmall: true
            name: qsTr("Theme")
            model: [{
                    "text": qsTr("System"),
                    "value": SettingsController.System,
                    "iconName": "monitor"
                }, {
                    "text": qsTr("Dark"),
                    "value": SettingsController.Dark,
                    "iconName": "moon"
                }, {
                    "text": qsTr("Light"),
                    "value": SettingsController.Light,
                    "iconName": "sun"
                }]
            currentValue: root.settings.theme
            onActivated: value => root.settings.theme = value
        }
    }
    SettingRow {
        title: qsTr("Text size in chats")
        Select {
            isSmall: true
            name: qsTr("Text size in chats")
            model: root.settings.textSizeChoices
            chosenValue: root.settings.textSize
            onActivated: root.settings.textSize = currentValue
        }
    }
    SettingRow {
        title: qsTr("Reduce motion")
        detail: qsTr("No easing and no sliding panels; charts step.")
        Switch {
            text: qsTr("Reduce motion")
            checked: root.settings.reducedMotion
            onToggled: root.settings.reducedMotion = checked
        }
    }
    SettingRow {
        title: qsTr("Open the last chat at the start")
        detail: qsTr("Otherwise Sotto starts with a new chat. Temporary chats are never opened again.")
        Switch {
            objectName: "opensLastChat"
            text: qsTr("Open the last chat at the start")
            checked: root.settings.opensLastChat
            onToggled: root.settings.opensLastChat = checked
        }
    }
    SettingRow {
        title: qsTr("Enter sends the message")
        detail: root.settings.enterSends ? qsTr("Shift+Enter starts a new line.") : qsTr("Enter starts a new line, Ctrl+Enter sends.")
        Switch {
            text: qsTr("Enter sends the message")
            checked: root.settings.enterSends
            onToggled: root.settings.enterSends = checked
        }
    }
}

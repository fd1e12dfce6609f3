import QtQuick
import QtQuick.Layouts
import Sotto.Theme
import Sotto.Components

// Every component in every state, in the arrangement of shared/design/ui/components.png; drawn by
// sotto_gallery for looking at.
Rectangle {
    id: root

    property bool isDark: true

    Binding {
        target: Theme
        property: "isDark"
        value: root.isDark
    }
    width: 1440
    height: 900
    color: Theme.bg2

    component Head: Label {
        role: Theme.microMedium
        color: Theme.t3
        bottomPadding: 8
    }

    Column {
        x: 32
        y: 28
        width: 432
        spacing: 14

        Column {
            Head { text: "Button, 32 px high" }
            Grid {
                columns: 4
                spacing: 8
                Repeater {
                    model: [Button.Primary, Button.Standard, Button.Quiet, Button.Danger]
                    delegate: Row {
                        id: row
                        required property int modelData
                        spacing: 8
                        Button { kind: row.modelData; text: "Load" }
                    }
                }
                Repeater {
                    model: [Button.Primary, Button.Standard, Button.Quiet, Button.Danger]
                    delegate: Button { required property int modelData; kind: modelData; text: "Load"; enabled: false }
                }
                Repeater {
                    model: [Button.Primary, Button.Standard, Button.Quiet, Button.Danger]
                    delegate: Button { required property int modelData; kind: modelData; text: "Small"; isSmall: true; iconName: "download" }
                }
            }
        }
        Button { id: focused; kind: Button.Primary; text: "Focus"; Component.onCompleted: forceActiveFocus(Qt.TabFocusReason) }
        Column {
            Head { text: "Field: rest, focus, error" }
            spacing: 8
            SearchField { width: 432; placeholderText: "Search all chats"; keys: "Ctrl K" }
            SearchField { width: 432; text: "land" }
            TextField { width: 432; text: "11700"; errorText: "This port is in use" }
            TextArea { width: 432; height: 60; placeholderText: "Default system prompt" }
        }
        Column {
            Head { text: "Choice" }
            Row {
                spacing: 14
                SegmentedControl {
                    name: "Theme"
                    model: [{ text: "System", value: 0 }, { text: "Dark", value: 1 }, { text: "Light", value: 2 }]
                    currentValue: 1
                    onActivated: value => currentValue = value
                }
                Switch { checked: true; text: "on"; anchors.verticalCenter: parent.verticalCenter }
                Switch { text: "off"; anchors.verticalCenter: parent.verticalCenter }
                RadioButton { checked: true; anchors.verticalCenter: parent.verticalCenter }
                RadioButton { anchors.verticalCenter: parent.verticalCenter }
            }
        }
        Row {
            spacing: 14
            Select { width: 68; name: "type"; model: [{ text: "F16", value: "f16" }, { text: "F32", value: "f32" }] }
            Select { isSmall: true; name: "type"; model: [{ text: "16,384", value: "f16" }, { text: "F32", value: "f32" }] }
            Slider { name: "Temperature"; value: 0.6 }
        }
        Column {
            Head { text: "Badge: format, loaded, limit, difference, gated, failed" }
            Row {
                spacing: 8
                Badge { text: "Q4_K_M" }
                Badge { text: "Q4_K_M"; kind: Badge.Loaded }
                Badge { text: "limit 113"; kind: Badge.Limit; isFormat: false }
                Badge { text: "token 59"; kind: Badge.Difference; isFormat: false }
                Badge { text: "Gated"; kind: Badge.Warning; isFormat: false; iconName: "lock" }
                Badge { text: "Damaged"; kind: Badge.Failed; isFormat: false }
            }
        }
        Row {
            spacing: 8
            RailItem { iconName: "message-square"; text: "Chat"; isCurrent: true }
            RailItem { iconName: "boxes"; text: "Models"; isLive: true }
            IconButton { iconName: "copy"; text: "Copy" }
            IconButton { iconName: "pencil"; text: "Edit"; isOpen: true }
            IconButton { iconName: "square-pen"; text: "New"; isLarge: true }
            Spinner {}
            Skeleton {}
            KeyHint { text: "Ctrl" }
        }
    }

    Column {
        x: 500
        y: 28
        width: 440
        spacing: 16
        Column {
            width: parent.width
            Head { text: "Number language: measured, predicted, both, over the limit, not measured yet" }
            Repeater {
                model: [{ n: "measured", v: 0.74, p: -1, b: 0.93, t: "748 of 1,008" }, { n: "predicted", v: -1, p: 0.74, b: -1, t: "≈ 84 of 113" }, { n: "both", v: 0.66, p: 0.72, b: -1, t: "75, ≈ 82 said" }, { n: "over", v: 1.6, p: -1, b: -1, t: "8.6 GiB over" }, { n: "unknown", v: -1, p: -1, b: -1, t: "–" }]
                delegate: Item {
                    id: meterRow
                    required property var modelData
                    width: 440
                    height: 26
                    Label { anchors.verticalCenter: parent.verticalCenter; color: Theme.t2; text: meterRow.modelData.n }
                    Meter {
                        x: 124
                        width: 208
                        anchors.verticalCenter: parent.verticalCenter
                        value: meterRow.modelData.v
                        predicted: meterRow.modelData.p
                        best: meterRow.modelData.b
                        fill: meterRow.modelData.v > 1 ? Theme.weights : Theme.measured
                    }
                    Label { x: 344; anchors.verticalCenter: parent.verticalCenter; role: Theme.caption; text: meterRow.modelData.t }
                }
            }
        }
        Rectangle {
            width: 440
            height: 200
            color: "transparent"
            Popup {
                id: pop
                visible: true
                closePolicy: Popup.NoAutoClose
                width: 440
                y: 6
                contentItem: Column {
                    SearchField { width: 428; placeholderText: "Find a model" }
                    MenuItem { width: 428; text: "Qwen3 14B"; isCheckable: true; isChosen: true; highlighted: true }
                    MenuItem { width: 428; text: "润色给房东的邮件 Mail"; isCheckable: true; keys: "Ctrl N" }
                    MenuItem { width: 428; text: "Move to the bin"; iconName: "x"; isDanger: true }
                }
            }
        }
        StackBar {
            id: stack
            width: 280
            total: 24
            segments: [{ name: "Weights", value: 8.97, text: "8.97", color: Theme.weights }, { name: "KV cache", value: 4.25, text: "4.25", color: Theme.kv }, { name: "Scratch", value: 0.74, text: "0.74", color: Theme.scratch }, { name: "Other apps", value: 1.84, text: "1.84", color: Theme.otherApps }]
        }
        StackLegend { width: 280; segments: stack.segments.concat([{ name: "Free", text: "8.19", color: Theme.free }]) }
        Row {
            spacing: 8
            Label { role: Theme.h2; text: "Heading 2 标题" }
            Label { role: Theme.h3; text: "Heading 3" }
            Label { role: Theme.body; text: "Body 正文 0123456789" }
            Label { role: Theme.caption; text: "Caption 说明" }
            Label { role: Theme.code; text: "code -> != 0O" }
        }
        Row {
            spacing: 8
            Label { role: Theme.hero; text: "175" }
            Label { role: Theme.big; text: "≈ 84" }
            Label { role: Theme.display; text: "Ready when" }
        }
        Label {
            width: 440
            wrapMode: Text.Wrap
            role: Theme.read
            text: "The export has four columns. Spending is negative, so I sum the amounts below zero and group by the first seven characters of the date. 把这句话翻成英文 😀👩‍💻"
        }
    }

    Column {
        x: 976
        y: 28
        width: 432
        spacing: 16
        StatRow { stats: ["172 tok/s", "TTFT 21 ms", "642 tokens"] }
        Notice { width: 432; iconName: "cpu"; text: "Running on the CPU, ≈ 6.8 tok/s."; Button { isSmall: true; text: "Why" } }
        ErrorCard {
            width: 432
            isWarning: true
            title: "The GPU ran out of memory"
            text: "Another app took 8.2 GiB. The text so far is kept."
            Button { text: "Try again" }
            Button { kind: Button.Primary; text: "Continue" }
        }
        EmptyState {
            width: 432
            iconName: "message-square"
            title: "No chats yet"
            text: "They are saved on this computer only."
            Button { text: "New chat"; keys: "Ctrl N" }
        }
        Repeater {
            model: [{ v: 0.12, c: Theme.measured }, { v: 0.86, c: Theme.warn }, { v: 1, c: Theme.err }]
            delegate: Meter { required property var modelData; width: 96; thickness: 4; hasLimit: false; value: modelData.v; fill: modelData.c }
        }
        Row {
            spacing: 12
            Repeater {
                model: ["search", "settings", "shield-check", "pin", "folder", "ellipsis", "message-circle-dashed"]
                delegate: Icon { required property string modelData; name: modelData; size: 18 }
            }
        }
        Item {
            width: 432
            height: 150
            Rectangle {
                x: 20; y: 10; width: 320; height: 100
                color: Theme.bg2
                radius: 16
                border.color: Theme.line2
                Shadow { z: -1; isDialog: true }
                Label { anchors.centerIn: parent; role: Theme.h1; text: "Dialog title" }
            }
        }
    }

    Toast {
        id: toast
        Component.onCompleted: show("Chat moved to the bin", "Undo")
    }
}

pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components
import Sotto.Theme

// How this chat writes: its system prompt and all sampling settings, each with where it comes from.
Popup {
    id: root

    required property ChatController chat
    property SamplingModel sampling: chat.sampling

    width: 480
    height: Math.min(implicitHeight, parent ? parent.Window.height - 80 : implicitHeight)
    padding: 0
    focus: true
    onClosed: root.savePrompt()

    function savePrompt(): void {
        if (chat.systemPrompt !== prompt.text)
            chat.systemPrompt = prompt.text;
    }

    contentItem: Flickable {
        id: flick
        implicitHeight: column.implicitHeight + 32
        contentHeight: column.implicitHeight + 32
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        T.ScrollBar.vertical: ScrollBar {
        }

        ColumnLayout {
            id: column
            x: 20
            y: 16
            width: flick.width - 40
            spacing: 4

            Label {
                role: Theme.h2
                text: qsTr("This chat")
            }
            Label {
                Layout.topMargin: 8
                role: Theme.label
                color: Theme.t2
                text: qsTr("System prompt")
            }
            TextArea {
                id: prompt
                Layout.fillWidth: true
                implicitHeight: 84
                name: qsTr("System prompt of this chat")
                placeholderText: root.chat.effectiveSystemPrompt.length > 0 ? root.chat.effectiveSystemPrompt : qsTr("None. The model answers as it was trained.")
                text: root.chat.systemPrompt
                onEditingFinished: root.savePrompt()
            }
            RowLayout {
                Layout.fillWidth: true
                Label {
                    Layout.fillWidth: true
                    role: Theme.micro
                    color: prompt.text.length > 0 ? Theme.measured : Theme.t3
                    text: prompt.text.length > 0 ? qsTr("set in this chat") : root.chat.effectiveSystemPrompt.length > 0 ? qsTr("from the app's settings") : qsTr("default")
                }
                Button {
                    visible: prompt.text.length > 0
                    kind: Button.Quiet
                    isSmall: true
                    iconName: "rotate-ccw"
                    text: qsTr("Reset")
                    onClicked: {
                        prompt.text = "";
                        root.savePrompt();
                    }
                }
            }
            RowLayout {
                Layout.fillWidth: true
                Layout.topMargin: 8
                Label {
                    Layout.fillWidth: true
                    role: Theme.label
                    color: Theme.t2
                    text: qsTr("Sampling")
                }
                Button {
                    kind: Button.Quiet
                    isSmall: true
                    enabled: root.sampling.isModified
                    iconName: "rotate-ccw"
                    text: qsTr("Reset all")
                    onClicked: root.sampling.resetAll()
                }
            }
            Repeater {
                model: root.sampling
                delegate: SamplingRow {
                    Layout.fillWidth: true
                    sampling: root.sampling
                }
            }
        }
    }

    Connections {
        target: root.chat
        function onSystemPromptChanged(): void {
            prompt.text = root.chat.systemPrompt;
        }
    }
}

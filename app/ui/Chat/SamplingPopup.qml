pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components
import Sotto.Theme

// How this chat, or every chat with this model, writes: system prompt and all sampling settings, each with
// where it comes from.
Popup {
    id: root

    required property ChatController chat
    required property ModelSettings model
    property bool isModelShown: false
    property string known // the layer's own prompt as it was last put into the field

    readonly property SamplingModel sampling: isModelShown ? model.sampling : chat.settings.sampling
    readonly property LayeredSettings layer: isModelShown ? model.layer : chat.settings.layer

    width: 480
    height: Math.min(implicitHeight, parent ? parent.Window.height - 80 : implicitHeight)
    padding: 0
    focus: true
    onAboutToShow: {
        isModelShown = false;
        takePrompt();
    }

    // With every key: a window that is closed, or another chat, ends no editing.
    function savePrompt(): void {
        known = prompt.text;
        layer.ownSystemPrompt = prompt.text;
    }
    function takePrompt(): void {
        known = layer.ownSystemPrompt;
        prompt.text = known;
    }
    function showLayer(ofModel: bool): void {
        isModelShown = ofModel;
        takePrompt();
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

            SegmentedControl {
                objectName: "layerControl"
                isSmall: true
                name: qsTr("Settings of")
                model: [{
                        "text": qsTr("This chat"),
                        "value": false
                    }, {
                        "text": qsTr("This model"),
                        "value": true
                    }]
                currentValue: root.isModelShown
                enabled: root.model.hasModel
                onActivated: value => root.showLayer(value)
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
                objectName: "layerPrompt"
                name: root.isModelShown ? qsTr("System prompt of this model") : qsTr("System prompt of this chat")
                placeholderText: root.layer.systemPrompt.length > 0 ? root.layer.systemPrompt : qsTr("None. The model answers as it was trained.")
                text: root.known
                onTextChanged: if (text !== root.known)
                    root.savePrompt()
            }
            RowLayout {
                Layout.fillWidth: true
                SourceLabel {
                    Layout.fillWidth: true
                    source: root.layer.systemPromptSource
                    ownLayer: root.sampling.layer
                }
                Button {
                    visible: prompt.text.length > 0
                    kind: Button.Quiet
                    isSmall: true
                    iconName: "rotate-ccw"
                    text: qsTr("Reset")
                    onClicked: prompt.text = ""
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
        target: root.layer
        // Another value may have changed: what is being typed stays.
        function onChanged(): void {
            if (root.layer.ownSystemPrompt !== root.known)
                root.takePrompt();
        }
    }
}

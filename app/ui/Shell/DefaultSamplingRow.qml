import QtQuick
import Sotto.App
import Sotto.Components

// One sampling setting: what it does, where its value comes from, slider or number, reset.
SettingRow {
    id: root

    required property SamplingModel model
    required property string key
    required property double value
    required property double minimum
    required property double maximum
    required property double step
    required property int source
    required property string name
    required property string shownText
    required property bool hasSlider

    title: name
    isMarked: source === SamplingModel.App
    detail: source === SamplingModel.Default ? qsTr("Default") : qsTr("Set here")

    Slider {
        visible: root.hasSlider
        width: 120
        name: root.title
        from: root.minimum
        to: root.maximum
        stepSize: root.step
        value: root.value
        onMoved: root.model.setValue(root.key, value)
    }
    NumberField {
        objectName: "default " + root.key
        width: root.hasSlider ? 64 : 96
        horizontalAlignment: TextInput.AlignRight
        height: 28
        name: root.title
        shownText: root.shownText
        inputMethodHints: Qt.ImhFormattedNumbersOnly
        onTyped: text => refusal = root.model.setText(root.key, text)
    }
    IconButton {
        enabled: root.source === SamplingModel.App
        iconName: "rotate-ccw"
        text: qsTr("Back to the default: %1").arg(root.title)
        onClicked: root.model.reset(root.key)
    }
}

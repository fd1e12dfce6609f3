import QtQuick
import Sotto.App
import Sotto.Components

// One sampling setting: name, slider, value as a field, where the value comes from, and reset.
Item {
    id: root

    required property string key
    required property double value
    required property double minimum
    required property double maximum
    required property double step
    required property int source
    required property string name
    required property string explanation
    required property string shownText
    required property string rangeText
    required property bool hasSlider
    required property SamplingModel sampling
    readonly property int ownLayer: sampling.layer

    readonly property bool isOwn: source === ownLayer

    implicitHeight: 40

    Label {
        id: nameLabel
        y: 2
        width: 168
        elide: Text.ElideRight
        text: root.name
    }
    SourceLabel {
        y: 21
        source: root.source
        ownLayer: root.ownLayer
    }
    HoverTip {
        width: 168
        anchors.fill: undefined
        height: parent.height
        isFocusable: false
        title: root.name
        text: root.explanation + "\n" + root.rangeText
    }
    Slider {
        x: 176
        anchors.verticalCenter: parent.verticalCenter
        width: root.width - x - 132
        visible: root.hasSlider
        name: root.name
        from: root.minimum
        to: root.maximum
        stepSize: root.step
        value: root.value
        onMoved: root.sampling.setValue(root.key, value)
    }
    NumberField {
        objectName: "number " + root.key
        x: root.width - 124
        anchors.verticalCenter: parent.verticalCenter
        width: 88
        name: root.name
        horizontalAlignment: TextInput.AlignRight
        shownText: root.shownText
        onTyped: text => refusal = root.sampling.setText(root.key, text)
    }
    IconButton {
        x: root.width - width
        anchors.verticalCenter: parent.verticalCenter
        visible: root.isOwn
        iconName: "rotate-ccw"
        text: qsTr("Reset %1").arg(root.name)
        onClicked: root.sampling.reset(root.key)
    }
}

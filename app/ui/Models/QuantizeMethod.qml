import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// How the numbers of the new file are chosen, what that costs, and the text that is read for it.
RowLayout {
    id: root

    required property QuantizeMethods methods

    signal textRequested

    spacing: 8

    Label {
        role: Theme.label
        color: Theme.t2
        text: qsTr("Method")
        Accessible.ignored: true
    }
    SegmentedControl {
        objectName: "quantizeMethod"
        Layout.leftMargin: 4
        isSmall: true
        name: qsTr("Method")
        model: root.methods.choices
        currentValue: root.methods.method
        onActivated: value => root.methods.method = value
    }
    Label {
        objectName: "quantizeMethodText"
        Layout.fillWidth: true
        Layout.leftMargin: 4
        role: Theme.caption
        color: Theme.t3
        wrapMode: Text.Wrap
        maximumLineCount: 2
        elide: Text.ElideRight
        text: root.methods.costText
        Accessible.role: Accessible.StaticText
        Accessible.name: text
    }
    Label {
        visible: root.methods.isTextRead
        role: Theme.label
        color: Theme.t2
        text: qsTr("Text")
        Accessible.ignored: true
    }
    Select {
        objectName: "quantizeText"
        visible: root.methods.isTextRead
        isSmall: true
        implicitWidth: 148
        name: qsTr("Text that the model reads")
        enabled: root.methods.textChoices.length > 0 // its own count is 0 while that is filled anew
        model: root.methods.textChoices
        chosenValue: root.methods.text
        onActivated: root.methods.text = currentValue
    }
    IconButton {
        visible: root.methods.isTextRead
        iconName: "file-text"
        text: qsTr("A text of your own…")
        onClicked: root.textRequested()
    }
}

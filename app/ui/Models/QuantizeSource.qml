import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// What is quantized: an installed model, or a file or folder that is chosen.
RowLayout {
    id: root

    required property QuantizeController quantize

    signal fileRequested
    signal folderRequested

    function focusChooser(): void {
        chooser.forceActiveFocus(Qt.TabFocusReason);
    }

    spacing: 8

    Label {
        role: Theme.label
        color: Theme.t2
        text: qsTr("Source")
        Accessible.ignored: true
    }
    Select {
        id: chooser
        objectName: "quantizeSource"
        Layout.fillWidth: true
        Layout.leftMargin: 4
        isSmall: true
        name: qsTr("Source")
        enabled: root.quantize.sourceChoices.length > 0 // its own count is 0 while that is filled anew
        model: root.quantize.sourceChoices
        chosenValue: root.quantize.source
        onActivated: root.quantize.source = currentValue
    }
    IconButton {
        iconName: "file-text"
        text: qsTr("A model file…")
        onClicked: root.fileRequested()
    }
    IconButton {
        iconName: "folder-open"
        text: qsTr("A folder in Hugging Face's form…")
        onClicked: root.folderRequested()
    }
}

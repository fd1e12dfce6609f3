import QtQuick
import QtQuick.Dialogs
import Sotto.App
import Sotto.Components

// Which text the models are measured on: the built-in one, the open chat, or a file.
Button {
    id: root

    required property TextMeasurement measurement

    objectName: "lossSource"
    isSmall: true
    kind: Button.Quiet
    iconName: measurement.source === TextMeasurement.Chat ? "message-square" : "file-text"
    text: measurement.sourceText
    Accessible.description: qsTr("The text that is measured on")
    onClicked: menu.popup(root, root.width - menu.width, root.height + 4)

    Menu {
        id: menu
        MenuItem {
            objectName: "lossBuiltIn"
            isCheckable: true
            isChosen: root.measurement.source === TextMeasurement.BuiltIn
            text: qsTr("Built-in text")
            onTriggered: root.measurement.chooseBuiltIn()
        }
        MenuItem {
            objectName: "lossChat"
            visible: root.measurement.hasChat
            isCheckable: true
            isChosen: root.measurement.source === TextMeasurement.Chat
            text: qsTr("The open chat")
            onTriggered: root.measurement.chooseChat()
        }
        MenuItem {
            objectName: "lossFile"
            isCheckable: true
            isChosen: root.measurement.source === TextMeasurement.File
            text: qsTr("A text file up to 4 MB…")
            onTriggered: fileDialog.open()
        }
    }
    FileDialog {
        id: fileDialog
        title: qsTr("Measure on a text")
        nameFilters: [qsTr("Text (*.txt *.md)"), qsTr("All files (*)")]
        onAccepted: root.measurement.chooseFile(selectedFile)
    }
}

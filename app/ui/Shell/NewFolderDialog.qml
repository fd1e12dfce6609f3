import QtQuick
import Sotto.Components

// Asks for the name of a new folder.
Dialog {
    id: root

    signal folderNamed(string title)

    function ask(): void {
        field.text = "";
        open();
        field.forceActiveFocus(Qt.OtherFocusReason);
    }

    title: qsTr("New folder")
    onAccepted: if (field.text.trim().length > 0)
        root.folderNamed(field.text.trim())

    TextField {
        id: field
        width: parent ? parent.width : 0
        name: qsTr("Name of the folder")
        placeholderText: qsTr("Name of the folder")
        onAccepted: root.accept()
    }
    buttons: [
        Button {
            text: qsTr("Cancel")
            onClicked: root.reject()
        },
        Button {
            kind: Button.Primary
            enabled: field.text.trim().length > 0
            text: qsTr("Create")
            onClicked: root.accept()
        }
    ]
}

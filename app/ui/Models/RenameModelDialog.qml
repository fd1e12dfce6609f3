import QtQuick
import Sotto.App
import Sotto.Components
import Sotto.Theme

// Asks how a model is to be called here; its file stays as it is.
Dialog {
    id: root

    required property AppFacade app
    property string path
    property string ownName

    function askFor(row: InstalledRow): void {
        path = row.path;
        ownName = row.ownName;
        field.text = row.name;
        open();
        field.forceActiveFocus(Qt.OtherFocusReason);
        field.selectAll();
    }

    objectName: "renameDialog"
    title: qsTr("Rename the model")
    onAccepted: app.installed.rename(path, field.text)

    Column {
        width: parent ? parent.width : 0
        spacing: 8
        TextField {
            id: field
            objectName: "modelName"
            width: parent.width
            name: qsTr("Name of the model")
            placeholderText: root.ownName
            maximumLength: root.app.installed.longestName
        }
        Label {
            width: parent.width
            role: Theme.caption
            color: Theme.t3
            wrapMode: Text.Wrap
            text: qsTr("The file keeps its own name. An empty field gives “%1” back.").arg(root.ownName)
        }
    }
    buttons: [
        Button {
            text: qsTr("Cancel")
            onClicked: root.reject()
        },
        Button {
            objectName: "renameModel"
            kind: Button.Primary
            text: qsTr("Rename")
            onClicked: root.accept()
        }
    ]
}

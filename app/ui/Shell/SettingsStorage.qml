pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Dialogs
import QtQuick.Layouts
import Sotto.App
import Sotto.Chat
import Sotto.Components
import Sotto.Theme

// Where models and chats lie.
SettingGroup {
    id: root

    required property AppFacade app

    title: qsTr("Storage")

    SettingRow {
        isFirst: true
        title: qsTr("Model folders")
        detail: root.app.settings.modelFolders.length === 0 ? qsTr("None yet. GGUF files are used where they lie.") : qsTr("GGUF files are used where they lie.")
        Button {
            isSmall: true
            text: qsTr("Add folder")
            onClicked: folderDialog.open()
        }
    }
    Repeater {
        model: root.app.settings.modelFolders
        delegate: RowLayout {
            id: folderRow
            required property string modelData
            Layout.fillWidth: true
            Layout.bottomMargin: 4
            spacing: 4
            Icon {
                name: "folder"
                size: 15
            }
            Label {
                Layout.fillWidth: true
                role: Theme.codeSmall
                color: Theme.t2
                elide: Text.ElideMiddle
                text: folderRow.modelData
            }
            IconButton {
                iconName: "x"
                text: qsTr("Forget this folder. Its files stay.")
                onClicked: root.app.models.removeFolder(folderRow.modelData)
            }
        }
    }
    FoundPlaces {
        Layout.fillWidth: true
        Layout.topMargin: 8
        Layout.bottomMargin: 12
        places: root.app.models.places
    }
    SettingRow {
        title: qsTr("Chats, folders and settings")
        detail: root.app.health.text.length > 0 ? "" : qsTr("In one file on this computer") // the banner says what is wrong
    }
    Label {
        Layout.fillWidth: true
        Layout.bottomMargin: 12
        role: Theme.codeSmall
        color: Theme.t2
        wrapMode: Text.WrapAnywhere
        text: root.app.dataFolder
    }

    FolderDialog {
        id: folderDialog
        title: qsTr("Folder with GGUF files")
        onAccepted: root.app.models.addFolder(selectedFolder)
    }
}

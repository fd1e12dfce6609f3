import QtQuick
import QtQuick.Dialogs
import Sotto.App

// The system's file and folder choosers for models; made when they are first asked for.
Item {
    id: root

    required property ModelController models

    function openFile(): void {
        fileDialog.open();
    }
    function openFolder(): void {
        folderDialog.open();
    }

    FileDialog {
        id: fileDialog
        title: qsTr("Add a model file")
        nameFilters: [qsTr("GGUF models (*.gguf)"), qsTr("All files (*)")]
        onAccepted: root.models.addFile(selectedFile)
    }
    FolderDialog {
        id: folderDialog
        title: qsTr("Add a folder with models")
        onAccepted: root.models.addFolder(selectedFolder)
    }
}

import QtQuick
import QtQuick.Dialogs
import Sotto.App

// The system's choosers for what is quantized: where the new file goes, and an importance matrix.
Item {
    id: root

    required property QuantizeController quantize

    function openFolder(): void {
        folderDialog.open();
    }
    function openImportance(): void {
        fileDialog.open();
    }

    FolderDialog {
        id: folderDialog
        title: qsTr("Choose where the new file goes")
        onAccepted: root.quantize.chooseFolder(selectedFolder)
    }
    FileDialog {
        id: fileDialog
        title: qsTr("Choose an importance matrix")
        nameFilters: [qsTr("Importance matrices (*.gguf *.dat *.imatrix)"), qsTr("All files (*)")]
        onAccepted: root.quantize.chooseImportance(selectedFile)
    }
}

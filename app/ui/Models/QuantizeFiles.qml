import QtQuick
import QtQuick.Dialogs
import Sotto.App

// The system's choosers for what is quantized: the source, where the new file goes, and an importance matrix.
Item {
    id: root

    required property QuantizeController quantize

    function openSource(): void {
        sourceDialog.open();
    }
    function openSourceFolder(): void {
        sourceFolderDialog.open();
    }
    function openFolder(): void {
        folderDialog.open();
    }
    function openImportance(): void {
        fileDialog.open();
    }
    function openText(): void {
        textDialog.open();
    }

    FileDialog {
        id: sourceDialog
        title: qsTr("Choose a model file")
        nameFilters: [qsTr("Model files (*.gguf)"), qsTr("All files (*)")]
        onAccepted: root.quantize.chooseSource(selectedFile)
    }
    FolderDialog {
        id: sourceFolderDialog
        title: qsTr("Choose a folder with config.json and safetensors")
        onAccepted: root.quantize.chooseSource(selectedFolder)
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
    FileDialog {
        id: textDialog
        title: qsTr("Choose a text that the model reads")
        nameFilters: [qsTr("Texts (*.txt *.md)"), qsTr("All files (*)")]
        onAccepted: root.quantize.methods.chooseText(selectedFile)
    }
}

import QtQuick
import QtQuick.Dialogs
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// The head of the page: how answers are drawn, a further column, the export.
Item {
    id: root

    required property CompareController compare
    property bool isSavedShown: false

    signal savedChosen(bool isSaved)
    signal pictureWanted(url file)

    implicitHeight: 55

    RowLayout {
        anchors.fill: parent
        anchors.leftMargin: 24
        anchors.rightMargin: 24
        spacing: 12

        Label {
            Layout.fillWidth: true
            role: Theme.h1
            elide: Text.ElideRight
            text: qsTr("Compare")
            Accessible.role: Accessible.Heading
            Accessible.name: text
        }
        SegmentedControl {
            objectName: "compareTabs"
            name: qsTr("Compare")
            model: [{
                    "text": qsTr("Live"),
                    "value": false
                }, {
                    "text": qsTr("Saved runs"),
                    "value": true
                }]
            currentValue: root.isSavedShown
            onActivated: value => root.savedChosen(value)
        }
        Button {
            id: sampling
            objectName: "compareSampling"
            enabled: !root.compare.isRunning
            iconName: "sliders-horizontal"
            text: root.compare.samplingText
            onClicked: samplerPopup.open()

            SamplerPopup {
                id: samplerPopup
                x: sampling.width - width
                y: sampling.height + 4
                compare: root.compare
            }
        }
        Button {
            id: add
            objectName: "compareAdd"
            enabled: root.compare.canAdd
            iconName: "plus"
            text: qsTr("Add column")
            onClicked: addMenu.openAt(add)

            ModelMenu {
                id: addMenu
                choices: root.compare.choices
                onChosen: path => root.compare.addModel(path)
            }
        }
        Button {
            id: exportButton
            objectName: "compareExport"
            enabled: root.compare.hasAnswers
            iconName: "file-down"
            text: qsTr("Export")
            onClicked: exportMenu.popup(exportButton, exportButton.width - exportMenu.width, exportButton.height + 4)

            Menu {
                id: exportMenu
                MenuItem {
                    objectName: "copyComparison"
                    iconName: "copy"
                    text: qsTr("Copy as Markdown")
                    onTriggered: root.compare.copyMarkdown()
                }
                MenuItem {
                    iconName: "save"
                    text: qsTr("Save as Markdown or JSON…")
                    onTriggered: fileDialog.open()
                }
                MenuItem {
                    objectName: "savePicture"
                    visible: !root.isSavedShown // of what is on the page
                    iconName: "columns-3"
                    text: qsTr("Save as picture…")
                    onTriggered: pictureDialog.open()
                }
            }
        }
    }
    FileDialog {
        id: fileDialog
        title: qsTr("Save the comparison")
        fileMode: FileDialog.SaveFile
        defaultSuffix: "md"
        nameFilters: [qsTr("Markdown (*.md)"), qsTr("JSON (*.json)")]
        onAccepted: root.compare.saveTo(selectedFile)
    }
    FileDialog {
        id: pictureDialog
        title: qsTr("Save the picture of the comparison")
        fileMode: FileDialog.SaveFile
        defaultSuffix: "png"
        nameFilters: [qsTr("Picture (*.png)")]
        onAccepted: root.pictureWanted(selectedFile)
    }
}

import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// Where the new file goes, and what stands against it.
ColumnLayout {
    id: root

    required property QuantizeController quantize

    signal folderRequested

    spacing: 10

    RowLayout {
        Layout.fillWidth: true
        spacing: 12
        ColumnLayout {
            Layout.fillWidth: true
            Layout.preferredWidth: 1
            spacing: 4
            Label {
                role: Theme.label
                color: Theme.t2
                text: qsTr("New file")
                Accessible.ignored: true
            }
            TextField {
                objectName: "quantizeName"
                Layout.fillWidth: true
                name: qsTr("Name of the new file")
                maximumLength: 240
                text: root.quantize.fileName
                onTextEdited: root.quantize.fileName = text
            }
        }
        ColumnLayout {
            Layout.fillWidth: true
            Layout.preferredWidth: 1
            spacing: 4
            RowLayout {
                Layout.fillWidth: true
                Label {
                    Layout.fillWidth: true
                    role: Theme.label
                    color: Theme.t2
                    text: qsTr("Folder")
                    Accessible.ignored: true
                }
                Label {
                    objectName: "quantizeRoom"
                    role: Theme.caption
                    color: Theme.t3
                    text: root.quantize.roomText
                }
            }
            RowLayout {
                Layout.fillWidth: true
                spacing: 8
                Select {
                    objectName: "quantizeFolder"
                    Layout.fillWidth: true
                    name: qsTr("Folder")
                    model: root.quantize.folderChoices
                    chosenValue: root.quantize.folder
                    onActivated: root.quantize.folder = currentValue
                }
                IconButton {
                    isLarge: true
                    iconName: "folder-open"
                    text: qsTr("Another folder…")
                    onClicked: root.folderRequested()
                }
            }
        }
    }
    Notice {
        objectName: "quantizeProblem"
        Layout.fillWidth: true
        visible: text.length > 0
        iconName: "triangle-alert"
        iconColor: root.quantize.problem.length > 0 ? Theme.err : Theme.warn
        text: root.quantize.problem.length > 0 ? root.quantize.problem : root.quantize.warning
    }
}

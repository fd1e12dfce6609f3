import QtQuick
import QtQuick.Layouts
import Sotto.Components
import Sotto.Theme

// A model of a hub that would fit: what it takes, how fast it would be, under which licence.
Card {
    id: root

    required property int index
    required property var modelData

    signal downloadRequested

    implicitHeight: column.implicitHeight + 40
    border.color: modelData.isSuggested ? Theme.measured : Theme.line
    Accessible.role: Accessible.Grouping
    Accessible.name: modelData.name

    ColumnLayout {
        id: column
        x: 20
        y: 20
        width: root.width - 40
        height: root.height - 40
        spacing: 0

        RowLayout {
            Label {
                Layout.fillWidth: true
                role: Theme.caption
                color: root.modelData.isSuggested ? Theme.measured : Theme.t3
                text: root.modelData.isSuggested ? qsTr("Suggested") : ""
            }
            Label {
                role: Theme.caption
                color: Theme.t3
                text: root.modelData.license
            }
        }
        RowLayout {
            spacing: 8
            Label {
                Layout.maximumWidth: column.width - badge.width - 8
                role: Theme.h2
                elide: Text.ElideRight
                text: root.modelData.name
            }
            Badge {
                id: badge
                visible: text.length > 0
                text: root.modelData.quantization
            }
        }
        Label {
            Layout.topMargin: 14
            role: root.modelData.speed > 0 ? Theme.h2 : Theme.caption
            color: root.modelData.speed > 0 ? Theme.t1 : Theme.t3
            text: root.modelData.speed > 0 ? qsTr("%1 tok/s").arg(Theme.format.prediction(root.modelData.speed)) : qsTr("Its speed is not known before this computer was measured.")
            Layout.fillWidth: true
            wrapMode: Text.Wrap
        }
        RowLayout {
            Layout.fillWidth: true
            Layout.topMargin: 10
            Label {
                Layout.fillWidth: true
                role: Theme.caption
                color: Theme.t3
                text: qsTr("Memory needed")
            }
            Label {
                role: Theme.caption
                text: Theme.format.memoryOn(root.modelData.memoryBytes - root.modelData.cardBytes, root.modelData.cardBytes)
            }
        }
        Item {
            Layout.fillHeight: true
        }
        Button {
            objectName: "downloadFirstModel"
            Layout.fillWidth: true
            Layout.topMargin: 16
            kind: root.modelData.isSuggested && enabled ? Button.Primary : Button.Standard
            enabled: !root.modelData.isOnItsWay
            iconName: "download"
            text: root.modelData.isOnItsWay ? qsTr("On its way: see Models") : qsTr("Download %1").arg(Theme.format.fileSize(root.modelData.bytes))
            onClicked: root.downloadRequested()
        }
    }
}

import QtQuick
import QtQuick.Layouts
import Sotto.Components
import Sotto.Theme

// A model that can be loaded: name, predicted speed, memory it needs, or why it cannot be used.
Card {
    id: root

    required property int index
    required property string name
    required property string path
    required property string quantization
    required property double memoryBytes
    required property double cardBytes
    required property double predictedSpeed
    required property bool isLoaded
    required property bool isSuggested
    required property bool isProblem
    required property string placementText
    required property string originText

    signal loadRequested

    implicitHeight: column.implicitHeight + 40
    border.color: isSuggested || isLoaded ? Theme.measured : Theme.line
    Accessible.role: Accessible.Grouping
    Accessible.name: name

    ColumnLayout {
        id: column
        x: 20
        y: 20
        width: root.width - 40
        height: root.height - 40
        spacing: 0

        RowLayout {
            spacing: 8
            Label {
                Layout.maximumWidth: column.width - badge.width - 8
                role: Theme.h2
                elide: Text.ElideRight
                text: root.name
            }
            Badge {
                id: badge
                visible: text.length > 0
                kind: root.isLoaded ? Badge.Loaded : Badge.Plain
                text: root.quantization
            }
        }
        Label {
            Layout.fillWidth: true
            Layout.topMargin: 2
            color: root.isProblem ? Theme.err : Theme.t2
            wrapMode: Text.Wrap
            maximumLineCount: 3
            elide: Text.ElideRight
            text: root.originText
        }
        Row {
            Layout.topMargin: 14
            visible: !root.isProblem && root.predictedSpeed > 0
            spacing: 6
            Label {
                id: speed
                role: Theme.big
                text: Theme.format.prediction(root.predictedSpeed)
            }
            Label {
                anchors.bottom: speed.bottom
                anchors.bottomMargin: 4
                color: Theme.t2
                text: qsTr("tok/s")
            }
        }
        RowLayout {
            Layout.fillWidth: true
            Layout.topMargin: 10
            visible: root.memoryBytes > 0
            Label {
                Layout.fillWidth: true
                role: Theme.caption
                color: Theme.t3
                text: qsTr("Memory needed")
            }
            Label {
                role: Theme.caption
                text: Theme.format.memoryOn(root.memoryBytes - root.cardBytes, root.cardBytes)
            }
        }
        Label {
            Layout.fillWidth: true
            Layout.topMargin: 4
            visible: !root.isProblem && text.length > 0
            role: Theme.caption
            color: Theme.t3
            wrapMode: Text.Wrap
            text: root.placementText
        }
        Item {
            Layout.fillHeight: true
        }
        Button {
            Layout.fillWidth: true
            Layout.topMargin: 16
            kind: root.isSuggested && enabled ? Button.Primary : Button.Standard
            enabled: !root.isProblem && !root.isLoaded
            text: root.isLoaded ? qsTr("Loaded") : qsTr("Load")
            onClicked: root.loadRequested()
        }
    }
}

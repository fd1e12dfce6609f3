import QtQuick
import QtQuick.Layouts
import Sotto.App
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
    required property int fit
    required property int placement
    required property int cardLayers
    required property int layerCount
    required property double predictedSpeed
    required property bool isDemo
    required property string problem

    readonly property bool isLoaded: fit === ModelListModel.IsLoaded
    readonly property bool isUsable: fit !== ModelListModel.DoesNotFit && fit !== ModelListModel.Unreadable

    signal loadRequested

    implicitHeight: column.implicitHeight + 40
    border.color: isLoaded ? Theme.measured : Theme.line
    Accessible.role: Accessible.Grouping
    Accessible.name: name

    ColumnLayout {
        id: column
        x: 20
        y: 20
        width: root.width - 40
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
            color: root.isUsable ? Theme.t2 : Theme.err
            wrapMode: Text.Wrap
            maximumLineCount: 3
            elide: Text.ElideRight
            text: root.problem.length > 0 ? root.problem : root.isDemo ? qsTr("A toy for trying things out.") : qsTr("In your folder.")
        }
        Row {
            Layout.topMargin: 14
            visible: root.isUsable && root.predictedSpeed > 0
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
            visible: root.isUsable && text.length > 0
            role: Theme.caption
            color: Theme.t3
            wrapMode: Text.Wrap
            text: root.placement === ModelListModel.Split ? qsTr("%1 of %2 layers on the graphics card, the others on the processor.").arg(root.cardLayers).arg(root.layerCount) : root.placement === ModelListModel.CardTooSmall ? qsTr("On the processor: too large for the free graphics memory.") : ""
        }
        Button {
            Layout.fillWidth: true
            Layout.topMargin: 16
            enabled: root.isUsable && !root.isLoaded
            text: root.isLoaded ? qsTr("Loaded") : qsTr("Load")
            onClicked: root.loadRequested()
        }
    }
}

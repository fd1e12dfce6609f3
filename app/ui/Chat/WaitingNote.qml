import QtQuick
import Sotto.App
import Sotto.Components
import Sotto.Theme

// Stands where the answer will come: queued, or the prompt is being read (with how much of it).
Item {
    id: root

    property int messageState: MessageListModel.Waiting
    property real readProgress: 0
    property bool isModelLoading: false

    readonly property bool isReading: messageState === MessageListModel.Reading
    readonly property string sentence: isReading ? qsTr("Reading, %1").arg(Theme.format.percent(readProgress)) : isModelLoading ? qsTr("Waiting for the model to load") : qsTr("Waiting")

    implicitHeight: 60
    Accessible.role: Accessible.StaticText
    Accessible.name: sentence

    Row {
        id: row
        height: 28
        spacing: 10
        Pulse {
            anchors.verticalCenter: parent.verticalCenter
        }
        Label {
            anchors.verticalCenter: parent.verticalCenter
            color: Theme.t3
            text: root.sentence
        }
        Meter {
            anchors.verticalCenter: parent.verticalCenter
            visible: root.isReading
            width: 96
            thickness: 4
            hasLimit: false
            value: root.readProgress
            name: root.sentence
        }
    }
    Column {
        y: 32
        spacing: 10
        Skeleton {
            width: Math.min(420, root.width)
        }
    }
}

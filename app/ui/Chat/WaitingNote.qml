import QtQuick
import Sotto.App
import Sotto.Components
import Sotto.Theme

// Stands where the answer will come and says what is being done for it: the model is loaded, others have
// their turn, the prompt is read (with how much of it).
Item {
    id: root

    required property ChatController chat
    property int messageState: MessageListModel.Waiting

    readonly property bool isReading: messageState === MessageListModel.Reading
    readonly property bool isLoading: messageState === MessageListModel.Waiting && chat.progress.waitingFor === AnswerProgress.Model
    readonly property real progress: isLoading ? chat.progress.loadShare : chat.progress.readShare
    readonly property string sentence: chat.progress.sentence

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
            visible: root.isReading || root.isLoading
            width: 96
            thickness: 4
            hasLimit: false
            value: root.progress
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

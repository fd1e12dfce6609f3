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
    readonly property string sentence: {
        if (messageState === MessageListModel.Writing)
            return qsTr("Writing");
        if (isReading)
            return readingSentence();
        switch (chat.progress.waitingFor) {
        case AnswerProgress.Model:
            return qsTr("Loading the model, %1").arg(Theme.format.percent(chat.progress.loadShare));
        case AnswerProgress.OtherAnswers:
            return qsTr("Waiting for other answers");
        }
        return qsTr("Waiting");
    }

    function readingSentence(): string {
        const read = Theme.format.count(chat.progress.readTokens);
        const whole = Theme.format.count(chat.progress.promptTokens);
        if (chat.progress.reusedTokens > 0)
            return qsTr("Reading the prompt: %1 of %2 tokens, %3 reused", "", chat.progress.promptTokens).arg(read).arg(whole).arg(Theme.format.count(chat.progress.reusedTokens));
        return qsTr("Reading the prompt: %1 of %2 tokens", "", chat.progress.promptTokens).arg(read).arg(whole);
    }

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

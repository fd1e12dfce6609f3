import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// Below a compared answer: where its model would have gone another way in the reference's answer, asked for by the
// button, then marked there by the same one.
RowLayout {
    id: root

    required property CompareController compare
    required property ForcedAnswers forced
    required property int column
    required property string forcedText
    required property int forcedCount // of the places; -1: it was not asked
    required property bool isMarked

    readonly property bool isAsked: forced.column === column

    spacing: 8

    Label {
        objectName: "forcedText"
        Layout.fillWidth: true
        visible: text.length > 0
        role: Theme.caption
        color: root.forcedCount > 0 ? Theme.t2 : Theme.t3
        wrapMode: Text.Wrap
        maximumLineCount: 2
        elide: Text.ElideRight
        text: root.isAsked ? root.forced.progressText : root.forcedText
    }
    Button {
        objectName: "askForced"
        Layout.leftMargin: root.isAsked || root.forcedText.length > 0 ? 0 : -leftPadding
        isSmall: true
        kind: Button.Quiet
        // What has the keyboard neither goes nor is switched off while it has it.
        visible: root.forcedCount !== 0 || activeFocus
        enabled: root.isAsked || root.forcedCount > 0 || root.forced.canAsk || activeFocus
        text: {
            if (root.isAsked)
                return qsTr("Stop");
            if (root.forcedCount > 0)
                return root.isMarked ? qsTr("Hide the marks") : qsTr("Mark them");
            return qsTr("Where would it have gone another way?");
        }
        onClicked: {
            if (root.isAsked)
                root.forced.stop();
            else if (root.forcedCount > 0)
                root.compare.markForced(root.isMarked ? -1 : root.column);
            else if (root.forcedCount < 0)
                root.forced.ask(root.column);
        }
    }
    Item {
        Layout.fillWidth: true
        visible: root.forcedText.length === 0 && !root.isAsked
    }
}

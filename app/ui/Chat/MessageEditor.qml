import QtQuick
import QtQuick.Templates as T
import Sotto.Components
import Sotto.Theme

// A message being edited in its place. Ctrl+Enter saves, Esc leaves it as it was. Its text is kept by the
// list of messages, so that it outlives this item; it closes when the text is stored.
Rectangle {
    id: root

    property string originalText
    property string startText: originalText // what was typed before, when it is opened again
    property bool takesFocus: true
    property bool canSave: true // nothing is being written or stored
    property int versionCount: 1
    property bool isUser: true

    signal accepted(string text)
    signal cancelled
    signal typed(string text)

    function accept(): void {
        const text = area.text.trim();
        if (text.length > 0 && text === originalText)
            cancelled();
        else if (text.length > 0 && canSave)
            accepted(area.text);
    }

    implicitHeight: flick.height + 60
    radius: Theme.radiusDialog
    color: Theme.bg3
    border.width: 1.5
    border.color: Theme.measured
    Accessible.role: Accessible.Grouping
    Accessible.name: qsTr("Editing a message")

    Flickable {
        id: flick
        x: 16
        y: 10
        width: root.width - 32
        height: Math.min(area.height, Theme.read.line * 10)
        contentHeight: area.height
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        T.ScrollBar.vertical: ScrollBar {
        }

        InputArea {
            id: area
            width: flick.width
            flickable: flick
            Accessible.name: qsTr("Message text")
            Keys.onEscapePressed: root.cancelled()
            Keys.onPressed: event => {
                if ((event.key === Qt.Key_Return || event.key === Qt.Key_Enter) && event.modifiers & Qt.ControlModifier) {
                    event.accepted = true;
                    root.accept();
                }
            }
            onTextChanged: root.typed(text)
            Component.onCompleted: {
                show(root.startText);
                if (root.takesFocus)
                    forceActiveFocus(Qt.OtherFocusReason);
            }
        }
    }
    Label {
        x: 16
        anchors.verticalCenter: buttons.verticalCenter
        width: buttons.x - 24
        role: Theme.caption
        color: Theme.t3
        elide: Text.ElideRight
        text: root.isUser ? qsTr("The old question and its answers are kept as version %1.").arg(root.versionCount) : qsTr("The old answer is kept as version %1.").arg(root.versionCount)
    }
    Row {
        id: buttons
        anchors.right: parent.right
        anchors.rightMargin: 12
        anchors.bottom: parent.bottom
        anchors.bottomMargin: 10
        spacing: 8
        Button {
            kind: Button.Quiet
            isSmall: true
            text: qsTr("Cancel")
            onClicked: root.cancelled()
        }
        Button {
            kind: Button.Primary
            isSmall: true
            enabled: root.canSave && area.text.trim().length > 0
            text: root.isUser ? qsTr("Send") : qsTr("Save")
            onClicked: root.accept()
        }
    }
}

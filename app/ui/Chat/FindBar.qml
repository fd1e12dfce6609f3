import QtQuick
import Sotto.App
import Sotto.Components
import Sotto.Theme

// Find in this chat: every place where the words stand, one after the other.
Rectangle {
    id: root

    required property ChatController chat
    readonly property alias hits: hits // what is found, for whoever paints it

    signal hitRequested
    signal closed

    function open(): void {
        visible = true;
        field.forceActiveFocus(Qt.OtherFocusReason);
        field.selectAll();
    }
    function close(): void {
        visible = false;
        closed();
    }

    visible: false
    implicitWidth: 400
    implicitHeight: 44
    radius: Theme.radiusCard
    color: Theme.bg3
    border.color: Theme.line2
    Accessible.role: Accessible.Grouping
    Accessible.name: qsTr("Find in this chat")

    Row {
        x: 6
        anchors.verticalCenter: parent.verticalCenter
        spacing: 2

        TextField {
            id: field
            width: 212
            iconName: "search"
            placeholderText: qsTr("Find in this chat")
            Keys.onReturnPressed: event => hits.step(event.modifiers & Qt.ShiftModifier ? 1 : -1)
            Keys.onEscapePressed: root.close()
            Keys.onUpPressed: hits.step(-1)
            Keys.onDownPressed: hits.step(1)
        }
        Label {
            width: 76
            anchors.verticalCenter: parent.verticalCenter
            horizontalAlignment: Text.AlignHCenter
            role: Theme.caption
            color: Theme.t3
            text: field.text.length === 0 ? "" : hits.count === 0 ? qsTr("Nothing found") : qsTr("%1 of %2").arg(Theme.format.count(hits.position)).arg(Theme.format.count(hits.count))
            Accessible.role: Accessible.StaticText
            Accessible.name: text
        }
        IconButton {
            anchors.verticalCenter: parent.verticalCenter
            iconName: "chevron-left"
            rotation: 90
            enabled: hits.count > 0
            text: qsTr("Earlier place")
            keys: "Enter"
            onClicked: hits.step(-1)
        }
        IconButton {
            anchors.verticalCenter: parent.verticalCenter
            iconName: "chevron-down"
            enabled: hits.count > 0
            text: qsTr("Later place")
            keys: "Shift+Enter"
            onClicked: hits.step(1)
        }
        IconButton {
            anchors.verticalCenter: parent.verticalCenter
            iconName: "x"
            text: qsTr("Close")
            keys: "Esc"
            onClicked: root.close()
        }
    }
    FindHits {
        id: hits
        messages: root.chat.messages
        needle: root.visible ? field.text : ""
        onFound: root.hitRequested()
    }
    Connections {
        target: root.chat
        function onChatChanged(): void {
            if (root.visible)
                root.close();
        }
    }
}

import QtQuick
import Sotto.App
import Sotto.Components
import Sotto.Theme

// Find in this chat: the messages that have the words, one after the other.
Rectangle {
    id: root

    required property ChatController chat
    property var rows: []
    property int position: -1 // in rows; -1: none

    readonly property int foundRow: visible && position >= 0 && position < rows.length ? rows[position] : -1

    signal rowRequested(int row)
    signal closed

    function open(): void {
        visible = true;
        field.forceActiveFocus(Qt.OtherFocusReason);
        field.selectAll();
        find();
    }
    function close(): void {
        visible = false;
        closed();
    }
    function find(): void {
        rows = chat.findRows(field.text);
        position = rows.length - 1;
        if (position >= 0)
            rowRequested(rows[position]);
    }
    function step(offset: int): void {
        if (rows.length === 0)
            return;
        position = (position + offset + rows.length) % rows.length;
        rowRequested(rows[position]);
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
            onTextEdited: root.find()
            Keys.onReturnPressed: event => root.step(event.modifiers & Qt.ShiftModifier ? 1 : -1)
            Keys.onEscapePressed: root.close()
            Keys.onUpPressed: root.step(-1)
            Keys.onDownPressed: root.step(1)
        }
        Label {
            width: 76
            anchors.verticalCenter: parent.verticalCenter
            horizontalAlignment: Text.AlignHCenter
            role: Theme.caption
            color: Theme.t3
            text: field.text.length === 0 ? "" : root.rows.length === 0 ? qsTr("Nothing found") : qsTr("%1 of %2").arg(Theme.format.count(root.position + 1)).arg(Theme.format.count(root.rows.length))
            Accessible.role: Accessible.StaticText
            Accessible.name: text
        }
        IconButton {
            anchors.verticalCenter: parent.verticalCenter
            iconName: "chevron-left"
            rotation: 90
            enabled: root.rows.length > 0
            text: qsTr("Earlier message")
            keys: "Enter"
            onClicked: root.step(-1)
        }
        IconButton {
            anchors.verticalCenter: parent.verticalCenter
            iconName: "chevron-down"
            enabled: root.rows.length > 0
            text: qsTr("Later message")
            keys: "Shift+Enter"
            onClicked: root.step(1)
        }
        IconButton {
            anchors.verticalCenter: parent.verticalCenter
            iconName: "x"
            text: qsTr("Close")
            keys: "Esc"
            onClicked: root.close()
        }
    }
    Connections {
        target: root.chat
        function onChatChanged(): void {
            if (root.visible)
                root.close();
        }
    }
}

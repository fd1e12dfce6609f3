import QtQuick
import Sotto.App
import Sotto.Components

// Asks for the name of a new folder and makes it, with the chat it was asked for inside.
Dialog {
    id: root

    required property ChatListModel chats
    property double chatId: 0 // 0: an empty folder

    function askFor(chat: double): void {
        askAgain(chat, "");
    }
    function askAgain(chat: double, name: string): void {
        chatId = chat;
        field.text = name;
        open();
        field.forceActiveFocus(Qt.OtherFocusReason);
    }

    title: qsTr("New folder")
    canAccept: field.text.trim().length > 0
    onAccepted: root.chats.newFolder(field.text, root.chatId) // qmllint disable type

    TextField {
        id: field
        objectName: "folderName"
        width: parent ? parent.width : 0
        name: qsTr("Name of the folder")
        placeholderText: qsTr("Name of the folder")
    }
    buttons: [
        Button {
            text: qsTr("Cancel")
            onClicked: root.reject()
        },
        Button {
            kind: Button.Primary
            enabled: root.canAccept
            text: qsTr("Create")
            onClicked: root.accept()
        }
    ]
}

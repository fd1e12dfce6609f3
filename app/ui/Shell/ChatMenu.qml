pragma ComponentBehavior: Bound
import QtQuick
import Sotto.App
import Sotto.Components

// The menu of a row in the chat list.
Menu {
    id: root

    required property AppFacade app
    property ChatListRow row: null
    readonly property bool isFolder: row !== null && row.isFolder

    signal renameRequested(ChatListRow row)
    signal newFolderRequested(double chatId)

    MenuItem {
        iconName: "pencil"
        text: qsTr("Rename")
        keys: "F2"
        onTriggered: root.renameRequested(root.row)
    }
    MenuItem {
        visible: !root.isFolder
        iconName: "pin"
        text: root.row !== null && root.row.isPinned ? qsTr("Unpin") : qsTr("Pin")
        onTriggered: root.app.chats.setPinned(root.row.chatId, !root.row.isPinned)
    }
    MenuItem {
        visible: !root.isFolder
        iconName: "copy"
        text: qsTr("Duplicate")
        onTriggered: root.app.chats.duplicate(root.row.chatId)
    }
    Menu {
        id: folderMenu
        title: qsTr("Move to")
        enabled: !root.isFolder

        MenuItem {
            iconName: "plus"
            text: qsTr("New folder")
            onTriggered: root.newFolderRequested(root.row.chatId)
        }
        MenuItem {
            visible: root.row !== null && root.row.folderId !== 0
            iconName: "x"
            text: qsTr("No folder")
            onTriggered: root.app.chats.moveToFolder(root.row.chatId, 0)
        }
        MenuSeparator {
        }
        Instantiator {
            model: root.app.chats.folders
            delegate: MenuItem {
                required property var modelData
                iconName: "folder"
                text: modelData.title
                isChosen: root.row !== null && root.row.folderId === modelData.folderId
                onTriggered: root.app.chats.moveToFolder(root.row.chatId, modelData.folderId)
            }
            onObjectAdded: (index, object) => folderMenu.insertItem(index + 3, object as Item)
            onObjectRemoved: (index, object) => folderMenu.removeItem(object as Item)
        }
    }
    MenuSeparator {
    }
    MenuItem {
        objectName: "removeItem"
        iconName: root.isFolder ? "x" : "trash-2"
        isDanger: true
        keys: "Del"
        text: root.isFolder ? qsTr("Remove folder, keep its chats") : qsTr("Move to the bin")
        onTriggered: root.row.remove()
    }
}

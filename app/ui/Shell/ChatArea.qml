import QtQuick
import Sotto.Chat
import Sotto.Components

// The first page: the chat list (docked from 1120 px, else over the page) beside the chat on screen, or the
// first run in place of both.
Page {
    id: root

    property bool isListOverPage: false // narrow windows only

    readonly property bool isFirstRun: app.settings.isFirstRun
    readonly property bool canDockList: Window.width >= 1120
    // The inspector beside the page takes its place.
    readonly property bool isListDocked: canDockList && app.settings.isListOpen && !chatPage.isInspectorShown

    function focusPage(): void {
        if (isFirstRun)
            (firstRun.item as FirstRun)?.focusComposer();
        else
            chatPage.focusComposer();
    }
    function toggleList(): void {
        if (chatPage.isInspectorShown)
            chatPage.toggleInspector();
        else if (canDockList)
            app.settings.isListOpen = !app.settings.isListOpen;
        else
            isListOverPage = !isListOverPage;
    }

    objectName: "chatArea"
    foot: isFirstRun ? 0 : chatPage.height - chatPage.foot.y
    middle: isFirstRun ? width / 2 : chatPage.x + chatPage.foot.x + chatPage.foot.width / 2
    onIsFirstRunChanged: if (!isFirstRun && visible)
        focusPage()
    onCanDockListChanged: isListOverPage = false
    onVisibleChanged: isListOverPage = false

    ChatList {
        id: docked
        objectName: "dockedList"
        height: parent.height
        visible: root.isListDocked && !root.isFirstRun
        app: root.app
        onSearchRequested: root.commands.search.triggered()
        onFolderRequested: chatId => folderDialog.askFor(chatId)
        onChosen: root.focusPage()
        Keys.onEscapePressed: chatPage.handleEscape()
    }
    Divider {
        x: docked.width
        height: parent.height
        visible: docked.visible
    }
    ChatPage {
        id: chatPage
        anchors.fill: parent
        anchors.leftMargin: docked.visible ? docked.width + 1 : 0
        visible: !root.isFirstRun
        focus: true
        app: root.app
        isListDocked: root.isListDocked
        onListRequested: root.toggleList()
        onDeleteRequested: chatId => binDialog.askFor(chatId)
        onParametersRequested: path => loadDialog.openFor(path)
    }
    LoadDialog {
        id: loadDialog
        app: root.app
    }
    BinDialog {
        id: binDialog
        bin: root.app.bin
    }
    Loader {
        id: firstRun
        anchors.fill: parent
        active: root.isFirstRun
        // A Loader cannot make bound components in 6.4, so the linter cannot see that ids are in reach.
        // qmllint disable unqualified
        sourceComponent: FirstRun {
            app: root.app
        }
        // qmllint enable unqualified
    }
    OverPanel {
        isOpen: root.isListOverPage
        onClosed: root.isListOverPage = false

        // qmllint disable unqualified
        content: ChatList {
            objectName: "listOverPage"
            app: root.app
            onSearchRequested: root.commands.search.triggered()
            onFolderRequested: chatId => folderDialog.askFor(chatId)
            onChosen: {
                root.isListOverPage = false;
                root.focusPage();
            }
        }
        // qmllint enable unqualified
    }
    NewFolderDialog {
        id: folderDialog
        chats: root.app.chats
    }

    Connections {
        target: root.app.chats
        // Not stored: the question is open again with the name that was typed.
        function onNewFolderFailed(title: string, chatId: double): void {
            folderDialog.askAgain(chatId, title);
        }
    }
    Connections {
        target: root.commands.newChat
        function onTriggered(): void {
            root.app.chats.newChat();
            root.showRequested();
        }
    }
    Connections {
        target: root.commands.newTemporaryChat
        function onTriggered(): void {
            root.app.chats.newTemporaryChat();
            root.showRequested();
        }
    }
    Connections {
        target: root.commands.newFolder
        function onTriggered(): void {
            folderDialog.askFor(0);
        }
    }
    Connections {
        target: root.commands.chooseModel
        function onTriggered(): void {
            root.showRequested();
            chatPage.openModelPicker();
        }
    }
    Connections {
        target: root.commands.find
        function onTriggered(): void {
            chatPage.openFind();
        }
    }
    Connections {
        target: root.commands.focusComposer
        function onTriggered(): void {
            root.showRequested();
        }
    }
    Connections {
        target: root.commands.toggleList
        function onTriggered(): void {
            root.showRequested();
            root.toggleList();
        }
    }
    Connections {
        target: root.commands.inspector
        function onTriggered(): void {
            chatPage.toggleInspector();
        }
    }
    Connections {
        target: root.commands.toggleLive
        function onTriggered(): void {
            chatPage.toggleLive();
        }
    }
}

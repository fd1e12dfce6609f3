import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Sotto.App
import Sotto.Chat
import Sotto.Components
import Sotto.System
import Sotto.Theme

// The window: rail, chat list (docked from 1120 px, else over the page), one page at a time, overlays,
// keys. main() passes the root object.
T.ApplicationWindow {
    id: root

    required property AppFacade app
    property int page: Rail.Chat
    property bool isListOverPage: false // narrow windows only
    property var folderWish: null // {title, chatId}: move the chat once the folder is there

    readonly property bool isChatPage: page === Rail.Chat
    readonly property bool isFirstRun: isChatPage && app.settings.isFirstRun
    readonly property bool canDockList: width >= 1120
    readonly property bool isListDocked: canDockList && app.settings.isListOpen

    function showChat(): void {
        page = Rail.Chat;
        isListOverPage = false;
        focusComposer();
    }
    function focusComposer(): void {
        if (isFirstRun)
            firstRun.item?.focusComposer();
        else
            chatPage.focusComposer();
    }
    function toggleList(): void {
        page = Rail.Chat;
        if (canDockList)
            app.settings.isListOpen = !app.settings.isListOpen;
        else
            isListOverPage = !isListOverPage;
    }
    function openMessage(chatId: double, messageId: double): void {
        showChat();
        app.chat.openMessage(chatId, messageId);
    }
    function askForFolder(chatId: double): void {
        folderDialog.chatId = chatId;
        folderDialog.ask();
    }
    function restoreGeometry(): void {
        const stored = app.settings.windowGeometry;
        if (stored.width < minimumWidth || stored.height < minimumHeight)
            return;
        x = stored.x;
        y = stored.y;
        width = stored.width;
        height = stored.height;
    }

    width: 1440
    height: 900
    minimumWidth: 960
    minimumHeight: 600
    title: app.chat.title.length > 0 ? app.chat.title + " – Sotto" : "Sotto"
    color: Theme.bg2
    palette {
        window: Theme.bg2
        windowText: Theme.t1
        base: Theme.bg3
        text: Theme.t1
        button: Theme.bg4
        buttonText: Theme.t1
        highlight: Theme.measuredDim
        highlightedText: Theme.t1
        link: Theme.blue
        placeholderText: Theme.t3
    }
    onCanDockListChanged: isListOverPage = false
    onClosing: app.settings.windowGeometry = Qt.rect(x, y, width, height)
    Component.onCompleted: {
        restoreGeometry();
        focusComposer();
    }

    Translation {
        id: translation
        setting: root.app.settings.language
    }
    Binding {
        target: Theme
        property: "isDark"
        value: root.app.settings.isDark
    }
    Binding {
        target: Theme
        property: "language"
        value: translation.current
    }
    Binding {
        target: Theme
        property: "textSize"
        value: root.app.settings.textSize
    }
    Binding {
        target: Theme
        property: "reducedMotion"
        value: root.app.settings.reducedMotion
    }

    WindowKeys {
        commands: commands
    }
    WindowCommands {
        id: commands
        app: root.app
        isChatPage: root.isChatPage && !root.isFirstRun
        newChat.onTriggered: {
            root.app.chats.newChat();
            root.showChat();
        }
        newTemporaryChat.onTriggered: {
            root.app.chats.newTemporaryChat();
            root.showChat();
        }
        newFolder.onTriggered: root.askForFolder(0)
        searchChats.onTriggered: search.openWith(false)
        search.onTriggered: search.openWith(true)
        chooseModel.onTriggered: {
            root.showChat();
            chatPage.openModelPicker();
        }
        find.onTriggered: chatPage.openFind()
        focusComposer.onTriggered: root.showChat()
        toggleList.onTriggered: root.toggleList()
        toggleLive.onTriggered: chatPage.toggleLive()
        showChat.onTriggered: root.showChat()
        showSettings.onTriggered: root.page = Rail.Settings
        shortcuts.onTriggered: shortcuts.open()
    }

    RowLayout {
        anchors.fill: parent
        spacing: 0

        Rail {
            Layout.fillHeight: true
            currentPage: root.page
            isWriting: root.app.chat.isBusy
            onPageRequested: page => page === Rail.Chat ? root.showChat() : root.page = page
        }
        ChatList {
            objectName: "dockedList"
            Layout.fillHeight: true
            visible: root.isListDocked && root.isChatPage && !root.isFirstRun
            app: root.app
            onSearchRequested: search.openWith(true)
            onFolderRequested: chatId => root.askForFolder(chatId)
            onChosen: root.focusComposer()
            Keys.onEscapePressed: chatPage.handleEscape()
        }
        Divider {
            Layout.fillHeight: true
            visible: root.isListDocked && root.isChatPage && !root.isFirstRun
        }
        Item {
            Layout.fillWidth: true
            Layout.fillHeight: true

            StorageBanner {
                id: banner
                objectName: "storageProblem"
                width: parent.width
                health: root.app.health
            }
            ChatPage {
                id: chatPage
                anchors.fill: parent
                anchors.topMargin: banner.height
                visible: root.isChatPage && !root.isFirstRun
                app: root.app
                isListDocked: root.isListDocked
                onListRequested: root.toggleList()
            }
            Loader {
                id: firstRun
                anchors.fill: parent
                anchors.topMargin: banner.height
                active: root.isFirstRun
                // A Loader cannot make bound components in 6.4, so the linter cannot see that ids are in reach.
                // qmllint disable unqualified
                sourceComponent: FirstRun {
                    app: root.app
                }
                // qmllint enable unqualified
            }
            Loader {
                anchors.fill: parent
                anchors.topMargin: banner.height
                active: root.page === Rail.Settings
                // A Loader cannot make bound components in 6.4, so the linter cannot see that ids are in reach.
                // qmllint disable unqualified
                sourceComponent: SettingsPage {
                    app: root.app
                    onShortcutsRequested: shortcuts.open()
                }
                // qmllint enable unqualified
            }
            Toast {
                id: toast
                objectName: "toast"
                onActionTriggered: root.app.chats.undo()
            }
        }
    }

    OverPanel {
        isOpen: root.isListOverPage && root.isChatPage
        onClosed: root.isListOverPage = false

        // qmllint disable unqualified
        content: ChatList {
            objectName: "listOverPage"
            app: root.app
            onSearchRequested: search.openWith(true)
            onFolderRequested: chatId => root.askForFolder(chatId)
            onChosen: root.showChat()
        }
        // qmllint enable unqualified
    }

    SearchOverlay {
        id: search
        app: root.app
        commands: Array.from(commands.all)
        onMessageRequested: (chatId, messageId) => root.openMessage(chatId, messageId)
    }
    ShortcutsOverlay {
        id: shortcuts
        groups: opened ? commands.groups() : []
    }
    NewFolderDialog {
        id: folderDialog
        property double chatId: 0
        onFolderNamed: title => {
            root.folderWish = chatId !== 0 ? {
                "title": title,
                "chatId": chatId
            } : null;
            root.app.chats.newFolder(title);
        }
    }
    Connections {
        target: root.app.chats
        function onCanUndoChanged(): void {
            if (root.app.chats.canUndo)
                toast.show(qsTr("“%1” moved to the bin").arg(root.app.chats.undoText.length > 0 ? root.app.chats.undoText : qsTr("New chat")), qsTr("Undo"));
            else
                toast.hide();
        }
        function onFoldersChanged(): void {
            const wish = root.folderWish;
            const folders = Array.from(root.app.chats.folders);
            const folder = wish ? folders.find(entry => entry.title === wish.title) : undefined;
            if (folder === undefined)
                return;
            root.folderWish = null;
            root.app.chats.moveToFolder(wish.chatId, folder.folderId);
        }
    }
}

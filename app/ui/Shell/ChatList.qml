pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components
import Sotto.Theme

// The side list: new chats, search, pinned, folders, chats by date. Also drawn over the page in narrow
// windows; then `chosen` closes it.
Rectangle {
    id: root

    required property AppFacade app
    property double renamingChatId: 0
    property double renamingFolderId: 0
    property string renamingText // typed before, when it could not be stored
    property bool isBin: false // the bin is shown in its place

    signal searchRequested
    signal folderRequested(double chatId) // a new folder, for this chat or 0
    signal chosen

    function focusList(): void {
        list.forceActiveFocus(Qt.ShortcutFocusReason);
    }
    function showBin(isWanted: bool): void {
        isBin = isWanted;
        if (!isBin) {
            bin.source = "";
            return focusList();
        }
        bin.setSource(Qt.resolvedUrl("BinList.qml"), {
                "app": app
            });
        (bin.item as BinList).focusList();
    }
    function openMenu(row: Item, x: real, y: real): void {
        menu.row = row;
        menu.parent = row;
        menu.popup(row, x, y);
    }
    function startRenaming(row: ChatListRow): void {
        renamingChatId = row.chatId;
        renamingFolderId = row.chatId === 0 ? row.folderId : 0;
    }
    function endRenaming(takesFocus: bool): void {
        renamingChatId = 0;
        renamingFolderId = 0;
        renamingText = "";
        app.chats.typeName(0, 0, "");
        if (takesFocus)
            list.forceActiveFocus();
    }

    implicitWidth: 264
    color: Theme.bg1
    Accessible.role: Accessible.Pane
    Accessible.name: qsTr("Chats")

    ColumnLayout {
        anchors.fill: parent
        spacing: 0

        ColumnLayout {
            Layout.fillWidth: true
            Layout.fillHeight: true
            visible: !root.isBin
            spacing: 0

            RowLayout {
                Layout.fillWidth: true
                Layout.preferredHeight: 52
                Layout.leftMargin: 16
                Layout.rightMargin: 8
                spacing: 0
                Label {
                    Layout.fillWidth: true
                    role: Theme.h2
                    text: qsTr("Chats")
                }
                IconButton {
                    objectName: "newTemporaryChat"
                    isLarge: true
                    iconName: "message-circle-dashed"
                    text: qsTr("Temporary chat, not saved")
                    keys: "Ctrl+Shift+P"
                    onClicked: {
                        root.app.chats.newTemporaryChat();
                        root.chosen();
                    }
                }
                IconButton {
                    objectName: "newChat"
                    isLarge: true
                    iconName: "square-pen"
                    iconColor: Theme.t1
                    text: qsTr("New chat")
                    keys: "Ctrl+N"
                    onClicked: {
                        root.app.chats.newChat();
                        root.chosen();
                    }
                }
            }
            SearchButton {
                objectName: "searchAll"
                Layout.fillWidth: true
                Layout.leftMargin: 12
                Layout.rightMargin: 12
                Layout.bottomMargin: 4
                onClicked: root.searchRequested()
            }
            Item {
                Layout.fillWidth: true
                Layout.fillHeight: true

                ListView {
                    id: list

                    property bool isByKeyboard: false

                    function moveBy(offset: int): void {
                        isByKeyboard = true;
                        const before = currentIndex;
                        do {
                            currentIndex = Math.max(-1, Math.min(count, currentIndex + offset));
                        } while (currentItem && (currentItem as ChatListRow).isSection)
                        if (!currentItem)
                            currentIndex = before;
                        positionViewAtIndex(currentIndex, ListView.Contain);
                    }

                    objectName: "chatList"
                    anchors.fill: parent
                    bottomMargin: 8
                    clip: true
                    model: root.app.chats
                    boundsBehavior: Flickable.StopAtBounds
                    activeFocusOnTab: true
                    keyNavigationEnabled: false
                    currentIndex: -1
                    Accessible.role: Accessible.List
                    Accessible.name: qsTr("Chats")
                    T.ScrollBar.vertical: ScrollBar {
                    }
                    onActiveFocusChanged: if (activeFocus && currentIndex < 0)
                        moveBy(1)
                    Keys.onUpPressed: moveBy(-1)
                    Keys.onDownPressed: moveBy(1)
                    Keys.onReturnPressed: (currentItem as ChatListRow)?.activate()
                    Keys.onEnterPressed: (currentItem as ChatListRow)?.activate()
                    Keys.onSpacePressed: (currentItem as ChatListRow)?.activate()
                    Keys.onDeletePressed: (currentItem as ChatListRow)?.remove()
                    Keys.onPressed: event => {
                        if (event.key === Qt.Key_F2 && currentItem) {
                            root.startRenaming(currentItem as ChatListRow);
                            event.accepted = true;
                        } else if (event.matches(StandardKey.Undo)) {
                            root.app.chats.undo();
                            event.accepted = true;
                        } else if (event.key === Qt.Key_Menu && currentItem) {
                            root.openMenu(currentItem, 24, 28);
                            event.accepted = true;
                        }
                    }

                    delegate: ChatListRow {
                        width: ListView.view.width
                        app: root.app
                        isMenuOpen: menu.visible && menu.row === this
                        isRenaming: (chatId !== 0 && chatId === root.renamingChatId) || (chatId === 0 && folderId !== 0 && folderId === root.renamingFolderId)
                        isFocused: ListView.isCurrentItem && list.activeFocus && list.isByKeyboard
                        onOpened: root.chosen()
                        onMenuRequested: (x, y) => root.openMenu(this, x, y)
                        renamingText: root.renamingText
                        takesFocus: root.renamingText.length === 0 || list.activeFocus
                        onRenamingEnded: byKey => root.endRenaming(byKey)
                        onPressedByMouse: {
                            list.isByKeyboard = false;
                            list.currentIndex = index;
                        }
                    }
                }
                EmptyState {
                    anchors.centerIn: parent
                    width: parent.width - 48
                    visible: root.app.chats.isEmpty
                    iconName: "message-square"
                    title: qsTr("No chats yet")
                    text: qsTr("They are saved on this computer only.")
                }
            }
            BinEntry {
                objectName: "binEntry"
                Layout.fillWidth: true
                Layout.leftMargin: 8
                Layout.rightMargin: 8
                Layout.bottomMargin: 6
                count: root.app.bin.count
                onClicked: root.showBin(true)
            }
        }
        Loader {
            id: bin
            Layout.fillWidth: true
            Layout.fillHeight: true
            visible: root.isBin

            Connections {
                target: bin.item as BinList
                function onClosed(): void {
                    root.showBin(false);
                }
                function onChosen(): void {
                    root.chosen();
                }
            }
        }
        Divider {
            Layout.fillWidth: true
        }
        RowLayout {
            Layout.fillWidth: true
            Layout.preferredHeight: 44
            Layout.leftMargin: 16
            Layout.rightMargin: 16
            spacing: 8
            Icon {
                name: "shield-check"
                size: 15
                color: Theme.measured
            }
            Label {
                objectName: "networkState"
                Layout.fillWidth: true
                role: Theme.caption
                color: Theme.t3
                elide: Text.ElideRight
                text: (root.app.network.isOffline ? qsTr("Offline. %1 bytes sent since start.") : qsTr("%1 bytes sent since start.")).arg(Theme.format.count(root.app.bytesSent)) // qmllint disable type
            }
        }
    }

    // Not stored: the field is open again with what was typed.
    Connections {
        target: root.app.chats
        function onRenameFailed(chatId: double, folderId: double, title: string): void {
            root.renamingText = title;
            root.renamingFolderId = folderId;
            root.renamingChatId = chatId;
        }
    }
    ChatMenu {
        id: menu
        app: root.app
        onRenameRequested: row => root.startRenaming(row)
        onNewFolderRequested: chatId => root.folderRequested(chatId)
    }
}

pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components
import Sotto.Theme

// The bin in the place of the chat list: what was deleted, how long it stays, back or gone for good.
ColumnLayout {
    id: root

    required property AppFacade app
    readonly property BinModel bin: app.bin

    signal closed
    signal chosen

    function focusList(): void {
        list.forceActiveFocus(Qt.ShortcutFocusReason);
    }
    function restore(chatId: double): void {
        if (chatId !== 0)
            bin.restore(chatId);
    }
    function askToDelete(chatId: double): void {
        if (chatId !== 0)
            dialog.askFor(chatId);
    }

    spacing: 0
    Accessible.role: Accessible.Pane
    Accessible.name: qsTr("Bin")
    Component.onDestruction: bin.search = ""

    RowLayout {
        Layout.fillWidth: true
        Layout.preferredHeight: 52
        Layout.leftMargin: 8
        Layout.rightMargin: 8
        spacing: 4
        IconButton {
            objectName: "leaveBin"
            isLarge: true
            iconName: "arrow-left"
            iconColor: Theme.t1
            text: qsTr("Back to the chats")
            keys: "Esc"
            onClicked: root.closed()
        }
        Label {
            role: Theme.h2
            text: qsTr("Bin")
        }
        Label {
            Layout.leftMargin: 4
            Layout.fillWidth: true
            role: Theme.caption
            color: Theme.t3
            elide: Text.ElideRight
            text: qsTr("%n chat(s)", "", root.bin.count)
        }
    }
    SearchField {
        objectName: "searchBin"
        Layout.fillWidth: true
        Layout.leftMargin: 12
        Layout.rightMargin: 12
        name: qsTr("Search the bin")
        placeholderText: qsTr("Search the bin")
        text: root.bin.search
        onTextChanged: root.bin.search = text
    }
    Item {
        Layout.fillWidth: true
        Layout.fillHeight: true

        ListView {
            id: list

            property bool isByKeyboard: false
            readonly property BinRow row: currentItem as BinRow

            function moveBy(offset: int): void {
                isByKeyboard = true;
                const before = currentIndex;
                do {
                    currentIndex = Math.max(-1, Math.min(count, currentIndex + offset));
                } while (currentItem && (currentItem as BinRow).isSection)
                if (!currentItem)
                    currentIndex = before;
                positionViewAtIndex(currentIndex, ListView.Contain);
            }
            function activate(): void {
                if (row === null || row.isSection)
                    return;
                root.bin.open(row.chatId);
                root.chosen();
            }

            objectName: "binList"
            anchors.fill: parent
            bottomMargin: 8
            clip: true
            model: root.bin
            boundsBehavior: Flickable.StopAtBounds
            activeFocusOnTab: true
            keyNavigationEnabled: false
            currentIndex: -1
            Accessible.role: Accessible.List
            Accessible.name: qsTr("Deleted chats")
            T.ScrollBar.vertical: ScrollBar {
            }
            onActiveFocusChanged: if (activeFocus && currentIndex < 0)
                moveBy(1)
            Keys.onUpPressed: moveBy(-1)
            Keys.onDownPressed: moveBy(1)
            Keys.onReturnPressed: activate()
            Keys.onEnterPressed: activate()
            Keys.onSpacePressed: activate()
            Keys.onEscapePressed: root.closed()
            Keys.onDeletePressed: event => {
                if (event.modifiers & Qt.ShiftModifier)
                    root.askToDelete(row?.chatId ?? 0);
            }
            Keys.onPressed: event => {
                if (event.matches(StandardKey.Undo)) {
                    root.app.chats.undo();
                    event.accepted = true;
                } else if (event.key === Qt.Key_Menu && row && !row.isSection) {
                    menu.openFor(row, 24, 28);
                    event.accepted = true;
                }
            }

            delegate: BinRow {
                width: ListView.view.width
                hasDays: root.bin.days > 0
                isFocused: ListView.isCurrentItem && list.activeFocus && list.isByKeyboard
                isMenuOpen: menu.visible && menu.chatId === chatId
                onOpened: {
                    root.bin.open(chatId);
                    root.chosen();
                }
                onMenuRequested: (x, y) => menu.openFor(this, x, y)
                onPressedByMouse: {
                    list.isByKeyboard = false;
                    list.currentIndex = index;
                }
            }
        }
        EmptyState {
            anchors.centerIn: parent
            width: parent.width - 48
            visible: !root.bin.hasRows
            iconName: root.bin.count === 0 ? "trash-2" : "search"
            title: root.bin.count === 0 ? qsTr("The bin is empty") : qsTr("Nothing found")
            text: root.bin.count === 0 ? qsTr("Deleted chats are kept here first.") : qsTr("The titles of deleted chats are searched.")
        }
    }
    RowLayout {
        Layout.fillWidth: true
        Layout.leftMargin: 16
        Layout.rightMargin: 6
        spacing: 4
        Label {
            Layout.fillWidth: true
            role: Theme.micro
            color: Theme.t3
            wrapMode: Text.Wrap
            text: root.bin.days > 0 ? qsTr("Chats here are deleted for good after %n day(s).", "", root.bin.days) : qsTr("Chats here stay until you delete them for good.")
        }
        Button {
            objectName: "changeBinDays"
            isSmall: true
            kind: Button.Quiet
            textColor: Theme.measured
            text: qsTr("Change")
            Accessible.description: qsTr("How long deleted chats are kept")
            onClicked: daysMenu.popup(this, width - daysMenu.width, -daysMenu.implicitHeight - 4)
        }
    }
    Button {
        objectName: "emptyBin"
        Layout.leftMargin: 16
        Layout.topMargin: 6
        Layout.bottomMargin: 12
        Layout.maximumWidth: root.width - 32
        enabled: root.bin.count > 0
        isSmall: true
        kind: Button.Danger
        iconName: "trash-2"
        text: root.bin.count > 0 ? qsTr("Empty the bin, %1").arg(Theme.format.fileSize(root.bin.bytes)) : qsTr("Empty the bin")
        onClicked: dialog.askFor(0)
    }

    Menu {
        id: menu

        property double chatId: 0

        function openFor(row: BinRow, x: real, y: real): void {
            chatId = row.chatId;
            popup(row, x, y);
        }

        MenuItem {
            objectName: "restoreItem"
            iconName: "undo-2"
            text: qsTr("Restore")
            onTriggered: root.restore(menu.chatId)
        }
        MenuItem {
            iconName: "trash-2"
            isDanger: true
            keys: "Shift+Del"
            text: qsTr("Delete for good")
            onTriggered: root.askToDelete(menu.chatId)
        }
    }
    Menu {
        id: daysMenu

        Instantiator {
            model: root.app.settings.binDaysChoices
            delegate: MenuItem {
                required property var modelData
                isCheckable: true
                iconName: isChosen ? "check" : ""
                isChosen: root.bin.days === modelData.value
                text: modelData.text
                onTriggered: root.bin.days = modelData.value
            }
            onObjectAdded: (index, object) => daysMenu.insertItem(index, object as Item)
            onObjectRemoved: (index, object) => daysMenu.removeItem(object as Item)
        }
    }
    BinDialog {
        id: dialog
        bin: root.bin
    }
}

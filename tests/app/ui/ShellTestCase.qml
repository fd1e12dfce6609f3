import QtQuick
import QtTest
import Sotto.App
import Sotto.Components
import Sotto.Shell
import Sotto.Tests
import Sotto.Theme

// The window on the real controllers with a filled list of chats, for every test anew, and what tests of the
// window have in common.
TestCase {
    id: root

    property Main window: null
    property TestApp program: null
    property AppFacade app: null
    property WindowPages furtherPages: null
    property var ids: ({}) // by title: chats and folders

    when: windowShown

    Component {
        id: appComponent
        TestApp {}
    }
    Component {
        id: windowComponent
        Main {
            visible: true
        }
    }
    Component {
        id: pagesComponent
        WindowPages {
            id: pages
            readonly property PageEntry extra: PageEntry {
                name: "extra"
                text: "Extra"
                keys: "Ctrl+3"
                source: Qt.resolvedUrl("ExtraPage.qml")
            }
            all: [chat, extra, settings]
        }
    }

    function init(): void {
        begin({});
    }
    function begin(properties: var): void {
        program = appComponent.createObject(root, properties);
        app = program.facade;
        app.settings.theme = SettingsController.Dark;
        fillList();
        open({});
    }
    function open(properties: var): void {
        window = createTemporaryObject(windowComponent, null, Object.assign({
            app: app,
            width: 1440,
            height: 900
        }, properties));
        verify(window !== null);
        tryVerify(() => window.active);
    }
    function openWithAFurtherPage(): WindowPages {
        window.destroy();
        wait(0);
        furtherPages = pagesComponent.createObject(root, {
            app: app
        });
        open({
            pages: furtherPages
        });
        return furtherPages;
    }
    // What is added last stands first in its part of the list.
    function fillList(): void {
        const question = text => [
                {
                    isUser: true,
                    text: text
                }
            ];
        ids = {};
        ids["Household"] = program.addFolder("Household");
        ids["Work"] = program.addFolder("Work", true);
        const chats = [["润色给房东的邮件", {}], ["Why the dough stays sticky", {}], ["Offer", {
                    folderId: ids["Work"]
                }], ["Letter to the landlord", {
                    folderId: ids["Household"]
                }], ["Bank export by month", {
                    folderId: ids["Household"]
                }], ["Tax letter, in plain words", {
                    isPinned: true
                }]];
        for (const [title, place] of chats)
            ids[title] = program.addChat(Object.assign({
                title: title
            }, place), question(title.startsWith("Letter") ? "Dear landlord, the heating has been off since Monday" : "Hello"));
        program.refresh();
    }
    function cleanup(): void {
        window.destroy();
        furtherPages?.destroy();
        wait(0);
        program.destroy();
        wait(0);
    }
    function chatRole(title: string, role: int): var {
        for (let row = 0; row < app.chats.rowCount(); ++row) {
            const index = app.chats.index(row, 0);
            if (app.chats.data(index, ChatListModel.ChatIdRole) === ids[title])
                return app.chats.data(index, role);
        }
        return undefined;
    }
    function rowAt(list: ListView, title: string): Item {
        for (let row = 0; row < list.count; ++row)
            if (list.itemAtIndex(row)?.title === title)
                return list.itemAtIndex(row);
        return null;
    }
    function focusList(): ListView {
        const list = findChild(find("dockedList"), "chatList");
        list.forceActiveFocus(Qt.TabFocusReason);
        return list;
    }
    function allItems(item: Item, isWanted: var, found: var): var {
        if (isWanted(item))
            found.push(item);
        for (const child of Array.from(item.children))
            allItems(child, isWanted, found);
        return found;
    }
    function find(name: string): Item {
        const item = findChild(window, name);
        verify(item !== null, name);
        return item;
    }
}

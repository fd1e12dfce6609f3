import QtQuick
import QtTest
import Sotto.App
import Sotto.Shell
import Sotto.Theme

// The window on a stand-in for Sotto.App: layout at each width, keys, chat list, search, settings.
TestCase {
    id: root

    property Main window: null
    property AppFacade app: null
    property WindowPages furtherPages: null

    name: "Shell"
    when: windowShown

    Component {
        id: appComponent
        AppFacade {}
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
                keys: "Ctrl+2"
                source: Qt.resolvedUrl("ExtraPage.qml")
            }
            all: [chat, extra, settings]
        }
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
        cleanup();
        const pages = pagesComponent.createObject(root, {
            app: app
        });
        furtherPages = pages;
        open({
            pages: pages
        });
        return pages;
    }
    function init(): void {
        app = createTemporaryObject(appComponent, root);
        open({});
    }
    function cleanup(): void {
        window.destroy();
        furtherPages?.destroy();
        wait(0);
    }
    function find(name: string): Item {
        const item = findChild(window, name);
        verify(item !== null, name);
        return item;
    }

    function test_layout_docksTheListFrom1120_data(): var {
        return [
            {
                tag: "1440",
                width: 1440,
                isDocked: true
            },
            {
                tag: "1120",
                width: 1120,
                isDocked: true
            },
            {
                tag: "1119",
                width: 1119,
                isDocked: false
            },
            {
                tag: "960",
                width: 960,
                isDocked: false
            }
        ];
    }
    function test_layout_docksTheListFrom1120(row: var): void {
        window.width = row.width;
        tryCompare(find("dockedList"), "visible", row.isDocked);
        keyClick(Qt.Key_B, Qt.ControlModifier);
        if (row.isDocked) {
            compare(app.settings.isListOpen, false);
        } else {
            compare(find("chatArea").isListOverPage, true);
            tryVerify(() => findChild(window, "listOverPage") !== null);
            keyClick(Qt.Key_Escape);
            tryCompare(find("chatArea"), "isListOverPage", false);
        }
    }
    function test_minimum_is960x600(): void {
        compare(window.minimumWidth, 960);
        compare(window.minimumHeight, 600);
    }
    function test_keys_reachTheControllers_data(): var {
        return [
            {
                tag: "new chat",
                key: Qt.Key_N,
                modifiers: Qt.ControlModifier,
                call: "newChat"
            },
            {
                tag: "temporary chat",
                key: Qt.Key_P,
                modifiers: Qt.ControlModifier | Qt.ShiftModifier,
                call: "newTemporaryChat"
            }
        ];
    }
    function test_keys_reachTheControllers(row: var): void {
        keyClick(row.key, row.modifiers);
        compare(app.chats.calls[0][0], row.call);
    }
    function test_textSize_followsItsKeysWithinItsRange(): void {
        keyClick(Qt.Key_Plus, Qt.ControlModifier);
        compare(app.settings.textSize, 16);
        compare(Theme.textSize, 16);
        for (let i = 0; i < 9; ++i)
            keyClick(Qt.Key_Minus, Qt.ControlModifier);
        compare(app.settings.textSize, 13);
        keyClick(Qt.Key_0, Qt.ControlModifier);
        compare(app.settings.textSize, 15);
    }
    function test_pages_changeByKey(): void {
        keyClick(Qt.Key_Comma, Qt.ControlModifier);
        compare(window.page, "settings");
        compare(find("dockedList").visible, false);
        keyClick(Qt.Key_1, Qt.ControlModifier);
        compare(window.page, "chat");
        compare(find("dockedList").visible, true);
    }
    // What the table holds is in the rail, has its key, is found by name and is drawn; nothing else knows
    // of it.
    function test_pages_aFurtherOneNeedsTheTableOnly(): void {
        const pages = openWithAFurtherPage();
        const item = findChild(find("rail"), "rail-extra");
        verify(item.visible);
        tryVerify(() => item.y > findChild(find("rail"), "rail-chat").y);
        compare(findChild(window, "extraPage"), null);
        keyClick(Qt.Key_2, Qt.ControlModifier);
        compare(window.page, "extra");
        tryVerify(() => findChild(window, "extraPage") !== null);
        verify(find("extraPage").visible);
        verify(find("extraPage").activeFocus);
        compare(find("chatArea").visible, false);
        keyClick(Qt.Key_1, Qt.ControlModifier);
        tryVerify(() => findChild(window, "extraPage") === null);
        mouseClick(item);
        compare(window.page, "extra");
        keyClick(Qt.Key_1, Qt.ControlModifier);
        keyClick(Qt.Key_K, Qt.ControlModifier);
        const field = find("searchField");
        tryVerify(() => field.activeFocus);
        field.text = "extra";
        keyClick(Qt.Key_Return);
        compare(window.page, "extra");
        pages.extra.isThere = false;
        compare(window.page, "chat");
        compare(item.visible, false);
        keyClick(Qt.Key_2, Qt.ControlModifier);
        compare(window.page, "chat");
        verify(!window.commands.groups().some(group => group.rows.some(row => row.text === "Extra")));
        pages.extra.isThere = true;
        verify(window.commands.groups().some(group => group.rows.some(row => row.text === "Extra")));
    }
    function test_pages_oneThatIsNotThereLeavesNoTrace(): void {
        keyClick(Qt.Key_2, Qt.ControlModifier);
        compare(window.page, "chat");
        compare(findChild(find("rail"), "rail-extra"), null);
    }
    function test_newFolder_isMadeForTheChat(): void {
        find("dockedList").folderRequested(13);
        const field = findChild(window, "folderName");
        tryVerify(() => field.activeFocus);
        keyClick(Qt.Key_A);
        keyClick(Qt.Key_Return);
        compare(app.chats.calls[0], ["newFolder", "a", 13]);
    }
    function test_list_movesByKeysOverHeadings(): void {
        const list = findChild(find("dockedList"), "chatList");
        list.forceActiveFocus(Qt.TabFocusReason);
        compare(list.currentItem.title, "Tax letter, in plain words");
        keyClick(Qt.Key_Down);
        compare(list.currentItem.title, "Household");
        keyClick(Qt.Key_Up);
        keyClick(Qt.Key_Up);
        compare(list.currentItem.title, "Tax letter, in plain words");
        keyClick(Qt.Key_Return);
        compare(app.chats.currentChatId, 10);
    }
    function test_list_deletesWithUndo(): void {
        const list = findChild(find("dockedList"), "chatList");
        list.forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Delete);
        compare(app.chats.calls[0], ["remove", 10]);
        app.chats.undoText = "“Tax letter, in plain words” moved to the bin";
        app.chats.canUndo = true;
        const toast = find("toast");
        tryCompare(toast, "opacity", 1);
        verify(toast.text.includes("Tax letter"));
        mouseClick(toast, toast.width - 30, toast.height / 2);
        compare(app.chats.calls[1][0], "undo");
    }
    function test_list_renamesInPlace(): void {
        const list = findChild(find("dockedList"), "chatList");
        list.forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_F2);
        tryVerify(() => list.currentItem.isRenaming);
        keyClick(Qt.Key_A);
        keyClick(Qt.Key_Return);
        compare(app.chats.calls[0], ["rename", 10, "a"]);
        verify(!list.currentItem.isRenaming);
    }
    function test_list_renamingIsLeftByEscape(): void {
        const list = findChild(find("dockedList"), "chatList");
        list.forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_F2);
        keyClick(Qt.Key_A);
        keyClick(Qt.Key_Escape);
        compare(app.chats.calls.length, 0);
    }
    function test_list_dragsAChatIntoAFolder(): void {
        const list = findChild(find("dockedList"), "chatList");
        const from = list.itemAtIndex(8);
        const folder = list.itemAtIndex(6);
        compare(from.title, "Why the dough stays sticky");
        compare(folder.title, "Work");
        const start = from.mapToItem(window.contentItem, 60, 16);
        const end = folder.mapToItem(window.contentItem, 80, 16);
        const surface = window.contentItem;
        mousePress(surface, start.x, start.y);
        for (let step = 1; step <= 8; ++step)
            mouseMove(surface, start.x + (end.x - start.x) * step / 8, start.y + (end.y - start.y) * step / 8, 10);
        mouseRelease(surface, end.x, end.y);
        tryVerify(() => app.chats.calls.some(call => call[0] === "moveToFolder"));
        compare(app.chats.calls.find(call => call[0] === "moveToFolder"), ["moveToFolder", 13, 2]);
    }
    function test_list_saysWhatWasSent(): void {
        compare(find("networkState").text, "Offline. 0 bytes sent since start.");
    }
    function test_search_findsAndOpensTheMessage(): void {
        keyClick(Qt.Key_F, Qt.ControlModifier | Qt.ShiftModifier);
        const field = find("searchField");
        tryVerify(() => field.activeFocus);
        for (const key of [Qt.Key_L, Qt.Key_A, Qt.Key_N, Qt.Key_D])
            keyClick(key);
        compare(app.search.query, "land");
        keyClick(Qt.Key_Return);
        compare(app.chat.calls[0], ["openMessage", 12, 120]);
        tryVerify(() => !field.visible);
    }
    function test_search_runsCommands(): void {
        keyClick(Qt.Key_K, Qt.ControlModifier);
        const field = find("searchField");
        tryVerify(() => field.activeFocus);
        field.text = "temporary";
        keyClick(Qt.Key_Return);
        compare(app.chats.calls[0][0], "newTemporaryChat");
    }
    function test_language_changesWhileRunning(): void {
        compare(find("searchAll").text, "Search all chats");
        app.settings.language = "zh_CN";
        tryCompare(find("searchAll"), "text", "搜索所有对话");
        compare(Theme.language, "zh_CN");
        app.settings.language = "en";
        tryCompare(find("searchAll"), "text", "Search all chats");
    }
    function test_settings_areWritten(): void {
        keyClick(Qt.Key_Comma, Qt.ControlModifier);
        tryVerify(() => findChild(window, "themeControl") !== null);
        const theme = find("themeControl");
        theme.activated(SettingsController.Light);
        compare(app.settings.theme, SettingsController.Light);
        compare(Theme.isDark, false);
        app.settings.theme = SettingsController.Dark;
        const prompt = find("systemPrompt");
        prompt.area.forceActiveFocus();
        keyClick(Qt.Key_B);
        theme.forceActiveFocus();
        tryCompare(app.settings, "systemPrompt", "b");
    }
    function test_firstRun_endsWithTheFirstMessage(): void {
        app.settings.isFirstRun = true;
        tryVerify(() => findChild(window, "firstComposer") !== null);
        compare(find("dockedList").visible, false);
        app.chat.messages.addQuestion("Who are you?");
        tryCompare(app.settings, "isFirstRun", false);
    }
    function test_geometry_isKept(): void {
        window.x = 40;
        window.y = 30;
        window.width = 1200;
        window.height = 700;
        window.close();
        compare(app.settings.windowGeometry, Qt.rect(40, 30, 1200, 700));
    }
    function test_storageProblem_isShown(): void {
        const notice = find("storageProblem");
        compare(notice.visible, false);
        app.health.text = "The disk is full: new text is kept in memory only. Free some space to save it.";
        tryCompare(notice, "visible", true);
        find("tryStorageAgain").clicked();
        compare(app.health.calls, ["tryAgain"]);
    }
}

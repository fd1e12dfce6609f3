import QtQuick
import QtTest
import Sotto.App
import Sotto.Components
import Sotto.Shell
import Sotto.Theme

// The window: layout at each width, keys, chat list, search, settings.
ShellTestCase {
    name: "Shell"

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
    function test_keys_reachTheControllers(): void {
        program.open(ids["Offer"]);
        compare(app.chat.messages.count, 1);
        keyClick(Qt.Key_N, Qt.ControlModifier);
        compare(app.chats.currentChatId, 0);
        tryCompare(app.chat, "state", ChatController.Empty);
        compare(app.chat.isTemporary, false);
        keyClick(Qt.Key_P, Qt.ControlModifier | Qt.ShiftModifier);
        compare(app.chat.isTemporary, true);
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
        keyClick(Qt.Key_3, Qt.ControlModifier);
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
        keyClick(Qt.Key_3, Qt.ControlModifier);
        compare(window.page, "chat");
        verify(!window.commands.list.groups().some(group => group.rows.some(row => row.text === "Extra")));
        pages.extra.isThere = true;
        verify(window.commands.list.groups().some(group => group.rows.some(row => row.text === "Extra")));
    }
    // One cap for each key, also where + is one; two ways of doing the same stand apart.
    function test_keys_areDrawnAsOnAKeyboard(): void {
        keyClick(Qt.Key_F1);
        const caps = text => {
            const rows = allItems(window.contentItem.parent, item => item.modelData?.caps !== undefined && item.modelData.text === text, []);
            return rows.length === 1 ? allItems(rows[0], item => item instanceof KeyHint, []).map(cap => cap.text) : null;
        };
        tryVerify(() => caps("Larger text") !== null);
        compare(caps("Larger text"), ["Ctrl", "+"]);
        compare(caps("Job earlier / later"), ["Alt", "↑", "/", "Alt", "↓"]);
        compare(caps("Continue the answer"), ["Alt", "Enter"]);
        keyClick(Qt.Key_Escape);
    }
    function test_pages_oneThatIsNotThereLeavesNoTrace(): void {
        keyClick(Qt.Key_4, Qt.ControlModifier);
        compare(window.page, "chat");
        compare(findChild(find("rail"), "rail-extra"), null);
    }
    function test_newFolder_isMadeForTheChat(): void {
        find("dockedList").folderRequested(ids["Offer"]);
        const field = findChild(window, "folderName");
        tryVerify(() => field.activeFocus);
        keyClick(Qt.Key_Return); // nothing typed: nothing made
        verify(field.activeFocus);
        keyClick(Qt.Key_A);
        keyClick(Qt.Key_Return);
        tryVerify(() => !field.visible);
        program.settle();
        compare(app.chats.folders.map(folder => folder.title), ["Household", "Work", "a"]);
        const made = app.chats.folders[2].folderId;
        verify(made !== ids["Work"]);
        compare(program.storedChat(ids["Offer"]).folderId, made);
    }
    function test_list_movesByKeysOverHeadings(): void {
        const list = focusList();
        compare(list.currentItem.title, "Tax letter, in plain words");
        keyClick(Qt.Key_Down);
        compare(list.currentItem.title, "Household");
        keyClick(Qt.Key_Up);
        keyClick(Qt.Key_Up);
        compare(list.currentItem.title, "Tax letter, in plain words");
        keyClick(Qt.Key_Return);
        compare(app.chats.currentChatId, ids["Tax letter, in plain words"]);
    }
    function test_list_deletesWithUndo(): void {
        const title = "Tax letter, in plain words";
        focusList();
        keyClick(Qt.Key_Delete);
        const toast = find("toast");
        tryCompare(toast, "opacity", 1);
        verify(toast.text.includes("Tax letter"));
        const composer = find("composer");
        const middle = item => item.mapToItem(null, item.width / 2, 0).x;
        fuzzyCompare(middle(toast), middle(composer), 1);
        tryVerify(() => chatRole(title, ChatListModel.TitleRole) === undefined);
        verify(program.storedChat(ids[title]).isInBin);
        mouseClick(toast, toast.width - 30, toast.height / 2);
        tryVerify(() => chatRole(title, ChatListModel.TitleRole) === title);
        verify(!program.storedChat(ids[title]).isInBin);
    }
    function test_toast_coversNoComposer_data(): var {
        return [[960, 600], [1366, 768], [1440, 900]].map(size => ({
                    tag: size.join("×"),
                    width: size[0],
                    height: size[1]
                }));
    }
    function test_toast_coversNoComposer(row: var): void {
        window.width = row.width;
        window.height = row.height;
        app.chat.draft = "A draft\nof\nfour\nlines";
        app.chats.remove(ids["Offer"]);
        const toast = find("toast");
        tryCompare(toast, "opacity", 1);
        const composer = find("composer");
        tryVerify(() => toast.mapToItem(window.contentItem, 0, toast.height).y <= composer.mapToItem(window.contentItem, 0, 0).y);
        window.showPage("settings");
        tryVerify(() => window.height - toast.mapToItem(window.contentItem, 0, toast.height).y === 24);
    }
    // Every menu is as wide as its words, in both languages.
    function test_menus_cutNoWords_data(): var {
        return [
            {
                tag: "en"
            },
            {
                tag: "zh_CN"
            }
        ];
    }
    function test_menus_cutNoWords(row: var): void {
        app.settings.language = row.tag;
        tryCompare(Theme, "language", row.tag);
        program.open(ids["Offer"]);
        const more = allItems(window.contentItem, item => item instanceof IconButton && item.isLarge && item.iconName === "ellipsis" && item.visible, [])[0];
        const list = focusList();
        const openers = [() => more.clicked(), () => list.currentItem.menuRequested(40, 20)];
        for (const open of openers) {
            open();
            const items = () => allItems(window.contentItem.parent, item => item instanceof MenuItem && item.visible, []);
            tryVerify(() => items().length > 3);
            for (const item of items()) {
                const cut = allItems(item, part => part instanceof Label && part.visible && part.truncated, []);
                compare(cut.map(label => label.text), []);
            }
            keyClick(Qt.Key_Escape);
            tryVerify(() => items().length === 0);
        }
        app.settings.language = "en";
    }
    function test_list_renamesInPlace(): void {
        const list = focusList();
        keyClick(Qt.Key_F2);
        tryVerify(() => list.currentItem.isRenaming);
        keyClick(Qt.Key_A);
        keyClick(Qt.Key_Return);
        tryVerify(() => chatRole("Tax letter, in plain words", ChatListModel.TitleRole) === "a");
        compare(program.storedChat(ids["Tax letter, in plain words"]).title, "a");
        verify(!list.currentItem.isRenaming);
        compare(app.chats.currentChatId, 0); // the key was the field's, not also the list's
    }
    function test_list_renamingIsLeftByEscape(): void {
        const list = focusList();
        keyClick(Qt.Key_F2);
        tryVerify(() => list.currentItem.isRenaming);
        keyClick(Qt.Key_A);
        keyClick(Qt.Key_Escape);
        verify(!list.currentItem.isRenaming);
        program.settle();
        compare(program.storedChat(ids["Tax letter, in plain words"]).title, "Tax letter, in plain words");
    }
    function test_list_dragsAChatIntoAFolder(): void {
        const list = findChild(find("dockedList"), "chatList");
        const from = rowAt(list, "Why the dough stays sticky");
        const folder = rowAt(list, "Work");
        const start = from.mapToItem(window.contentItem, 60, 16);
        const end = folder.mapToItem(window.contentItem, 80, 16);
        const surface = window.contentItem;
        mousePress(surface, start.x, start.y);
        for (let step = 1; step <= 8; ++step)
            mouseMove(surface, start.x + (end.x - start.x) * step / 8, start.y + (end.y - start.y) * step / 8, 10);
        mouseRelease(surface, end.x, end.y);
        tryVerify(() => program.storedChat(ids["Why the dough stays sticky"]).folderId === ids["Work"]);
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
        // The chat's title and its message.
        tryCompare(app.search, "count", 2);
        keyClick(Qt.Key_Return);
        tryVerify(() => !field.visible);
        tryCompare(app.chat, "chatId", ids["Letter to the landlord"]);
        tryCompare(app.chat.messages, "count", 1);
    }
    // The list is still that of what was typed before when Enter is pressed.
    function test_search_enterOpensNoStaleHit(): void {
        keyClick(Qt.Key_F, Qt.ControlModifier | Qt.ShiftModifier);
        const field = find("searchField");
        tryVerify(() => field.activeFocus);
        field.text = "land";
        tryCompare(app.search, "count", 2);
        field.text = "dough";
        keyClick(Qt.Key_Return);
        tryVerify(() => !field.visible);
        tryCompare(app.chat, "chatId", ids["Why the dough stays sticky"]);
    }
    function test_search_saysWhenThereAreMoreHits(): void {
        for (let pear = 0; pear < 51; ++pear)
            program.addChat({
                title: "Pears"
            });
        keyClick(Qt.Key_F, Qt.ControlModifier | Qt.ShiftModifier);
        const field = find("searchField");
        tryVerify(() => field.activeFocus);
        field.text = "dough";
        tryVerify(() => app.search.count > 0);
        compare(find("searchIsCut").visible, false);
        field.text = "pears";
        tryCompare(app.search, "count", 50);
        tryCompare(find("searchIsCut"), "visible", true);
    }
    function test_search_runsCommands(): void {
        keyClick(Qt.Key_K, Qt.ControlModifier);
        const field = find("searchField");
        tryVerify(() => field.activeFocus);
        field.text = "temporary";
        keyClick(Qt.Key_Return);
        compare(app.chat.isTemporary, true);
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
        tryVerify(() => program.storedSetting("systemPrompt") === "b");
    }
    function test_settings_areListedInTheOrderOfThePage(): void {
        keyClick(Qt.Key_Comma, Qt.ControlModifier);
        tryVerify(() => findChild(window, "themeControl") !== null);
        const groups = allItems(window.contentItem, item => item instanceof SettingGroup, []);
        const listed = allItems(window.contentItem, item => item instanceof SectionButton, []);
        compare(listed.map(button => button.text).join(), groups.map(group => group.title).join());
    }
    // A field that was only passed stores nothing; a number can be typed that no slider reaches, taken back,
    // and what is not allowed says what is.
    function test_settings_ofSampling_storeWhatWasTyped(): void {
        keyClick(Qt.Key_Comma, Qt.ControlModifier);
        const named = name => allItems(window.contentItem, item => item.objectName === name, [])[0];
        tryVerify(() => named("default maxTokens") !== undefined);
        const sampling = app.settings.sampling;
        for (const key of ["temperature", "topP", "maxTokens", "seed"]) {
            named("default " + key).forceActiveFocus(Qt.TabFocusReason);
            keyClick(Qt.Key_Tab);
        }
        compare(sampling.isModified, false);
        const field = named("default maxTokens");
        compare(field.text, "no limit");
        const type = keys => {
            field.forceActiveFocus(Qt.TabFocusReason);
            field.selectAll();
            keyClick(Qt.Key_Backspace);
            for (const key of keys)
                keyClick(key);
        };
        type("20000");
        compare(field.refusal, "");
        keyClick(Qt.Key_Tab);
        compare(field.text, "20,000");
        type("99999999");
        compare(field.refusal, "From 0 to 10,000,000, or empty for “no limit”");
        tryVerify(() => allItems(window.contentItem.parent, item => item.visible && item.text === field.refusal, []).length > 0);
        keyClick(Qt.Key_Tab);
        compare(field.refusal, "");
        compare(field.text, "9,999,999"); // the last that was allowed
        type("");
        keyClick(Qt.Key_Tab);
        compare(field.text, "no limit");
    }
    function test_firstRun_endsWithTheFirstMessage(): void {
        cleanup();
        begin({
            isFirstRun: true
        });
        tryVerify(() => findChild(window, "firstComposer") !== null);
        compare(find("dockedList").visible, false);
        verify(app.chat.send("Who are you?"));
        tryCompare(app.settings, "isFirstRun", false);
        tryCompare(find("dockedList"), "visible", true);
    }
    function test_storageProblem_isShown(): void {
        const notice = find("storageProblem");
        compare(notice.visible, false);
        program.failWrites();
        app.chats.rename(ids["Offer"], "Another title");
        tryVerify(() => app.health.text.length > 0);
        tryCompare(notice, "visible", true);
        compare(app.health.cause, "diskFull");
        program.heal();
        find("tryStorageAgain").clicked();
        tryCompare(notice, "visible", false);
    }
}

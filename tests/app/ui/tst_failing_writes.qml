import QtQuick
import QtTest
import Sotto.App
import Sotto.Chat
import Sotto.Components
import Sotto.Shell
import Sotto.Tests

// A full disk seen from the window: whatever is done then, a sentence says so, nothing that was typed is
// lost, the list goes on telling the truth, and when there is room again what was kept is written.
TestCase {
    id: root

    property TestApp program: null
    property AppFacade app: null
    property Main window: null
    property double chatId: 0
    property double folderId: 0

    name: "FailingWrites"
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

    function init(): void {
        program = appComponent.createObject(root);
        app = program.facade;
        folderId = program.addFolder("Work");
        chatId = program.addChat({
            title: "Kept"
        }, [
            {
                isUser: true,
                text: "Question"
            },
            {
                text: "Half an answer",
                isStopped: true
            }
        ]);
        program.refresh();
        window = createTemporaryObject(windowComponent, null, {
            app: app,
            width: 1440,
            height: 900
        });
        tryVerify(() => window.active);
        program.open(chatId);
        tryCompare(app.chat.messages, "count", 2);
    }
    function cleanup(): void {
        window.destroy();
        wait(0);
        program.destroy();
        wait(0);
    }
    function find(name: string): Item {
        const item = findChild(window, name);
        verify(item !== null, name);
        return item;
    }
    // The first item below `item` that is wanted.
    function search(item: Item, wanted: var): Item {
        for (const child of Array.from(item.children)) {
            const found = wanted(child) ? child : search(child, wanted);
            if (found)
                return found;
        }
        return null;
    }
    function composer(): Item {
        return search(window.contentItem, item => item instanceof Composer && item.visible);
    }
    function textAt(row: int): string {
        const messages = app.chat.messages;
        return messages.data(messages.index(row, 0), MessageListModel.PlainTextRole);
    }
    function listed(role: int): var {
        for (let row = 0; row < app.chats.rowCount(); ++row) {
            const index = app.chats.index(row, 0);
            if (app.chats.data(index, ChatListModel.ChatIdRole) === chatId)
                return app.chats.data(index, role);
        }
        return undefined;
    }
    function saysSo(): void {
        const banner = find("storageProblem");
        tryCompare(banner, "visible", true);
        compare(app.health.cause, "diskFull");
        compare(banner.text, "The disk is full: new text is kept in memory only. Free some space to save it.");
    }
    // There is room again: the banner goes, by a write that went well.
    function recovers(): void {
        program.heal();
        find("tryStorageAgain").clicked();
        tryCompare(find("storageProblem"), "visible", false);
        program.settle();
    }

    function test_send_givesTheWordsBack(): void {
        composer().focusText();
        for (const letter of "hi")
            keyClick(letter);
        program.failWrites();
        keyClick(Qt.Key_Return);
        saysSo();
        tryCompare(app.chat, "draft", "hi");
        compare(search(composer(), item => item instanceof InputArea).text, "hi");
        compare(app.chat.messages.count, 2);
        compare(program.asked(), []);
        recovers();
        verify(app.chat.send(app.chat.draft));
        tryVerify(() => program.asked().length === 1);
        compare(program.storedTexts(chatId).slice(0, 3), ["Question", "Half an answer", "hi"]);
    }
    function test_firstMessage_givesTheWordsBack(): void {
        app.chats.newChat();
        program.settle();
        program.failWrites();
        verify(app.chat.send("first words"));
        saysSo();
        tryCompare(app.chat, "draft", "first words");
        compare(app.chat.messages.count, 0);
        compare(app.chat.state, ChatController.Empty);
        compare(program.storedChats(), 1);
        recovers();
        verify(app.chat.send(app.chat.draft));
        tryVerify(() => program.asked().length === 1);
        compare(program.storedChats(), 2);
    }
    function test_edit_keepsTheEditorAndItsWords(): void {
        const page = search(window.contentItem, item => item instanceof ChatPage);
        page.editLast();
        const editor = () => search(page, item => item instanceof MessageEditor && item.visible);
        tryVerify(() => editor() !== null);
        const field = () => search(editor(), item => item instanceof InputArea);
        tryVerify(() => field().activeFocus);
        field().text = "Another question";
        program.failWrites();
        keyClick(Qt.Key_Return, Qt.ControlModifier);
        saysSo();
        program.settle();
        tryVerify(() => editor() !== null);
        compare(field().text, "Another question");
        compare(program.storedTexts(chatId)[0], "Question");
        compare(program.asked(), []);
        recovers();
        field().forceActiveFocus();
        keyClick(Qt.Key_Return, Qt.ControlModifier);
        tryVerify(() => program.asked().length === 1);
        compare(program.asked(), ["Another question"]);
        compare(program.storedTexts(chatId)[0], "Another question");
    }
    function test_draft_isWrittenWhenThereIsRoom(): void {
        program.failWrites();
        app.chat.draft = "half a thought";
        saysSo();
        compare(app.chat.draft, "half a thought");
        recovers();
        tryVerify(() => program.storedChat(chatId).draft === "half a thought");
    }
    function test_settings_areWrittenWhenThereIsRoom(): void {
        program.failWrites();
        app.settings.systemPrompt = "Be brief.";
        app.settings.textSize = 18;
        saysSo();
        compare(app.settings.systemPrompt, "Be brief.");
        compare(program.storedSetting("systemPrompt"), "");
        recovers();
        tryVerify(() => program.storedSetting("systemPrompt") === "Be brief.");
        compare(program.storedSetting("textSize"), 18);
    }
    // What cannot be done is not shown as done.
    function test_list_tellsTheTruth_data(): var {
        return [
            {
                tag: "rename",
                act: () => app.chats.rename(chatId, "Other"),
                role: ChatListModel.TitleRole,
                before: "Kept",
                after: "Other"
            },
            {
                tag: "pin",
                act: () => app.chats.setPinned(chatId, true),
                role: ChatListModel.IsPinnedRole,
                before: false,
                after: true
            },
            {
                tag: "move",
                act: () => app.chats.moveToFolder(chatId, folderId),
                role: ChatListModel.DepthRole,
                before: 0,
                after: 1
            },
            {
                tag: "bin",
                act: () => app.chats.remove(chatId),
                role: ChatListModel.TitleRole,
                before: "Kept",
                after: undefined
            }
        ];
    }
    function test_list_tellsTheTruth(row: var): void {
        program.failWrites();
        row.act();
        saysSo();
        program.refresh();
        compare(listed(row.role), row.before);
        recovers();
        row.act();
        tryVerify(() => listed(row.role) === row.after);
    }
    function test_rename_keepsWhatWasTyped(): void {
        const list = find("chatList");
        list.forceActiveFocus();
        list.currentIndex = 0;
        while (list.currentItem.chatId !== chatId)
            list.currentIndex += 1;
        keyClick(Qt.Key_F2);
        tryVerify(() => list.currentItem.isRenaming);
        keyClick(Qt.Key_A);
        keyClick(Qt.Key_B);
        program.failWrites();
        keyClick(Qt.Key_Return);
        saysSo();
        tryVerify(() => list.currentItem.isRenaming);
        const field = search(list.currentItem, item => item instanceof TextField);
        compare(field.text, "ab");
        tryVerify(() => field.activeFocus);
        // It can be left: what has the focus then keeps it.
        composer().focusText();
        program.settle();
        tryVerify(() => list.currentItem.isRenaming);
        verify(!search(list.currentItem, item => item instanceof TextField).activeFocus);
        recovers();
        search(list.currentItem, item => item instanceof TextField).forceActiveFocus();
        keyClick(Qt.Key_Return);
        tryVerify(() => listed(ChatListModel.TitleRole) === "ab");
        verify(!list.currentItem.isRenaming);
    }
    function test_newFolder_keepsItsName(): void {
        program.failWrites();
        app.chats.newFolder("Receipts", chatId);
        saysSo();
        tryVerify(() => findChild(window, "folderName") !== null && find("folderName").visible);
        compare(find("folderName").text, "Receipts");
    }
    // The answer is on screen although storage could not begin it, and is stored whole when there is room.
    function test_regenerate_keepsTheAnswer(): void {
        program.failWrites();
        app.chat.regenerate();
        tryVerify(() => program.asked().length === 1);
        program.write("A whole new answer");
        tryVerify(() => textAt(1) === "A whole new answer");
        saysSo();
        program.finish();
        tryCompare(app.chat, "isBusy", false);
        compare(textAt(1), "A whole new answer");
        recovers();
        tryVerify(() => program.storedTexts(chatId)[1] === "A whole new answer");
    }
    function test_continue_keepsTheAnswer(): void {
        program.failWrites();
        app.chat.continueAnswer();
        tryVerify(() => program.asked().length === 1);
        program.write(", and its end");
        tryVerify(() => textAt(1) === "Half an answer, and its end");
        saysSo();
        program.finish();
        tryCompare(app.chat, "isBusy", false);
        compare(textAt(1), "Half an answer, and its end");
        recovers();
        tryVerify(() => program.storedTexts(chatId)[1] === "Half an answer, and its end");
    }
    function test_answer_inTheMiddleOfAFullDisk_isKept(): void {
        app.chat.regenerate();
        tryVerify(() => program.asked().length === 1);
        program.write("Begun while there was room");
        tryVerify(() => textAt(1) === "Begun while there was room");
        program.failWrites();
        program.write(", ended without");
        program.finish();
        tryCompare(app.chat, "isBusy", false);
        saysSo();
        compare(textAt(1), "Begun while there was room, ended without");
        recovers();
        tryVerify(() => program.storedTexts(chatId)[1] === "Begun while there was room, ended without");
    }
}

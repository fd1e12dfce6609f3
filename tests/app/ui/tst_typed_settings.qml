import QtQuick
import QtTest
import Sotto.App
import Sotto.Shell
import Sotto.Tests

// What is typed into a field is kept without the field losing the focus: it is on the disk after a pause,
// when another chat is opened, and when the window closes.
TestCase {
    id: root

    property Main window: null
    property TestApp program: null
    property AppFacade app: null
    property double chatId: 0

    name: "TypedSettings"
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
        chatId = program.talk([
            {
                isUser: true,
                text: "Question"
            },
            {
                text: "Answer"
            }
        ]);
        window = windowComponent.createObject(null, {
            app: app,
            width: 1440,
            height: 900
        });
        tryVerify(() => window.active);
    }
    function cleanup(): void {
        program.heal();
        window.destroy();
        wait(0);
        program.destroy();
        wait(0);
    }
    function named(name: string): Item {
        const found = findChild(window, name) ?? below(window.contentItem.parent, name);
        verify(found !== null, name);
        return found;
    }
    // Delegates are children as items only.
    function below(item: Item, name: string): Item {
        for (const child of Array.from(item.children)) {
            const found = child.objectName === name ? child : below(child, name);
            if (found)
                return found;
        }
        return null;
    }
    // "ab" stands in the field of the system prompt, which has the focus.
    function typePrompt(): Item {
        named("samplingButton").clicked();
        const prompt = named("layerPrompt");
        prompt.area.forceActiveFocus();
        tryVerify(() => prompt.area.activeFocus);
        keyClick(Qt.Key_A);
        keyClick(Qt.Key_B);
        compare(prompt.text, "ab");
        verify(prompt.area.activeFocus);
        return prompt;
    }
    function storedSettings(): var {
        return JSON.parse(program.storedChat(chatId).settings);
    }

    function test_prompt_isOnTheDiskAfterAPause(): void {
        const prompt = typePrompt();
        tryVerify(() => storedSettings().systemPrompt === "ab");
        verify(prompt.area.activeFocus);
    }
    function test_prompt_beingTyped_isStoredWhenTheWindowCloses(): void {
        typePrompt();
        window.close();
        tryCompare(window, "visible", false);
        program.settle();
        compare(storedSettings().systemPrompt, "ab");
    }
    function test_prompt_beingTyped_staysWithItsChat(): void {
        const other = program.addChat({
            title: "Other"
        });
        program.refresh();
        const prompt = typePrompt();
        app.chats.open(other);
        program.settle();
        compare(storedSettings().systemPrompt, "ab");
        compare(prompt.text, "");
        window.close();
        tryCompare(window, "visible", false);
        program.settle();
        compare(JSON.parse(program.storedChat(other).settings).systemPrompt, undefined);
    }
    function test_prompt_ofTheModel_isStoredWhenTheWindowCloses(): void {
        named("samplingButton").clicked();
        named("layerControl").activated(true);
        const prompt = named("layerPrompt");
        prompt.area.forceActiveFocus();
        keyClick(Qt.Key_A);
        window.close();
        tryCompare(window, "visible", false);
        program.settle();
        compare(JSON.parse(program.storedModelSettings()).systemPrompt, "a");
    }
    function test_prompt_ofANewChat_isThereAtTheNextOne(): void {
        app.chats.newChat();
        program.settle();
        typePrompt();
        app.chats.open(chatId);
        program.settle();
        compare(app.chat.settings.layer.ownSystemPrompt, "");
        app.chats.newChat();
        program.settle();
        compare(app.chat.settings.layer.ownSystemPrompt, "ab");
        // It goes with the chat that begins with it.
        verify(app.chat.send("Hello"));
        program.settle();
        compare(JSON.parse(program.storedChat(app.chat.chatId).settings).systemPrompt, "ab");
        app.chat.stop();
        app.chats.newChat();
        program.settle();
        compare(app.chat.settings.layer.ownSystemPrompt, "");
    }
    function test_prompt_onAFullDisk_isAskedFor(): void {
        program.failWrites();
        typePrompt();
        window.close();
        tryCompare(app.closeGuard, "state", CloseGuard.Asking);
        compare(window.visible, true);
        compare(app.closeGuard.unsavedBytes, 2);
        named("copyUnsaved").clicked();
        compare(program.clipboard(), "ab");
    }
    function test_number_beingTyped_isStoredWhenTheWindowCloses(): void {
        named("samplingButton").clicked();
        const field = named("number topK");
        field.forceActiveFocus();
        field.selectAll();
        keyClick(Qt.Key_1);
        keyClick(Qt.Key_2);
        compare(field.text, "12");
        window.close();
        tryCompare(window, "visible", false);
        program.settle();
        compare(storedSettings().topK, 12);
    }
    function test_number_isTypedAsAPersonTypesIt(): void {
        named("samplingButton").clicked();
        const field = named("number temperature");
        field.forceActiveFocus();
        field.selectAll();
        for (const key of [Qt.Key_0, Qt.Key_Period, Qt.Key_2, Qt.Key_5])
            keyClick(key);
        compare(field.text, "0.25");
        field.selectAll();
        keyClick(Qt.Key_X);
        compare(field.text, "x");
        named("layerPrompt").area.forceActiveFocus();
        compare(field.text, "0.25");
        tryVerify(() => storedSettings().temperature === 0.25);
    }
    function test_name_beingTyped_isStoredWhenTheWindowCloses(): void {
        named("dockedList").renamingChatId = chatId;
        const field = named("nameField");
        field.forceActiveFocus();
        field.selectAll();
        keyClick(Qt.Key_N);
        compare(field.text, "n");
        window.close();
        tryCompare(window, "visible", false);
        program.settle();
        compare(program.storedChat(chatId).title, "n");
    }
}

import QtQuick
import QtTest
import Sotto.App
import Sotto.Chat
import Sotto.Tests

// The composer: draft, sending, the keys, and what it says when it cannot send.
TestCase {
    id: test

    name: "composer"
    when: windowShown
    width: 800
    height: 500
    visible: true

    property TestApp program
    property AppFacade app
    property Composer composer
    property TextEdit field

    Component {
        id: appComponent
        TestApp {}
    }
    Component {
        id: composerComponent
        Composer {
            width: 712
        }
    }
    Component {
        id: spyComponent
        SignalSpy {}
    }
    SignalSpy {
        id: editSpy
        signalName: "editLastRequested"
    }

    function init() {
        program = appComponent.createObject(test, {
            model: {
                contextTokens: 16384,
                hasThinking: true
            }
        });
        app = program.facade;
        composer = composerComponent.createObject(test, {
            chat: app.chat,
            settings: app.settings
        });
        composer.focusText();
        field = find(composer, child => child instanceof InputArea);
        editSpy.target = composer;
        editSpy.clear();
    }
    // The page goes before what it reads from.
    function cleanup() {
        composer.destroy();
        wait(0);
        program.destroy();
        wait(0);
    }
    function find(item, wanted) {
        for (const child of Array.from(item.children)) {
            const found = wanted(child) ? child : find(child, wanted);
            if (found)
                return found;
        }
        return null;
    }
    function type(text) {
        for (const letter of text)
            keyClick(letter);
    }

    function test_typing_isTheDraft() {
        type("hello");
        compare(app.chat.draft, "hello");
    }
    // Every change of the text is laid out and told to the draft: one for all lines, not one for each.
    function test_pastedLines_areOneChange() {
        type("ab");
        const changes = spyComponent.createObject(test, {
            target: field,
            signalName: "textChanged"
        });
        program.setClipboard(Array.from({ length: 500 }, (_, line) => "line " + line).join("\n"));
        field.select(1, 2);
        keyClick(Qt.Key_V, Qt.ControlModifier);
        compare(field.lineCount, 500);
        compare(field.contentHeight, 500 * 24);
        verify(field.text.startsWith("aline 0\n"));
        compare(field.cursorPosition, field.length);
        verify(changes.count <= 2, changes.count + " changes");
        field.undo();
        compare(field.text, "ab");
        compare(field.contentHeight, 24);
        field.redo();
        compare(field.lineCount, 500);
        changes.destroy();
    }
    function test_anotherDraft_isNoStepOfUndoing() {
        type("ab");
        app.chat.draft = "one\ntwo\n".repeat(200);
        compare(field.lineCount, 401);
        compare(field.contentHeight, 401 * 24);
        compare(field.canUndo, false);
    }
    function test_draft_ofAnotherChatIsShown() {
        const other = program.addChat({
            title: "Other",
            draft: "new one"
        });
        type("old");
        program.open(other);
        compare(field.text, "new one");
        compare(field.cursorPosition, 7);
        type("x");
        compare(app.chat.draft, "new onex");
        app.chats.newChat();
        program.settle();
        compare(field.text, "old");
        program.open(other);
        compare(field.text, "new onex");
    }
    function test_enter_sendsAndEmpties() {
        type("hi");
        keyClick(Qt.Key_Return);
        compare(field.text, "");
        tryVerify(() => program.asked().length === 1);
        compare(program.asked(), ["hi"]);
        compare(program.storedTexts(app.chat.chatId)[0], "hi");
    }
    function test_enter_onlySpacesIsNotSent() {
        type("  ");
        keyClick(Qt.Key_Return);
        program.settle();
        compare(app.chat.messages.count, 0);
        compare(program.storedChats(), 0);
        compare(field.text, "  ");
    }
    function test_return_keys_data() {
        return [
            { tag: "enter", enterSends: true, modifier: Qt.NoModifier, sends: true },
            { tag: "shift enter", enterSends: true, modifier: Qt.ShiftModifier, sends: false },
            { tag: "ctrl enter", enterSends: true, modifier: Qt.ControlModifier, sends: true },
            { tag: "swapped enter", enterSends: false, modifier: Qt.NoModifier, sends: false },
            { tag: "swapped shift enter", enterSends: false, modifier: Qt.ShiftModifier, sends: true },
            { tag: "swapped ctrl enter", enterSends: false, modifier: Qt.ControlModifier, sends: true }
        ];
    }
    function test_return_keys(data) {
        app.settings.enterSends = data.enterSends;
        type("a");
        keyClick(Qt.Key_Return, data.modifier);
        compare(field.text, data.sends ? "" : "a\n");
        compare(app.chat.messages.count > 0, data.sends);
        if (data.sends)
            tryVerify(() => program.asked().length === 1);
        compare(program.asked(), data.sends ? ["a"] : []);
    }
    function test_blocked_keepsTheTextAndSaysWhy() {
        program.unload();
        type("hi");
        keyClick(Qt.Key_Return);
        program.settle();
        compare(app.chat.messages.count, 0);
        compare(program.storedChats(), 0);
        compare(field.text, "hi");
        verify(find(composer, child => child.visible && child.text === "Choose a model to begin.") !== null);
    }
    function test_busy_showsStop() {
        const stop = () => find(composer, child => child.visible && child.text === "Stop");
        compare(stop(), null);
        app.chat.send("go");
        tryVerify(() => program.asked().length === 1);
        program.write("Well");
        tryCompare(app.chat, "state", ChatController.Writing);
        mouseClick(stop());
        tryCompare(app.chat, "state", ChatController.Idle);
        compare(stop(), null);
        program.settle();
        compare(program.storedTexts(app.chat.chatId), ["go", "Well"]);
    }
    function test_up_inTheEmptyFieldEditsTheLastMessage() {
        keyClick(Qt.Key_Up);
        compare(editSpy.count, 1);
        type("a");
        keyClick(Qt.Key_Up);
        compare(editSpy.count, 1);
    }
    function test_height_growsToTenLinesAndNoFurther() {
        const one = composer.height;
        field.text = "a\n".repeat(4) + "a";
        tryCompare(composer, "height", one + 4 * 24);
        field.text = "a\n".repeat(40) + "a";
        tryCompare(composer, "height", one + 9 * 24);
    }
    function test_thinking_goesRound() {
        const button = find(composer, child => child.text === "Thinking: auto");
        mouseClick(button);
        compare(app.chat.settings.thinkingMode, 1);
        compare(button.text, "Thinking: on");
        mouseClick(button);
        compare(button.text, "Thinking: off");
        mouseClick(button);
        compare(app.chat.settings.thinkingMode, 0);
    }
    function test_context_countsTheDraft() {
        program.talk([
            {
                isUser: true,
                text: "word ".repeat(1900)
            }
        ]);
        app.chat.draft = "word ".repeat(74);
        tryVerify(() => find(composer, child => child.text === "1,974 of 16,384") !== null);
        compare(app.chat.usedTokens, 1900);
        compare(app.chat.draftTokens, 74);
    }
}

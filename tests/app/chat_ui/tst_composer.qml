import QtQuick
import QtTest
import Sotto.App
import Sotto.Chat

// The composer: draft, sending, the keys, and what it says when it cannot send.
TestCase {
    id: test

    name: "composer"
    when: windowShown
    width: 800
    height: 500
    visible: true

    property AppFacade app
    property Composer composer
    property TextEdit field

    Component {
        id: appComponent
        AppFacade {}
    }
    Component {
        id: composerComponent
        Composer {
            width: 712
        }
    }
    SignalSpy {
        id: editSpy
        signalName: "editLastRequested"
    }

    function init() {
        app = appComponent.createObject(test);
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
        app.destroy();
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
    function test_draft_ofAnotherChatIsShown() {
        type("old");
        app.chat.draft = "new one";
        compare(field.text, "new one");
        compare(field.cursorPosition, 7);
        type("x");
        compare(app.chat.draft, "new onex");
    }
    function test_enter_sendsAndEmpties() {
        type("hi");
        keyClick(Qt.Key_Return);
        compare(app.chat.calls, ["send:hi"]);
        compare(field.text, "");
    }
    function test_enter_onlySpacesIsNotSent() {
        type("  ");
        keyClick(Qt.Key_Return);
        compare(app.chat.calls, []);
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
        compare(app.chat.calls, data.sends ? ["send:a"] : []);
        compare(field.text, data.sends ? "" : "a\n");
    }
    function test_blocked_keepsTheTextAndSaysWhy() {
        app.chat.blockedReason = "Choose a model to begin.";
        type("hi");
        keyClick(Qt.Key_Return);
        compare(app.chat.calls, []);
        compare(field.text, "hi");
        verify(find(composer, child => child.visible && child.text === "Choose a model to begin.") !== null);
    }
    function test_busy_showsStop() {
        const stop = () => find(composer, child => child.visible && child.text === "Stop");
        compare(stop(), null);
        app.chat.state = ChatController.Writing;
        mouseClick(stop());
        compare(app.chat.calls, ["stop"]);
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
        compare(app.chat.thinkingMode, 1);
        compare(button.text, "Thinking: on");
        mouseClick(button);
        compare(button.text, "Thinking: off");
        mouseClick(button);
        compare(app.chat.thinkingMode, 0);
    }
    function test_context_countsTheDraft() {
        app.chat.usedTokens = 1900;
        app.chat.draftTokens = 74;
        verify(find(composer, child => child.text === "1,974 of 16,384") !== null);
    }
}

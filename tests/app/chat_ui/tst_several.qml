import QtQuick
import QtTest
import Sotto.App
import Sotto.Chat
import Sotto.Components

// Several answers to one question: asked for by mouse and by keyboard, looked at while they are
// written.
PageTestCase {
    name: "several"

    function role(role) {
        const messages = app.chat.messages;
        return messages.data(messages.index(messages.count - 1, 0), role);
    }
    function drawn(name) {
        return find(page, child => child.objectName === name && child.visible);
    }
    function menuItem(text) {
        return find(overlay(), child => child instanceof MenuItem && child.visible && child.text === text);
    }
    // The menu below the small arrow, and its items as they are to be read (no translation is loaded).
    function openMenu() {
        tryVerify(() => drawn("writeSeveral") !== null && drawn("writeSeveral").enabled);
        waitForItemPolished(view);
        mouseClick(drawn("writeSeveral"));
        // Its rows are laid out behind that.
        tryVerify(() => menuItem("Write 4 answer(s)")?.y > menuItem("Write 3 answer(s)")?.y);
    }
    function askForThree() {
        talk(1);
        openMenu();
        mouseClick(menuItem("Write 3 answer(s)"));
        tryVerify(() => program.asked().length === 1);
    }
    function writeAll(text) {
        for (const id of [1, 2, 3])
            program.write(text + " " + id, id);
    }

    function test_mouse_asksForThree_andTurnsTheirPages() {
        askForThree();
        tryVerify(() => shown("2/2") !== null);
        compare(shown("3 answer(s) being written") !== null, true);
        writeAll("Text");
        tryVerify(() => shown("2/4") !== null);
        compare(lastText(), "Text 1");
        const next = find(page, child => child.visible && child.text === "Next version");
        verify(next.enabled);
        mouseClick(next);
        tryVerify(() => lastText() === "Text 2");
        tryVerify(() => shown("3/4") !== null);
        writeAll(", more");
        tryVerify(() => lastText() === "Text 2, more 2");
        // What the others do is told below what has ended, too.
        program.finish({}, 2);
        tryVerify(() => shown("2 answer(s) being written") !== null);
        compare(app.chat.isBusy, true);
        compare(drawn("writeAgain").enabled, false);
        program.finish({}, 1);
        tryVerify(() => shown("1 answer(s) being written") !== null);
        program.finish({}, 3);
        tryCompare(app.chat, "isBusy", false);
        compare(drawn("beingWritten"), null);
        verify(drawn("writeAgain").enabled);
        compare(shown("3/4") !== null, true);
    }
    // The message by the arrow keys, its actions by Tab, the menu by the arrow keys again.
    function test_keyboard_asksForTwo() {
        talk(1);
        view.forceActiveFocus();
        view.choose(1);
        tryVerify(() => drawn("writeSeveral") !== null);
        for (let tab = 0; tab < 12 && !drawn("writeSeveral").activeFocus; ++tab)
            keyClick(Qt.Key_Tab);
        verify(drawn("writeSeveral").activeFocus);
        keyClick(Qt.Key_Return);
        tryVerify(() => menuItem("Write 2 answer(s)") !== null);
        keyClick(Qt.Key_Down);
        compare(menuItem("Write the answer again").highlighted, true);
        keyClick(Qt.Key_Down);
        keyClick(Qt.Key_Return);
        tryVerify(() => program.asked().length === 1);
        compare(role(MessageListModel.WrittenCountRole), 2);
    }
    function test_menu_asksForOneAsTheButtonDoes() {
        talk(1);
        openMenu();
        mouseClick(menuItem("Write the answer again"));
        tryVerify(() => program.asked().length === 1);
        compare(role(MessageListModel.WrittenCountRole), 1);
        compare(drawn("beingWritten"), null);
        program.write("Once more.");
        program.finish();
        tryCompare(app.chat, "isBusy", false);
        waitForItemPolished(view);
        mouseClick(drawn("writeAgain"));
        tryVerify(() => program.asked().length === 2);
    }
    function test_escape_stopsAllOfThem() {
        askForThree();
        writeAll("Text");
        tryVerify(() => shown("2/4") !== null);
        page.forceActiveFocus();
        keyClick(Qt.Key_Escape);
        tryCompare(app.chat, "isBusy", false);
        compare(drawn("beingWritten"), null);
        compare(lastText(), "Text 1");
        program.settle();
        compare(program.storedTexts(app.chat.chatId)[1], "Text 1");
    }
    function test_menu_saysWhyTheyWouldNotDiffer() {
        talk(1);
        openMenu();
        compare(menuItem("At temperature 0 all would be the same"), null);
        keyClick(Qt.Key_Escape);
        tryVerify(() => menuItem("Write 4 answer(s)") === null);
        app.chat.settings.sampling.setValue("temperature", 0);
        openMenu();
        verify(menuItem("At temperature 0 all would be the same") !== null);
        compare(menuItem("Write 2 answer(s)").enabled, false);
        verify(menuItem("Write the answer again").enabled);
        keyClick(Qt.Key_Escape);
    }
    // An answer in the middle: the menu keeps its button, wherever the pointer is.
    function test_menu_ofAnEarlierAnswer_staysOpen() {
        talk(2);
        const answer = view.itemAtIndex(1);
        mouseMove(answer, answer.width / 2, answer.height / 2);
        openMenu();
        mouseMove(page, 2, 2);
        wait(50);
        mouseClick(menuItem("Write 2 answer(s)"));
        tryVerify(() => program.asked().length === 1);
        compare(app.chat.messages.count, 2);
        compare(role(MessageListModel.WrittenCountRole), 2);
        // The one before them has what followed it, and can be looked at now.
        tryVerify(() => shown("2/2") !== null);
        app.chat.showVersion(1, -1);
        tryVerify(() => app.chat.messages.count === 4);
        verify(shown("2 answer(s) being written") !== null);
        app.chat.showVersion(1, 1);
        tryVerify(() => app.chat.messages.count === 2);
    }
    // Nothing moves when it ends: the place of the actions was there before.
    function test_end_movesNothing() {
        askForThree();
        writeAll("Text");
        tryVerify(() => shown("2/4") !== null);
        waitForItemPolished(view);
        const place = shown("2/4").mapToItem(page, 0, 0);
        const height = view.itemAtIndex(1).height;
        for (const id of [1, 2, 3])
            program.finish({}, id);
        tryCompare(app.chat, "isBusy", false);
        waitForItemPolished(view);
        compare(shown("2/4").mapToItem(page, 0, 0), place);
        compare(view.itemAtIndex(1).height, height);
    }
}

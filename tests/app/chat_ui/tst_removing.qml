import QtQuick
import QtTest
import Sotto.App
import Sotto.Chat

// Single messages go by their button and by the Del key, and come back by Ctrl+Z.
PageTestCase {
    name: "removing"

    function texts() {
        return Array.from({
            length: app.chat.messages.count
        }, (_, row) => textAt(row).split("\n")[0]);
    }
    function talkTwice() {
        talk(2);
        compare(texts(), ["Question 0", "Answer 0", "Question 1", "Answer 1"]);
    }

    function test_answer_goesAlone_andComesBack() {
        talkTwice();
        tryVerify(() => shown("Remove the answer") !== null);
        clickWhenShown("Remove the answer"); // of the last one
        tryVerify(() => app.chat.messages.count === 3);
        compare(program.storedTexts(app.chat.chatId).length, 3);
        compare(app.chats.undoText, "1 message(s) removed"); // no translation is loaded here
        tryVerify(() => shown("There is no answer.") !== null);
        app.chats.undo();
        tryVerify(() => app.chat.messages.count === 4);
        compare(texts()[3], "Answer 1");
    }
    function test_question_goesWithItsAnswer_byTheKey() {
        talkTwice();
        view.forceActiveFocus();
        view.choose(0);
        keyClick(Qt.Key_Delete);
        tryVerify(() => app.chat.messages.count === 2);
        compare(texts(), ["Question 1", "Answer 1"]);
        keyClick(Qt.Key_Z, Qt.ControlModifier);
        tryVerify(() => app.chat.messages.count === 4);
        compare(texts(), ["Question 0", "Answer 0", "Question 1", "Answer 1"]);
        program.settle();
        compare(program.storedTexts(app.chat.chatId).length, 4);
    }
    function test_otherVersions_stay() {
        program.talk([
            {
                isUser: true,
                text: "Q"
            },
            {
                versions: ["A", "B", "C"],
                shownVersion: 2
            }
        ]);
        app.chat.removeMessage(1);
        tryVerify(() => lastText() === "A");
        tryVerify(() => shown("1/2") !== null);
        app.chats.undo();
        tryVerify(() => lastText() === "B");
        tryVerify(() => shown("2/3") !== null);
    }
    function test_nothingGoes_whileAnAnswerIsWritten() {
        talkTwice();
        ask("Q");
        program.write("Well");
        tryCompare(app.chat, "state", ChatController.Writing);
        app.chat.removeMessage(0);
        program.settle();
        compare(program.storedTexts(app.chat.chatId)[0], "Question 0");
    }
    function test_temporaryChat_isTakenBackInItsOwnStorage() {
        app.chats.newTemporaryChat();
        ask("Secret");
        program.write("Hush");
        program.finish();
        tryCompare(app.chat, "isBusy", false);
        app.chat.removeMessage(1);
        tryVerify(() => app.chat.messages.count === 1);
        app.chats.undo();
        tryVerify(() => app.chat.messages.count === 2);
        compare(lastText(), "Hush");
        app.chat.removeMessage(1);
        tryVerify(() => app.chats.canUndo);
        app.chats.newChat();
        app.chats.undo(); // nothing is left to take back, and nobody is told of a failure
        program.settle();
        compare(app.health.text, "");
    }
    function test_fullDisk_saysSoAndKeepsTheMessage() {
        talkTwice();
        program.failWrites();
        app.chat.removeMessage(1);
        tryVerify(() => app.health.text.length > 0);
        program.settle();
        compare(app.chat.messages.count, 4);
        verify(!app.chats.canUndo);
    }
}

import QtQuick
import QtTest
import Sotto.App
import Sotto.Chat

// Answers that ended before their first word or with the program say so and can be asked for again.
PageTestCase {
    name: "endings"

    function answers() {
        const messages = app.chat.messages;
        return messages.count < 2 ? 0 : messages.data(messages.index(1, 0), MessageListModel.VersionCountRole);
    }

    function test_stop_beforeTheFirstWord_data() {
        return [
            {
                tag: "waiting",
                share: -1
            },
            {
                tag: "while the prompt is read",
                share: 0.5
            }
        ];
    }
    function test_stop_beforeTheFirstWord(data) {
        ask("Q");
        if (data.share >= 0) {
            program.readPrompt(data.share);
            tryCompare(app.chat, "state", ChatController.Reading);
        }
        app.chat.stop();
        tryCompare(app.chat, "isBusy", false);
        program.settle();
        compare(program.storedTexts(app.chat.chatId), ["Q", ""]);
        tryVerify(() => shown("Stopped before the first word.") !== null);
        clickWhenShown("Ask again");
        tryVerify(() => program.asked().length === 2);
        program.write("Now.");
        program.finish();
        tryCompare(app.chat, "isBusy", false);
        compare(lastText(), "Now.");
        compare(answers(), 1);
        compare(shown("Stopped before the first word."), null);
        program.settle();
        compare(program.storedTexts(app.chat.chatId), ["Q", "Now."]);
    }
    function test_stop_whileTheModelLoads() {
        program.setLoadsHanging(true);
        app.models.load("/m/first.gguf");
        tryVerify(() => app.models.loadProgress > 0);
        verify(app.chat.send("Q"));
        tryVerify(() => app.chat.messages.count === 2);
        app.chat.stop();
        tryCompare(app.chat, "isBusy", false);
        tryVerify(() => shown("Stopped before the first word.") !== null);
        verify(shown("Ask again") !== null);
        program.endLoad();
        tryCompare(app.models, "state", ModelController.Loaded);
    }
    function test_interrupted_data() {
        return [
            {
                tag: "in the middle",
                text: "Half an",
                sentence: "Interrupted: Sotto ended while this was written.",
                canContinue: true
            },
            {
                tag: "before the first word",
                text: "",
                sentence: "Interrupted before the first word.",
                canContinue: false
            }
        ];
    }
    // As the next start finds what was being written.
    function test_interrupted(data) {
        program.talk([
            {
                isUser: true,
                text: "Q"
            },
            {
                text: data.text,
                isStopped: true
            }
        ]);
        tryVerify(() => shown(data.sentence) !== null);
        compare(shown("Continue") !== null, data.canContinue);
        clickWhenShown(data.canContinue ? "Continue" : "Ask again");
        tryVerify(() => program.asked().length === 1);
        compare(program.asked(), [data.canContinue ? "+Q" : "Q"]);
        program.write(" end.");
        program.finish();
        tryCompare(app.chat, "isBusy", false);
        compare(lastText(), data.text + " end.");
        tryVerify(() => shown(data.sentence) === null);
    }
    function test_emptyVersion_canBeLeft() {
        program.talk([
            {
                isUser: true,
                text: "Q"
            },
            {
                versions: ["A", ""],
                isStopped: true,
                stopReason: "cancelled"
            }
        ]);
        tryVerify(() => shown("Stopped before the first word.") !== null);
        clickWhenShown("Previous version");
        tryVerify(() => lastText() === "A");
    }
    function test_question_withoutAnAnswer() {
        program.talk([
            {
                isUser: true,
                text: "Q"
            }
        ]);
        tryVerify(() => shown("There is no answer.") !== null);
        clickWhenShown("Ask again");
        tryVerify(() => program.asked().length === 1);
        tryVerify(() => shown("There is no answer.") === null);
    }
}

import QtQuick
import QtTest
import Sotto.App
import Sotto.Chat

// What the page says while the model works, from the first moment to the last.
PageTestCase {
    name: "goingOn"

    SignalSpy {
        id: tokens
        signalName: "tokensChanged"
    }

    function test_note_saysThatTheModelIsLoaded() {
        program.setLoadsHanging(true);
        app.models.load("/m/first.gguf");
        tryVerify(() => app.models.loadProgress > 0);
        ask("A question");
        tryVerify(() => shown("Loading the model, 50\u202f%") !== null);
        program.endLoad();
        tryVerify(() => shown("Waiting") !== null);
    }
    function test_note_saysHowMuchOfThePromptIsRead() {
        ask("A question");
        program.readPrompt(0);
        tryVerify(() => shown("Reading the prompt: 0 of 1,000 tokens") !== null);
        program.readPrompt(0.25);
        tryVerify(() => shown("Reading the prompt: 250 of 1,000 tokens") !== null);
        program.think("So");
        tryCompare(app.chat, "state", ChatController.Thinking);
        compare(find(page, child => child instanceof WaitingNote && child.visible), null);
        program.write("Text");
        tryCompare(app.chat, "state", ChatController.Writing);
        compare(find(page, child => child instanceof WaitingNote && child.visible), null);
    }
    function test_note_saysThatOthersHaveTheirTurn() {
        ask("A question");
        app.chats.newChat();
        tryVerify(() => app.chat.canSend);
        ask("Another one");
        tryVerify(() => shown("Waiting for other answers") !== null);
    }
    // The text that is there does not hide that its prompt is read once more.
    function test_note_standsBelowAnAnswerThatIsCarriedOn() {
        ask("A question");
        program.write("Half of");
        tryVerify(() => lastText() === "Half of");
        app.chat.stop();
        tryVerify(() => !app.chat.isBusy);
        app.chat.continueAnswer();
        tryVerify(() => program.asked().length === 2);
        program.readPrompt(0.5);
        tryVerify(() => shown("Reading the prompt: 500 of 1,000 tokens") !== null);
    }
    function test_contextMeter_movesWhileAnAnswerIsWritten() {
        ask("A question");
        program.readPrompt(1);
        tryCompare(app.chat, "usedTokens", 1000);
        tokens.target = app.chat;
        tokens.clear();
        const start = Date.now();
        for (let token = 0; token < 100; ++token) {
            program.write("word ");
            wait(5);
        }
        tryVerify(() => lastText().length === 500);
        verify(tokens.count <= (Date.now() - start) / 250 + 1, tokens.count);
        compare(app.chat.usedTokens, 1100);
        program.finish();
        tryVerify(() => !app.chat.isBusy);
        compare(app.chat.usedTokens, 1100);
        // Counted anew, by words: the fake engine knows no other tokens.
        tryCompare(app.chat, "usedTokens", 102);
    }
}

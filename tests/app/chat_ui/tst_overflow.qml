import QtQuick
import QtTest
import Sotto.App
import Sotto.Chat

// A chat that outgrows its context: the panel above the composer, the mark in the transcript, and the
// meter's popup. Tokens are words.
PageTestCase {
    name: "overflow"

    readonly property OverflowController overflow: app?.chat.overflow ?? null
    readonly property string question: "aaaaaaaa ".repeat(180).trim()

    function said(isUser, nWords) {
        return {
            isUser: isUser,
            text: "aaaaaaaa ".repeat(nWords).trim(),
            tokenCount: isUser ? 0 : nWords,
            stopReason: isUser ? "" : "endOfText"
        };
    }
    function byName(name) {
        return find(overlay(), child => child.objectName === name && child.visible);
    }
    // Two turns that hold 804 of 1,000 tokens, and a question that does not fit any more.
    function fill() {
        beginAgain({
            model: {
                name: "Short",
                contextTokens: 1000,
                trainedContext: 4000
            }
        });
        program.talk([said(true, 300), said(false, 100), said(true, 300), said(false, 100)]);
        page.focusComposer();
        app.chat.draft = question;
        keyClick(Qt.Key_Return);
        tryVerify(() => overflow.state !== OverflowController.Looking);
        tryVerify(() => byName("overflowAccept") !== null);
        // A second Enter of the same haste chooses nothing.
        keyClick(Qt.Key_Return);
        tryVerify(() => byName("overflowPanel").item.isArmed);
        compare(program.asked().length, 0);
        compare(overflow.state, OverflowController.Asking);
    }
    function composerHasFocus() {
        const composer = find(page, child => child.objectName === "composer");
        return find(composer, child => child.activeFocus) !== null;
    }

    function test_panel_keepsTheMessage_andEscapeClosesIt() {
        fill();
        compare(program.asked().length, 0);
        compare(app.chat.draft, question);
        verify(shown("This chat outgrows its context") !== null);
        compare(byName("overflowSentence").text, "With your message it holds 985 of 1,000 tokens. 15 are left; answers here took up to 100.");
        keyClick(Qt.Key_Escape);
        tryCompare(overflow, "state", OverflowController.Closed);
        verify(shown("This chat outgrows its context") === null);
        compare(app.chat.draft, question);
        tryVerify(composerHasFocus);
    }
    // The arrows choose, Tab goes on to the buttons, Enter takes the way and sends.
    function test_panel_isUsedByKeyboard() {
        fill();
        tryVerify(() => byName("overflowChoice1").activeFocus);
        compare(byName("overflowAccept").text, "Grow and send");
        keyClick(Qt.Key_Down);
        compare(overflow.chosen, OverflowController.Drop);
        tryVerify(() => byName("overflowChoice2").activeFocus);
        compare(byName("overflowAccept").text, "Drop and send");
        keyClick(Qt.Key_Tab);
        verify(byName("overflowDismiss").activeFocus);
        compare(overflow.chosen, OverflowController.Drop);
        keyClick(Qt.Key_Tab);
        verify(byName("overflowAccept").activeFocus);
        keyClick(Qt.Key_Backtab);
        keyClick(Qt.Key_Backtab);
        verify(byName("overflowChoice2").activeFocus);
        keyClick(Qt.Key_Return);
        tryVerify(() => program.asked().length === 1);
        compare(overflow.way, OverflowController.Drop);
        compare(app.chat.draft, "");
        tryVerify(composerHasFocus);
    }
    function test_everyWay_saysWhatItDoes() {
        fill();
        const grow = byName("overflowChoice1");
        compare(grow.text, "Grow to 2,000 tokens");
        verify(grow.Accessible.description.startsWith("Everything stays. KV cache"));
        compare(byName("overflowChoice2").Accessible.description, "Messages 1 to 2, 402 tokens, are not sent any more. They stay here to read.");
        verify(byName("overflowChoice3").Accessible.description.includes("The model forgets the middle."));
        verify(find(byName("overflowChoice2"), child => child.visible && child.text === "sends 583 tokens") !== null);
    }
    function test_mark_standsBelowWhatIsNotSent_andTakesItBack() {
        fill();
        mouseClick(byName("overflowChoice2"));
        mouseClick(byName("overflowAccept"));
        tryVerify(() => program.asked().length === 1);
        program.write("Yes.");
        program.finish({
            tokens: 1
        });
        tryVerify(() => !app.chat.isBusy);
        verify(lastFigures().includes("402 tokens dropped"));
        const mark = () => find(view, child => child instanceof DropMark && child.visible);
        tryVerify(() => {
            view.showRow(1);
            return mark() !== null;
        });
        compare(mark().text, "Messages 1 to 2 are not sent any more, 402 tokens");
        verify(isDropped(0) && isDropped(1) && !isDropped(2));
        mouseClick(byName("takeBack"));
        tryVerify(() => mark() === null);
        verify(!isDropped(1));
        compare(overflow.way, OverflowController.Ask);
    }
    function isDropped(row) {
        const messages = app.chat.messages;
        return messages.data(messages.index(row, 0), MessageListModel.IsDroppedRole);
    }
    function lastFigures() {
        const messages = app.chat.messages;
        return messages.data(messages.index(messages.count - 1, 0), MessageListModel.FiguresRole).join(", ");
    }
    function test_growing_saysSo_andSendsWhenItIsLoaded() {
        fill();
        program.setLoadsHanging(true);
        keyClick(Qt.Key_Return);
        tryCompare(overflow, "state", OverflowController.Growing);
        verify(!byName("overflowAccept").enabled);
        verify(shown("The model is loaded with a longer context. Your message is sent then.") !== null);
        compare(app.chat.draft, question);
        // Whoever does not want to wait has the words back; the model goes on loading.
        keyClick(Qt.Key_Escape);
        tryCompare(overflow, "state", OverflowController.Closed);
        compare(app.chat.draft, question);
        compare(program.asked().length, 0);
        program.endLoad();
    }
    function test_meter_opensWhatTheContextHolds() {
        beginAgain({
            model: {
                name: "Short",
                contextTokens: 1000,
                trainedContext: 4000
            }
        });
        app.settings.systemPrompt = "Be kind and brief.";
        program.talk([said(true, 10), said(false, 20)]);
        tryVerify(() => byName("contextMeter") !== null);
        const meter = byName("contextMeter");
        meter.forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Space);
        tryVerify(() => overlayText("Context of this chat") !== null);
        tryVerify(() => overlayText("system prompt 5") !== null);
        verify(overlayText("messages 32") !== null);
        verify(overlayText("up to 4,000") !== null);
        verify(byName("wayAsk").checked);
        mouseClick(byName("wayDrop"));
        compare(overflow.way, OverflowController.Drop);
        tryVerify(() => byName("wayDrop").checked && !byName("wayAsk").checked);
        mouseClick(byName("openInspector"));
        tryVerify(() => app.chat.inspector.isOpen);
        tryVerify(() => overlayText("When it is full, in this chat") === null);
    }
    // Sliding, a full context is as it should be: no panel, and nothing in red.
    function test_sinks_areNotAskedAbout() {
        fill();
        overflow.chosen = OverflowController.Sinks;
        keyClick(Qt.Key_Return);
        tryVerify(() => program.asked().length === 1);
        verify(byName("overflowAccept") === null);
        program.write("Yes.");
        program.finish({
            tokens: 1
        });
        tryVerify(() => !app.chat.isBusy);
        app.chat.draft = question;
        tryVerify(() => byName("contextMeter").used === 1000);
        verify(byName("contextMeter").isSliding);
        page.focusComposer();
        keyClick(Qt.Key_Return);
        tryVerify(() => program.asked().length === 2);
    }
}

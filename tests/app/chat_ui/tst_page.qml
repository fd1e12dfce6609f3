import QtQuick
import QtTest
import Sotto.App
import Sotto.Chat

// The page as a whole: following the text, editing, versions, find, Esc, the model picker, the live panel.
TestCase {
    id: test

    name: "page"
    when: windowShown
    width: 1120
    height: 800
    visible: true

    property AppFacade app
    property ChatPage page
    property MessageView view

    Component {
        id: appComponent
        AppFacade {}
    }
    Component {
        id: pageComponent
        ChatPage {
            width: 1120
            height: 800
            isLiveDocked: false
        }
    }

    function init() {
        app = appComponent.createObject(test);
        page = pageComponent.createObject(test, {
            app: app
        });
        view = find(page, child => child instanceof MessageView);
    }
    // The page goes before what it reads from.
    function cleanup() {
        page.destroy();
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
    function shown(text) {
        return find(page, child => child.visible && child.text === text);
    }
    function talk(nPairs) {
        for (let pair = 0; pair < nPairs; ++pair) {
            app.conversation.add({
                isUser: true,
                plainText: "Question " + pair
            });
            app.conversation.add({
                plainText: "Answer " + pair + "\n\n" + "Some words that fill the line. ".repeat(12)
            });
        }
        wait(50);
    }
    function isAtEnd() {
        return view.contentY >= view.originY + view.contentHeight - view.height - 16;
    }

    function test_open_showsTheEnd() {
        app.conversation.fill(60);
        tryVerify(() => isAtEnd() && view.itemAtIndex(59) !== null);
    }
    function test_text_isFollowedAtTheBottomOnly() {
        talk(12);
        tryVerify(() => isAtEnd());
        app.conversation.add({
            plainText: "New",
            messageState: MessageListModel.Writing
        });
        app.conversation.set(24, {
            plainText: "New\n\n" + "More words. ".repeat(200)
        });
        tryVerify(() => isAtEnd());
        view.forceActiveFocus();
        keyClick(Qt.Key_PageUp);
        verify(!view.isFollowing);
        const place = view.contentY - view.originY;
        app.conversation.set(24, {
            plainText: "New\n\n" + "More words. ".repeat(400)
        });
        wait(50);
        compare(Math.round(view.contentY - view.originY), Math.round(place));
        const pill = shown("Jump to latest");
        verify(pill !== null);
        mouseClick(pill);
        tryVerify(() => isAtEnd());
        verify(view.isFollowing);
    }
    function test_edit_sendsTheChangedQuestion() {
        talk(1);
        page.editLast();
        const editor = find(page, child => child instanceof MessageEditor);
        verify(editor !== null);
        const field = find(editor, child => child instanceof InputArea);
        tryVerify(() => field.activeFocus);
        field.text = "Another question";
        keyClick(Qt.Key_Return, Qt.ControlModifier);
        compare(app.chat.calls, ["edit:0:Another question"]);
    }
    function test_edit_escLeavesTheMessage() {
        talk(1);
        page.editLast();
        tryVerify(() => find(page, child => child instanceof InputArea && child.activeFocus) !== null);
        keyClick(Qt.Key_Escape);
        compare(app.chat.calls, []);
        tryVerify(() => find(page, child => child instanceof MessageEditor) === null);
    }
    function test_versions_areAskedFor() {
        app.conversation.add({
            isUser: true,
            plainText: "Q"
        });
        app.conversation.add({
            plainText: "A",
            versionIndex: 2,
            versionCount: 3
        });
        tryVerify(() => shown("2/3") !== null);
        mouseClick(shown("Previous version"));
        mouseClick(shown("Next version"));
        compare(app.chat.calls, ["showVersion:1:-1", "showVersion:1:1"]);
    }
    function test_actions_ofTheLastAnswer() {
        talk(1);
        app.conversation.set(1, {
            stopReason: "cancelled",
            messageState: MessageListModel.Stopped
        });
        app.chat.canContinue = true;
        tryVerify(() => shown("Continue the answer") !== null);
        wait(50); // rows lay out before the next frame
        mouseClick(shown("Copy the answer"));
        mouseClick(shown("Write the answer again"));
        mouseClick(shown("Continue the answer"));
        compare(app.chat.calls, ["copyMessage:1", "regenerateAt:1", "continue"]);
        verify(shown("stopped by you") !== null);
    }
    function test_failed_keepsTheTextAndOffersRetry() {
        app.conversation.add({
            isUser: true,
            plainText: "Q"
        });
        app.conversation.add({
            plainText: "Half an",
            messageState: MessageListModel.Failed,
            errorText: "The memory is full."
        });
        tryVerify(() => shown("Try again") !== null);
        verify(shown("The memory is full. The text so far is kept.") !== null);
        mouseClick(shown("Try again"));
        compare(app.chat.calls, ["retry"]);
    }
    function test_thinking_isClosedUntilAskedFor() {
        app.conversation.add({
            plainText: "A",
            thinkingText: "Deep thought",
            thinkingSeconds: 1.9,
            thinkingTokens: 318
        });
        tryVerify(() => shown("Thought for 1.9 s") !== null);
        const thought = () => find(page, child => child instanceof PlainText && child.text === "Deep thought");
        compare(thought(), null);
        mouseClick(shown("Thought for 1.9 s"));
        verify(thought() !== null);
        verify(!view.isFollowing); // its head stays where it was clicked
    }
    function test_find_goesThroughTheRows() {
        talk(6);
        app.chat.foundRows = [1, 5, 9];
        page.openFind();
        const bar = find(page, child => child instanceof FindBar);
        keyClick("x");
        compare(bar.foundRow, 9);
        verify(shown("3 of 3") !== null);
        keyClick(Qt.Key_Return);
        compare(bar.foundRow, 5);
        keyClick(Qt.Key_Return, Qt.ShiftModifier);
        compare(bar.foundRow, 9);
        keyClick(Qt.Key_Escape);
        verify(!bar.visible);
    }
    function test_escape_stopsThenCloses() {
        talk(1);
        app.chat.state = ChatController.Writing;
        page.openFind();
        verify(page.handleEscape());
        compare(app.chat.calls, ["stop"]);
        app.chat.state = ChatController.Idle;
        verify(page.handleEscape());
        verify(!find(page, child => child instanceof FindBar).visible);
        page.toggleLive();
        verify(page.isLiveOverPage);
        verify(page.handleEscape());
        verify(!page.isLiveOverPage);
        verify(!page.handleEscape());
    }
    function test_live_docksWhenThereIsRoom() {
        page.isLiveDocked = true;
        verify(page.isLiveShown);
        page.toggleLive();
        verify(!app.settings.isLiveOpen);
        verify(!page.isLiveShown);
    }
    function test_live_showsTheCardWhereThereIsOne() {
        page.isLiveDocked = true;
        const panel = find(page, child => child instanceof LiveCard);
        verify(!panel.visible);
        compare(panel.height, 0);
        compare(shown("VRAM"), null);
        app.live.hasCard = true;
        app.live.cardName = "Some Card";
        app.live.powerWatts = 318.4;
        app.live.powerLimitWatts = 450;
        app.live.clockMhz = 2610;
        app.live.specBandwidth = 1008;
        tryVerify(() => panel.visible && panel.height > 0);
        verify(shown("Some Card") !== null);
        verify(shown("VRAM") !== null);
        verify(shown("318") !== null);
        verify(shown("of 450 W") !== null);
        verify(shown("2,610") !== null);
        verify(shown("data sheet: 1,008\u00a0GB/s") !== null);
        // The temperature is not told: a dash, not a number.
        verify(find(panel, child => child instanceof LiveFigure && child.name === "Temperature").value === "");
        compare(find(panel, child => child.visible && String(child.text).startsWith("Slowed down")), null);
        app.live.slowdown = "heat";
        tryVerify(() => shown("Slowed down: heat") !== null);
    }
    function test_picker_loadsByKeyboard() {
        app.shelf.setBandwidths(30, 0);
        app.shelf.setEntries([
            { name: "Demo", path: "/demo", quantization: "Q8_0", isDemo: true, memoryBytes: 1e6 },
            { name: "Small", path: "/small", quantization: "Q4_K_M", memoryBytes: 2e9, bytesPerToken: 1e9, contextTokens: 8192 },
            { name: "Large", path: "/large", quantization: "Q8_0", memoryBytes: 9e10, isTooLarge: true },
            { name: "Broken", path: "/broken", isUnreadable: true, problem: "Not a model file." }
        ]);
        app.shelf.setLoaded("/demo");
        page.openModelPicker();
        tryVerify(() => overlayText("Fits with 8,192 tokens of context, 1.9\u00a0GiB RAM") !== null);
        tryVerify(() => overlayText("≈\u00a030 tok/s") !== null);
        tryVerify(() => overlayText("Not a model file.") !== null);
        tryVerify(() => overlayText("Needs 83.8\u00a0GiB of memory, more than is free") !== null);
        keyClick(Qt.Key_Down);
        keyClick(Qt.Key_Return);
        compare(app.models.calls, ["refresh", "load:/small"]);
    }
    function test_picker_saysWhereAModelWouldLie() {
        app.shelf.setBandwidths(40, 1000);
        app.models.isBandwidthMeasured = false;
        app.models.deviceProblem = "A sentence about the card.";
        const gib = 1073741824;
        app.shelf.setEntries([
            { name: "Whole", path: "/whole", memoryBytes: 5 * gib, cardBytes: 5 * gib, bytesPerToken: 4e9, cardBytesPerToken: 4e9, contextTokens: 8192, placement: ModelListModel.OnCard, cardLayers: 36, layerCount: 36 },
            { name: "Parts", path: "/parts", memoryBytes: 15 * gib, cardBytes: 11 * gib, bytesPerToken: 4e9, cardBytesPerToken: 3e9, contextTokens: 4096, placement: ModelListModel.Split, cardLayers: 28, layerCount: 40, isShortened: true },
            { name: "Outside", path: "/outside", memoryBytes: 20 * gib, bytesPerToken: 2e10, contextTokens: 4096, placement: ModelListModel.CardTooSmall, layerCount: 40 }
        ]);
        page.openModelPicker();
        tryVerify(() => overlayText("Fits with 8,192 tokens of context, 5.0\u00a0GiB VRAM") !== null);
        tryVerify(() => overlayText("≈\u00a0250 tok/s") !== null);
        const parts = "Fits with a shorter context, 4,096 tokens, 11.0\u00a0GiB VRAM + 4.0\u00a0GiB RAM. 28 of 40 layers on the graphics card, the others on the processor.";
        tryVerify(() => overlayText(parts) !== null);
        tryVerify(() => overlayText("≈\u00a036 tok/s") !== null);
        tryVerify(() => overlayText("Fits with 4,096 tokens of context, 20.0\u00a0GiB RAM. On the processor: too large for the free graphics memory.") !== null);
        tryVerify(() => overlayText("A sentence about the card.") !== null);
        const row = find(overlay(), child => child instanceof ModelRow && child.name === "Parts");
        verify(row.Accessible.name.includes("28 of 40 layers on the graphics card"));
        keyClick(Qt.Key_Escape);
    }
    function test_modelButton_namesTheMemory() {
        const gib = 1073741824;
        app.models.state = ModelController.Loaded;
        app.models.memoryBytes = 3 * gib;
        app.models.cardBytes = 0;
        tryVerify(() => shown("3.0\u00a0GiB RAM") !== null);
        app.models.cardBytes = 2 * gib;
        tryVerify(() => shown("2.0\u00a0GiB VRAM + 1.0\u00a0GiB RAM") !== null);
        app.models.cardBytes = 3 * gib;
        tryVerify(() => shown("3.0\u00a0GiB VRAM") !== null);
    }
    function overlay() {
        let top = page;
        while (top.parent)
            top = top.parent;
        return top;
    }
    function overlayText(text) {
        return find(overlay(), child => child.visible && child.text === text);
    }
    function test_empty_offersQuestions() {
        app.chat.state = ChatController.Empty;
        app.models.isDemo = true;
        tryVerify(() => shown("Who are you?") !== null);
        mouseClick(shown("Who are you?"));
        compare(app.chat.calls, ["send:Who are you?"]);
    }
    function test_list_isAskedForWhenItIsNotDocked() {
        compare(shown("Chat list"), null);
        page.isListDocked = false;
        wait(50);
        let nAsked = 0;
        page.listRequested.connect(() => ++nAsked);
        mouseClick(shown("Chat list"));
        compare(nAsked, 1);
    }
}

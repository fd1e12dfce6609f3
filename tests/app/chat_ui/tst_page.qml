import QtQuick
import QtTest
import Sotto.App
import Sotto.Chat

// The page as a whole: following the text, editing, versions, find, Esc.
PageTestCase {
    name: "page"

    function test_open_showsTheEnd() {
        program.talk(program.longConversation(60));
        tryVerify(() => isAtEnd() && view.itemAtIndex(59) !== null);
    }
    function test_text_isFollowedAtTheBottomOnly() {
        talk(12);
        tryVerify(() => isAtEnd());
        ask("More");
        program.write("New");
        tryCompare(app.chat, "state", ChatController.Writing);
        program.write("\n\n" + "More words. ".repeat(200));
        tryVerify(() => lastText().length > 2000);
        tryVerify(() => isAtEnd());
        view.forceActiveFocus();
        keyClick(Qt.Key_PageUp);
        verify(!view.isFollowing);
        // What is being read stays where it is, whatever the view thinks of the rows it has not made.
        const read = view.itemAt(20, view.contentY + 40);
        const place = read.mapToItem(view, 0, 0).y;
        program.write("More words. ".repeat(200));
        tryVerify(() => lastText().length > 4000);
        waitForItemPolished(view);
        compare(view.itemAt(20, view.contentY + 40), read);
        compare(read.mapToItem(view, 0, 0).y, place);
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
        tryVerify(() => program.asked().length === 1);
        compare(program.asked(), ["Another question"]);
        compare(textAt(0), "Another question");
        tryVerify(() => shown("2/2") !== null);
    }
    function test_edit_escLeavesTheMessage() {
        talk(1);
        page.editLast();
        tryVerify(() => find(page, child => child instanceof InputArea && child.activeFocus) !== null);
        keyClick(Qt.Key_Escape);
        tryVerify(() => find(page, child => child instanceof MessageEditor) === null);
        program.settle();
        compare(program.asked(), []);
        compare(program.storedTexts(app.chat.chatId)[0], "Question 0");
        compare(shown("1/2"), null);
    }
    // The list destroys what is scrolled far away; what was typed is still there when one comes back, and
    // the editor that comes back does not take the keyboard.
    function test_edit_survivesBeingScrolledAway() {
        talk(40);
        const openEditor = () => find(view, child => child instanceof MessageEditor);
        tryVerify(() => isAtEnd());
        page.editLast();
        tryVerify(() => openEditor() !== null);
        find(openEditor(), child => child instanceof InputArea).text = "half a thought";
        view.forceActiveFocus();
        view.choose(0);
        tryVerify(() => openEditor() === null);
        view.jumpToEnd();
        tryVerify(() => openEditor() !== null);
        const field = find(openEditor(), child => child instanceof InputArea);
        compare(field.text, "half a thought");
        verify(!field.activeFocus);
    }
    function test_edit_thatCannotBeSaved_staysOpen() {
        talk(1);
        page.editLast();
        const field = find(page, child => child instanceof InputArea && child.Accessible.name === "Message text");
        tryVerify(() => field.activeFocus);
        field.text = "Another question";
        program.failWrites();
        keyClick(Qt.Key_Return, Qt.ControlModifier);
        tryVerify(() => !app.chat.isBusy);
        program.settle();
        compare(find(page, child => child instanceof InputArea && child.Accessible.name === "Message text").text, "Another question");
        compare(program.asked(), []);
        program.heal();
        find(page, child => child instanceof MessageEditor).accept();
        tryVerify(() => program.asked().length === 1);
        tryVerify(() => find(page, child => child instanceof MessageEditor) === null);
    }
    function test_versions_areAskedFor() {
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
        compare(textAt(1), "B");
        tryVerify(() => shown("2/3") !== null);
        clickWhenShown("Previous version");
        tryVerify(() => shown("1/3") !== null);
        compare(textAt(1), "A");
        clickWhenShown("Next version");
        tryVerify(() => shown("2/3") !== null);
        clickWhenShown("Next version");
        tryVerify(() => shown("3/3") !== null);
        compare(textAt(1), "C");
        compare(program.storedTexts(app.chat.chatId), ["Q", "C"]);
    }
    // Without pointing at it: that there are others is not to be found by chance.
    function test_versions_ofAnEarlierAnswer_areSeen() {
        program.talk([
            {
                isUser: true,
                text: "Q"
            },
            {
                versions: ["A", "B", "C"],
                shownVersion: 2
            },
            {
                isUser: true,
                text: "Q2"
            },
            {
                text: "Last"
            }
        ]);
        compare(app.chat.messages.count, 4);
        tryVerify(() => shown("2/3") !== null);
        const actions = find(page, child => child instanceof MessageActions && child.versionCount === 3);
        compare(actions.showsAll, false);
        const x = shown("2/3").mapToItem(page, 0, 0).x;
        actions.showsAll = true;
        compare(shown("2/3").mapToItem(page, 0, 0).x, x); // it stays where it is under the pointer
    }
    function test_actions_ofTheLastAnswer() {
        program.talk([
            {
                isUser: true,
                text: "Q"
            },
            {
                text: "Half an answer",
                isStopped: true,
                stopReason: "cancelled"
            }
        ]);
        verify(app.chat.canContinue);
        tryVerify(() => shown("stopped by you") !== null);
        program.setClipboard("");
        clickWhenShown("Copy the answer");
        compare(program.clipboard(), "Half an answer");
        clickWhenShown("Continue the answer");
        tryVerify(() => program.asked().length === 1);
        program.write(", and its end.");
        program.finish();
        tryCompare(app.chat, "isBusy", false);
        compare(lastText(), "Half an answer, and its end.");
        clickWhenShown("Write the answer again");
        tryVerify(() => program.asked().length === 2);
        compare(program.asked(), ["+Q", "Q"]);
        program.write("A new one");
        program.finish();
        tryCompare(app.chat, "isBusy", false);
        tryVerify(() => shown("2/2") !== null);
        compare(lastText(), "A new one");
    }
    function test_failed_keepsTheTextAndOffersRetry() {
        ask("Q");
        program.write("Half an");
        tryVerify(() => app.chat.messages.count === 2 && lastText() === "Half an");
        program.failAnswer("The memory is full.");
        tryVerify(() => shown("Try again") !== null);
        verify(shown("The memory is full. The text so far is kept.") !== null);
        program.settle();
        compare(program.storedTexts(app.chat.chatId), ["Q", "Half an"]);
        clickWhenShown("Try again");
        tryVerify(() => program.asked().length === 2);
        compare(program.asked(), ["Q", "Q"]);
    }
    function test_thinking_isClosedUntilAskedFor() {
        program.talk([
            {
                isUser: true,
                text: "Q"
            },
            {
                text: "A",
                thinkingText: "Deep thought",
                thinkingSeconds: 1.9,
                thinkingTokens: 318
            }
        ]);
        tryVerify(() => shown("Thought for 1.9 s") !== null);
        const thought = () => find(page, child => child instanceof TypedText && child.text === "Deep thought");
        compare(thought(), null);
        clickWhenShown("Thought for 1.9 s");
        verify(thought() !== null);
        verify(!view.isFollowing); // its head stays where it was clicked
    }
    // Every place counts, not every message, and the bar covers none of them.
    function test_find_goesThroughThePlaces() {
        program.talk(pairs(6).map((message, row) => row % 4 === 1 ? {
                text: message.text + (row === 5 ? " Xylophone, **xy**lophone" : " Xylophone")
            } : message));
        page.openFind();
        const bar = find(page, child => child instanceof FindBar);
        for (const key of "xylophone")
            keyClick(key);
        compare(bar.hits.row, 9);
        verify(shown("4 of 4") !== null);
        keyClick(Qt.Key_Return);
        compare(bar.hits.row, 5);
        const last = bar.hits.start;
        keyClick(Qt.Key_Return);
        compare(bar.hits.row, 5);
        verify(bar.hits.start < last);
        verify(shown("2 of 4") !== null);
        keyClick(Qt.Key_Return, Qt.ShiftModifier);
        compare(bar.hits.start, last);
        for (const row of [0, 5]) {
            view.showRow(row);
            waitForRendering(view);
            verify(bar.mapToItem(page, 0, bar.height).y <= view.mapToItem(page, 0, 0).y);
        }
        keyClick(Qt.Key_Escape);
        verify(!bar.visible);
        compare(bar.hits.count, 0);
    }
    function test_find_reachesThePlaceInALongAnswer() {
        const paragraphs = Array.from({
            length: 60
        }, (unused, at) => at % 25 === 10 ? "Paragraph with a xylophone" : "Some words that fill the line. ".repeat(6));
        program.talk([
            {
                isUser: true,
                text: "Question"
            },
            {
                text: paragraphs.join("\n\n")
            }
        ]);
        page.openFind();
        const bar = find(page, child => child instanceof FindBar);
        for (const key of "xylophone")
            keyClick(key);
        compare(bar.hits.count, 2);
        for (const block of [35, 10, 35]) {
            compare(bar.hits.block, block);
            tryVerify(() => {
                const top = find(view, child => child instanceof MessageBlock && child.row === block)?.mapToItem(view, 0, 0).y ?? -1;
                return top >= 0 && top < 100;
            });
            keyClick(Qt.Key_Return);
        }
    }
    function test_escape_stopsThenCloses() {
        ask("Q");
        program.write("Well");
        tryCompare(app.chat, "state", ChatController.Writing);
        page.openFind();
        verify(page.handleEscape());
        tryCompare(app.chat, "state", ChatController.Idle);
        verify(find(page, child => child instanceof FindBar).visible);
        verify(page.handleEscape());
        verify(!find(page, child => child instanceof FindBar).visible);
        page.toggleLive();
        verify(page.isLiveOverPage);
        verify(page.handleEscape());
        verify(!page.isLiveOverPage);
        verify(!page.handleEscape());
    }
    function test_empty_offersQuestions() {
        compare(app.chat.state, ChatController.Empty);
        verify(app.models.isDemo);
        clickWhenShown("Who are you?");
        tryVerify(() => program.asked().length === 1);
        compare(program.asked(), ["Who are you?"]);
    }
    function test_list_isAskedForWhenItIsNotDocked() {
        compare(shown("Chat list"), null);
        page.isListDocked = false;
        let nAsked = 0;
        page.listRequested.connect(() => ++nAsked);
        clickWhenShown("Chat list");
        compare(nAsked, 1);
    }
}

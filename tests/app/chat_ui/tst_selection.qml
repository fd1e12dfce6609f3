import QtQuick
import QtTest
import Sotto.App
import Sotto.Chat
import Sotto.Components
import Sotto.Tests

// What is selected goes from one paragraph, code, table or message to any other.
PageTestCase {
    id: test

    name: "selection"

    readonly property string answer: "First one\n\n```\ncode 1\n  code 2\n```\n\n| a | b |\n|---|---|\n| c | d |\n\n- item\n\nLast **bold** words [here](https://example.org)"

    function talkOnce() {
        program.talk([
            {
                isUser: true,
                text: "A question"
            },
            {
                text: answer
            }
        ]);
        waitForRendering(page);
    }
    function edit(text) {
        const found = find(view, child => child instanceof TextPart && child.getText(0, child.length) === text);
        verify(found, text);
        return found;
    }
    function at(item, position) {
        const place = item.positionToRectangle(position);
        return Qt.point(place.x + 1, place.y + place.height / 2);
    }
    function drag(from, fromPosition, to, toPosition, modifiers) {
        const start = at(from, fromPosition);
        const end = at(to, toPosition);
        mousePress(from, start.x, start.y);
        mouseMove(from, start.x + 20, start.y + 20);
        mouseMove(to, end.x, end.y);
        mouseRelease(to, end.x, end.y);
    }
    // Rows of a menu stand where they will be only when its list has been laid out.
    function row(text) {
        let found = null;
        tryVerify(() => {
            found = find(overlay(), child => child.visible && child instanceof MenuItem && child.text === text);
            return found !== null;
        }, 5000, text);
        waitForItemPolished(found.ListView.view);
        return found;
    }
    function copied() {
        program.setClipboard("");
        keyClick(Qt.Key_C, Qt.ControlModifier);
        return program.clipboard();
    }

    function test_drag_goesOverCodeAndTables() {
        talkOnce();
        const last = edit("Last bold words here");
        drag(edit("First one"), 6, last, 9);
        compare(edit("First one").selectedText, "one");
        compare(edit("code 1\n  code 2").selectedText.length, 15);
        compare(last.selectedText, "Last bold");
        compare(copied(), "one\n\ncode 1\n  code 2\n\na\tb\nc\td\n\n• item\n\nLast bold");
        compare(program.clipboardAs("text/markdown"), "one\n\n```\ncode 1\n  code 2\n```\n\n| a | b |\n|---|---|\n| c | d |\n\n- item\n\nLast **bold**");
        const html = program.clipboardAs("text/html");
        verify(html.includes("<pre><code>code 1\n  code 2</code></pre>"), html);
        verify(html.includes("<td>c</td><td>d</td>"), html);
        keyClick(Qt.Key_Escape);
        compare(last.selectedText, "");
    }
    function test_drag_goesFromMessageToMessage_bothWays() {
        talkOnce();
        drag(edit("First one"), 5, edit("A question"), 2);
        compare(copied(), "question\n\nFirst");
        compare(edit("A question").selectedText, "question");
    }
    // Pasted into a program of documents it is one list, and one quote.
    function test_itemsOfAList_areCopiedAsOneList() {
        program.talk([
            {
                isUser: true,
                text: "A question"
            },
            {
                text: "First\n\n2. two\n3. three\n   - inner\n\n> a quote\n>\n> of two\n\nLast"
            }
        ]);
        waitForRendering(page);
        drag(edit("First"), 0, edit("Last"), 4);
        compare(copied(), "First\n\n2. two\n3. three\n◦ inner\n\na quote\n\nof two\n\nLast");
        compare(program.clipboardAs("text/html"), "<p>First</p><ol start=\"2\"><li><p>two</p></li><li><p>three</p><ul><li><p>inner</p></li></ul></li></ol><blockquote><p>a quote</p><p>of two</p></blockquote><p>Last</p>");
        compare(program.clipboardAs("text/markdown"), "First\n\n2. two\n3. three\n   - inner\n\n> a quote\n>\n> of two\n\nLast");
    }
    function talkThinking() {
        program.talk([
            {
                isUser: true,
                text: "A question"
            },
            {
                text: "The answer",
                thinkingText: "Let me see.\n\nYes"
            }
        ]);
        waitForRendering(page);
    }
    function test_thinking_isSelectedInItsPlaceWhereItIsOpen() {
        talkThinking();
        drag(edit("A question"), 2, edit("The answer"), 3);
        compare(copied(), "question\n\nThe"); // it is folded
        app.chat.messages.setUnfolded(1, true);
        wait(600); // another click, not the second of two
        drag(edit("A question"), 2, edit("The answer"), 3);
        const thought = edit("Let me see.\n\nYes");
        compare(thought.selectedText.length, 16);
        compare(copied(), "question\n\nLet me see.\n\nYes\n\nThe");
        compare(program.clipboardAs("text/markdown"), "question\n\n> *Thinking*\n>\n> Let me see.\n>\n> Yes\n\nThe");
        const html = program.clipboardAs("text/html");
        verify(html.includes("<blockquote><p><i>Thinking</i></p><p style=\"white-space:pre-wrap\">Let me see.<br><br>Yes</p></blockquote><p>The</p>"), html);
    }
    function test_thinking_isSelectedFromAndWithTheAnswer() {
        talkThinking();
        app.chat.messages.setUnfolded(1, true);
        waitForRendering(page);
        const thought = edit("Let me see.\n\nYes");
        drag(thought, 4, edit("The answer"), 3);
        compare(thought.selectedText.length, 12);
        compare(copied(), "me see.\n\nYes\n\nThe");
        compare(program.clipboardAs("text/markdown"), "> me see.\n>\n> Yes\n\nThe"); // not from its begin
        keyClick(Qt.Key_A, Qt.ControlModifier);
        compare(copied(), "Let me see.\n\nYes\n\nThe answer");
        app.chat.messages.setUnfolded(1, false);
        compare(copied(), "The answer");
    }
    // What is looked for is counted in the answers alone, and marked there alone.
    function test_thinking_hasNoFoundWords() {
        talkThinking();
        app.chat.messages.setUnfolded(1, true);
        waitForRendering(page);
        page.openFind();
        keyClick("e");
        waitForRendering(page);
        verify(find(edit("The answer"), child => child instanceof TextUnderlay) !== null);
        compare(find(edit("Let me see.\n\nYes"), child => child instanceof TextUnderlay), null);
    }
    function test_damagedMessage_isSelectedAsItIsShown() {
        const chat = program.talk([
            {
                isUser: true,
                text: "A question"
            },
            {
                text: "# Half\n\nan **answer**"
            },
            {
                isUser: true,
                text: "Another one"
            }
        ]);
        program.cutMessage(chat, 1, 100);
        app.chats.newChat();
        program.open(chat);
        waitForRendering(page);
        const shown = edit("“# Half\n\nan **answer** …”");
        drag(edit("A question"), 2, edit("Another one"), 7);
        compare(shown.selectedText.length, 25);
        compare(copied(), "question\n\n“# Half\n\nan **answer** …”\n\nAnother");
        wait(600);
        drag(shown, 3, shown, 7);
        compare(copied(), "Half");
        keyClick(Qt.Key_A, Qt.ControlModifier);
        compare(copied(), "“# Half\n\nan **answer** …”");
        page.openFind();
        for (const key of "answer")
            keyClick(key);
        waitForRendering(page);
        verify(find(shown, child => child instanceof TextUnderlay) !== null);
    }
    function test_code_isCopiedAsItWasWritten() {
        talkOnce();
        const code = edit("code 1\n  code 2");
        drag(code, 7, code, 13);
        compare(copied(), "  code");
    }
    function test_shiftClick_movesTheEnd() {
        talkOnce();
        const first = edit("First one");
        const last = edit("Last bold words here");
        const start = at(first, 0);
        const end = at(last, 4);
        mouseClick(first, start.x, start.y);
        wait(600); // another click, not the second of two
        mouseClick(last, end.x, end.y, Qt.LeftButton, Qt.ShiftModifier);
        verify(copied().startsWith("First one\n\n"));
        verify(copied().endsWith("\n\nLast"));
    }
    function test_clicks_takeWordParagraphAndMessage() {
        talkOnce();
        const last = edit("Last bold words here");
        const place = at(last, 6);
        mouseClick(last, place.x, place.y);
        mouseClick(last, place.x, place.y);
        compare(copied(), "bold");
        mouseClick(last, place.x, place.y);
        compare(copied(), "Last bold words here");
        keyClick(Qt.Key_A, Qt.ControlModifier);
        verify(copied().startsWith("First one\n\ncode 1"));
        verify(copied().endsWith("words here"));
    }
    function test_doubleClick_ofAMouse_takesAWord() {
        talkOnce();
        const code = edit("code 1\n  code 2");
        const place = at(code, 1);
        mouseDoubleClickSequence(code, place.x, place.y);
        compare(copied(), "code");
    }
    // What has scrolled away stays selected.
    function test_selection_outlivesItsItems() {
        talk(30);
        view.showRow(0);
        waitForRendering(page);
        const first = edit("Question 0");
        mousePress(first, 2, 10);
        mouseMove(first, 20, 20);
        const below = view.mapToItem(page, 200, view.height + 300);
        mouseMove(page, below.x, Math.min(page.height - 1, below.y));
        tryVerify(() => view.contentY > 3000, 10000);
        mouseRelease(page, below.x, Math.min(page.height - 1, below.y));
        verify(copied().startsWith("Question 0\n\nAnswer 0\n\nSome words"));
        verify(copied().includes("Question 5\n\nAnswer 5"));
    }
    function test_anotherChat_hasNothingSelected() {
        talkOnce();
        drag(edit("First one"), 0, edit("Last bold words here"), 4);
        app.chats.newChat();
        program.settle();
        compare(copied(), "");
    }
    function test_menu_isThatOfTheTextAndItsMessage() {
        talkOnce();
        const last = edit("Last bold words here");
        const place = at(last, 18);
        mouseClick(last, place.x, place.y, Qt.RightButton);
        compare(row("Open link").visible, true);
        compare(row("Copy").enabled, false);
        mouseClick(row("Select all of this message"));
        view.forceActiveFocus(); // as the window of the program does when a menu closes
        tryVerify(() => copied().startsWith("First one"));
        keyClick(Qt.Key_Menu);
        mouseClick(row("Copy as Markdown"));
        tryVerify(() => program.clipboard().includes("Last **bold**"));
    }
    function test_composer_hasAMenu() {
        talkOnce();
        const field = find(page, child => child instanceof InputArea);
        page.focusComposer();
        keyClick("a");
        mouseClick(field, 4, 10, Qt.RightButton);
        compare(row("Cut").enabled, false);
        mouseClick(row("Undo"));
        tryCompare(field, "text", "");
        verify(field.activeFocus);
        page.focusComposer();
        keyClick("b");
        keyClick(Qt.Key_Menu);
        mouseClick(row("Select all"));
        tryCompare(field, "selectedText", "b");
        mouseClick(field, 4, 10, Qt.RightButton);
        mouseClick(row("Cut"));
        tryCompare(field, "text", "");
        compare(program.clipboard(), "b");
    }
    // A long paragraph is shown in parts, and is one all the same.
    function test_longParagraph_isOneText() {
        const text = Array.from({ length: 220 }, (_, word) => "word" + word).join(" ");
        program.talk([
            {
                isUser: true,
                text: "Q"
            },
            {
                text: text
            }
        ]);
        waitForRendering(page);
        const part = number => find(view, child => child instanceof TextPart && child.messageRow === 1 && child.part === number);
        const cut = part(0).length;
        verify(part(1) && cut < text.length);
        drag(part(0), cut - 9, part(1), 12);
        compare(copied(), text.slice(cut - 9, cut + 12));
        compare(part(0).selectedText + part(1).selectedText, text.slice(cut - 9, cut + 12));
        wait(600); // another click, not one of three
        const place = at(part(1), 14);
        for (let click = 0; click < 3; ++click)
            mouseClick(part(1), place.x, place.y);
        compare(copied(), text);
    }
}

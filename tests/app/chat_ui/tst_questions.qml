import QtQuick
import QtTest
import Sotto.App
import Sotto.Chat
import Sotto.Theme
import Sotto.Tests

// What the user wrote, of any length, as it was typed.
PageTestCase {
    id: test

    name: "questions"

    function ask1(text) {
        program.talk([
            {
                isUser: true,
                text: text
            },
            {
                text: "A"
            }
        ]);
        view.showRow(0);
        waitForRendering(page);
        return question();
    }
    // Asked for again after scrolling: the view makes its delegates anew.
    function question() {
        return find(view, child => child instanceof UserMessage);
    }
    function unfold(isUnfolded) {
        app.chat.messages.setUnfolded(0, isUnfolded);
        waitForRendering(page);
    }
    function edits(item) {
        const found = [];
        for (const child of Array.from(item.children)) {
            if (child instanceof TextEdit)
                found.push(child);
            found.push(...edits(child));
        }
        return found.sort((a, b) => a.y - b.y);
    }
    function lines(nLines) {
        return Array.from({ length: nLines }, (_, line) => "line " + line).join("\n");
    }
    function fold(message) {
        return find(message, child => child.objectName === "foldQuestion");
    }

    function test_question_isAsWideAsItsText() {
        const message = ask1("Short");
        compare(edits(message).length, 1);
        verify(edits(message)[0].width < 80);
        tryCompare(message, "height", 24 + 20);
        compare(fold(message).visible, false);
    }
    function test_longQuestion_isFoldedAndUnfolded() {
        const message = ask1(lines(500));
        compare(edits(message).map(edit => edit.text).join("\n"), lines(20));
        compare(fold(message).visible, true);
        mouseClick(fold(message));
        tryCompare(message, "height", 500 * 24 + 20 + fold(message).height);
        compare(message.isFolded, false);
        unfold(false);
        tryCompare(message, "height", 20 * 24 + 20 + fold(message).height);
    }
    // Only what is near the viewport is laid out, and all of it is there when it is scrolled to.
    function test_unfoldedQuestion_isMadeWhereItIsSeen() {
        const message = ask1(lines(20000));
        unfold(true);
        const length = () => edits(question()).reduce((sum, edit) => sum + edit.length, 0);
        verify(length() > 1000 && length() < 30000, "at the top " + length());
        verify(edits(message)[0].text.startsWith("line 0\n"));
        view.jumpToEnd();
        tryVerify(() => question() !== null && edits(question()).some(edit => edit.text.endsWith("line 19999")));
        verify(length() < 30000, "at the end " + length());
        compare(question().height, 20000 * 24 + 20 + fold(question()).height);
        const last = edits(question()).pop();
        compare(last.y + last.height, 20000 * 24);
    }
    // A text that begins more than a viewport above is what is read all the same.
    function test_headBelowALongQuestion_staysWhereItIsClicked() {
        page.height += 560 - view.height;
        program.talk([
            {
                isUser: true,
                text: lines(35)
            },
            {
                text: "Some words.\n\n".repeat(40),
                thinkingText: lines(10),
                thinkingSeconds: 1.9
            }
        ]);
        tryVerify(() => shown("Thought for 1.9 s") !== null);
        view.showRow(0);
        waitForRendering(page);
        tryVerify(() => shown("Thought for 1.9 s") !== null); // its row may have been made anew
        compare(edits(question()).length, 1);
        const y = () => shown("Thought for 1.9 s").mapToItem(view, 0, 0).y;
        view.scrollBy(y() - 160);
        waitForRendering(page);
        const before = y();
        verify(before > 100 && before < view.height / 2, before);
        const length = view.contentHeight;
        clickWhenShown("Thought for 1.9 s");
        tryVerify(() => view.contentHeight > length + 200);
        waitForRendering(page);
        compare(y(), before);
    }
    function test_oneLongLine_isCutToo() {
        const message = ask1("word ".repeat(100000));
        verify(edits(message)[0].lineCount <= 21);
        unfold(true);
        verify(edits(message).every(edit => edit.length < 10000));
    }
    function test_text_isShownAsItWasTyped_data() {
        return [
            { tag: "first indent", text: "    if (x)\n        y();", code: [] },
            { tag: "last lines", text: "a\n\n", code: [] },
            { tag: "markup", text: "**a** <b> &amp; $5", code: [] },
            { tag: "span", text: "is `x` an ``a`b`` and `", code: ["x", "a`b"] },
            { tag: "fence", text: "see\n```py\nx = 1\n```\nso", code: ["x = 1"] },
            { tag: "tildes", text: "~~~\n`a\n~~~ \nb", code: ["`a"] },
            { tag: "open fence", text: "```\nx\n\ny", code: ["y"] }
        ];
    }
    function test_text_isShownAsItWasTyped(data) {
        const edit = edits(ask1(data.text))[0];
        compare(edit.text, data.text);
        for (const code of data.code)
            compare(program.familyAt(edit.textDocument, data.text.indexOf(code)), Theme.mono);
        compare(program.familyAt(edit.textDocument, data.text.length - 1) === Theme.mono, data.tag === "open fence");
    }
}

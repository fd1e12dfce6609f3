import QtQuick
import QtTest
import Sotto.App
import Sotto.Chat
import Sotto.Tests
import Sotto.Theme

// Every kind of Markdown block gets its delegate, with what the model says.
TestCase {
    id: test

    name: "blocks"
    when: windowShown
    width: 680
    height: 600
    visible: true

    property var opened: []
    property var copied: []

    TestApp {
        id: program
    }
    Component {
        id: blocksComponent
        MessageBlocks {
            width: 680
            onLinkOpened: link => test.opened.push(link)
            onCopyRequested: text => test.copied.push(text)
        }
    }

    function init() {
        opened = [];
        copied = [];
    }
    function blocksOf(markdown) {
        program.talk([
            {
                isUser: true,
                text: "Q"
            },
            {
                text: markdown
            }
        ]);
        return shownBlocks();
    }
    function shownBlocks() {
        const model = program.facade.chat.messages;
        compare(model.count, 2);
        const blocks = model.data(model.index(1, 0), MessageListModel.BlocksRole);
        const shown = createTemporaryObject(blocksComponent, test, {
            blocks: blocks
        });
        waitForRendering(shown); // code and tables are filled where they are seen
        return shown;
    }
    function all(item, wanted, found) {
        for (const child of Array.from(item.children)) {
            if (wanted(child))
                found.push(child);
            all(child, wanted, found);
        }
        return found;
    }
    function edits(item) {
        return all(item, child => child instanceof TextEdit, []);
    }
    function plain(edit) {
        return edit.getText(0, edit.length);
    }

    function test_text_isShownForEveryKind_data() {
        return [
            { tag: "paragraph", markdown: "Some *text*", text: "Some text" },
            { tag: "heading", markdown: "## A heading", text: "A heading" },
            { tag: "list item", markdown: "- an item", text: "an item" },
            { tag: "quote", markdown: "> said", text: "said" },
            { tag: "code", markdown: "```python\nx = 1  # one\n```", text: "x = 1  # one" },
            { tag: "open code", markdown: "```\nx = 1", text: "x = 1" },
            { tag: "escaped", markdown: "a < b && `c<d>`", text: "a < b && c<d>" },
            { tag: "chinese", markdown: "润色**邮件**", text: "润色邮件" }
        ];
    }
    function test_text_isShownForEveryKind(data) {
        const shown = edits(blocksOf(data.markdown));
        compare(shown.length, 1);
        compare(plain(shown[0]), data.text);
        verify(shown[0].readOnly);
        verify(shown[0].selectByMouse);
    }
    function test_table_hasACellForEachText() {
        const shown = edits(blocksOf("| a | b |\n|:--|--:|\n| 1 | 2 |"));
        compare(shown.map(edit => plain(edit)), ["a", "b", "1", "2"]);
        compare(shown[2].horizontalAlignment, TextEdit.AlignLeft);
        compare(shown[3].horizontalAlignment, TextEdit.AlignRight);
    }
    function test_lines_haveTheHeightOfTheirRole() {
        const oneLine = edits(blocksOf("one"))[0].contentHeight;
        const threeLines = edits(blocksOf("one\\\ntwo\\\nthree"))[0].contentHeight;
        compare(threeLines - oneLine, 48);
    }
    function test_copy_givesTheSourceAndSaysSo() {
        const blocks = blocksOf("```\n<a> && b\n```");
        const button = all(blocks, child => child.text === "Copy", [])[0];
        mouseClick(button);
        compare(copied, ["<a> && b"]);
        compare(button.text, "Copied");
    }
    function test_link_isOpenedOnlyByAClick() {
        const edit = edits(blocksOf("[here](https://example.org/x)"))[0];
        compare(opened.length, 0);
        mouseClick(edit, 8, 10);
        compare(opened, ["https://example.org/x"]);
    }
    function test_code_scrollsInsteadOfWrapping() {
        const blocks = blocksOf("```\n" + "long ".repeat(60) + "\n```");
        const flick = all(blocks, child => child instanceof Flickable, [])[0];
        verify(flick.contentWidth > flick.width);
        compare(edits(blocks)[0].lineCount, 1);
    }
    // Of something long only what is near the viewport is made; its height is known all the same.
    function test_longCode_isMadeWhereItIsSeen() {
        const lines = Array.from({ length: 5000 }, (_, line) => "x = " + line).join("\n");
        const blocks = blocksOf("```python\n" + lines + "\n```");
        compare(blocks.height, 37 + 5000 * 19 + 22);
        waitForRendering(blocks);
        const shown = edits(blocks);
        verify(shown.length >= 1 && shown.length <= 30, shown.length + " parts");
        verify(plain(shown[0]).startsWith("x = 0\nx = 1\n"));
        blocks.y = blocks.parent.height - blocks.height;
        tryVerify(() => edits(blocks).some(edit => plain(edit).endsWith("\nx = 4999")));
        verify(edits(blocks).length <= 30);
        mouseClick(all(blocks, child => child.text === "Copy", [])[0]);
    }
    function test_longTable_isMadeWhereItIsSeen() {
        const rows = Array.from({ length: 500 }, (_, row) => "| " + row + " | value |").join("\n");
        const blocks = blocksOf("| a | b |\n|---|---|\n" + rows);
        compare(blocks.height, 2 + 16 + 14 + 500 * (20 + 14));
        waitForRendering(blocks);
        verify(edits(blocks).length >= 32 && edits(blocks).length <= 200, edits(blocks).length + " cells");
        blocks.y = blocks.parent.height - blocks.height;
        tryVerify(() => edits(blocks).some(edit => plain(edit) === "499"));
        verify(edits(blocks).length <= 200, edits(blocks).length + " cells");
    }
    // What is made beyond what is seen comes a few rows with each frame.
    function test_longTable_growsByAFewRowsAFrame() {
        const rows = Array.from({ length: 500 }, (_, row) => "| " + row + " | value |").join("\n");
        const blocks = blocksOf("| a | b |\n|---|---|\n" + rows);
        wait(200);
        let nBefore = edits(blocks).length;
        let most = 0;
        for (let y = 0; y > -1400; y -= 20) {
            blocks.y = y;
            wait(20);
            const names = edits(blocks).map(edit => plain(edit));
            const first = Math.floor(-y / 34);
            verify(y === 0 || names.includes(String(first + 10)), "row " + (first + 10) + " is seen at " + y);
            most = Math.max(most, names.length - nBefore);
            nBefore = names.length;
        }
        verify(most <= 2 * 4, most + " cells at once");
    }
    function test_codeWithoutALanguage_isLabelledAsCode_data() {
        return [
            { tag: "indented", markdown: "    x = 1" },
            { tag: "fenced", markdown: "```\nx = 1\n```" }
        ];
    }
    function test_codeWithoutALanguage_isLabelledAsCode(data) {
        const blocks = blocksOf(data.markdown);
        compare(all(blocks, child => child.text === "code", []).length, 1);
        compare(all(blocks, child => child.text === "text", []).length, 0);
    }
    function test_cells_areAsHighAsTheirText() {
        const words = "some words and more ".repeat(40);
        const blocks = blocksOf("| a | b |\n|---|---|\n| x | " + words + " |\n| y | z |");
        const shown = edits(blocks);
        compare(shown.map(edit => plain(edit)), ["a", "b", "x", words.trim(), "y", "z"]);
        verify(shown[3].lineCount > 2);
        compare(shown[3].parent.height, shown[3].height + 14);
        compare(shown[4].parent.y, shown[3].parent.y + shown[3].parent.height);
    }
    function test_code_followsTheSizeOfText() {
        const edit = edits(blocksOf("```\nx\ny\n```"))[0];
        compare(edit.font.pixelSize, 13);
        Theme.textSize = 20;
        compare(edit.font.pixelSize, 17);
        tryCompare(edit, "height", 2 * 25);
        Theme.textSize = 15;
    }
    function test_code_growsByItsLines() {
        const nBefore = program.asked().length;
        program.facade.chats.newChat();
        program.settle();
        program.facade.chat.send("Q");
        tryVerify(() => program.asked().length === nBefore + 1);
        program.write("```\none");
        tryVerify(() => program.facade.chat.state === ChatController.Writing);
        const blocks = shownBlocks();
        const edit = edits(blocks)[0];
        compare(plain(edit), "one");
        program.write("\ntwo\nthr");
        tryVerify(() => plain(edit) === "one\ntwo\nthr");
        program.write("ee\n```\n");
        program.finish();
        tryVerify(() => plain(edit) === "one\ntwo\nthree");
        compare(blocks.height, 37 + 3 * 19 + 22);
    }
    function frames(blocks) {
        return all(blocks, child => child instanceof BlockFrame, []);
    }
    function test_quotesAndItems_goAroundEveryKind_data() {
        return [
            { tag: "code in an item", markdown: "- a\n\n  ```\n  x\n  ```", insets: [24, 24] },
            { tag: "code in a quote", markdown: "> ```\n> x\n> ```", insets: [16] },
            { tag: "table in a quote", markdown: "> | a |\n> |---|", insets: [16] },
            { tag: "item in a quote", markdown: "> - a", insets: [40] },
            { tag: "heading in an item", markdown: "1. # a", insets: [24] }
        ];
    }
    function test_quotesAndItems_goAroundEveryKind(data) {
        const blocks = blocksOf(data.markdown);
        const loaders = all(blocks, child => child instanceof MessageBlock, []).map(block => Array.from(block.children).find(child => child instanceof Loader));
        compare(loaders.map(loader => loader.x), data.insets);
        verify(loaders.every(loader => loader.x + loader.width === 680));
        verify(frames(blocks).length >= 1);
    }
    function test_listsInARow_standApartAsParagraphsDo() {
        const blocks = blocksOf("- a\n- b\n\n1. c\n2. d\n\ntext");
        const shown = all(blocks, child => child instanceof MessageBlock, []);
        compare(shown.map(block => block.gap), [0, 4, 12, 4, 12]);
    }
    function test_rightToLeft_hasItsMarksAtTheRight() {
        const blocks = blocksOf("- عنصر\n\n> اقتباس\n\n| ا | ب |\n|---|---|\n| ١ | ٢ |");
        const shown = all(blocks, child => child instanceof MessageBlock, []);
        const loaderOf = block => Array.from(block.children).find(child => child instanceof Loader);
        compare(loaderOf(shown[0]).x, 0);
        compare(loaderOf(shown[0]).width, 680 - 24);
        compare(loaderOf(shown[1]).width, 680 - 16);
        verify(frames(blocks).every(frame => frame.isRight));
        const cells = edits(shown[2]);
        verify(cells[0].parent.x > cells[1].parent.x);
    }
    function test_screenReaders_getTextWithoutMarks() {
        const edit = edits(blocksOf("**a** `b` [c](https://example.org)"))[0];
        compare(edit.Accessible.name, "a b c");
    }
    function test_inlineCode_hasItsField() {
        compare(all(blocksOf("a `b` c"), child => child instanceof TextUnderlay, []).length, 1);
        compare(all(blocksOf("a b c"), child => child instanceof TextUnderlay, []).length, 0);
        const edit = edits(blocksOf("a `b` c"))[0];
        compare(program.familyAt(edit.textDocument, 2), Theme.mono);
        compare(program.familyAt(edit.textDocument, 4), Theme.sans);
    }
    function test_inlineCode_hasRoomAfterBoldText() {
        const gap = markdown => {
            const edit = edits(blocksOf(markdown))[0];
            return edit.positionToRectangle(5).x - edit.positionToRectangle(4).x;
        };
        fuzzyCompare(gap("**bold `chip`**"), gap("**bold chip**") + 4, 0.5);
    }
    function test_inlineCode_hasTheSameRoomOnBothSidesInRightToLeftText() {
        const edit = edits(blocksOf("ملف `ab` ثم"))[0];
        const x = position => edit.positionToRectangle(position).x;
        verify(x(3) > x(7)); // position 5 is in the middle of the code
        fuzzyCompare(x(3) - x(5), x(5) - x(7), 0.5);
    }
    function test_caret_standsInTheLastBlockOnly() {
        const blocks = blocksOf("one\n\ntwo");
        compare(all(blocks, child => child instanceof WritingCaret, []).length, 0);
        blocks.isWriting = true;
        const carets = all(blocks, child => child instanceof WritingCaret, []);
        compare(carets.length, 1);
        compare(plain(carets[0].edit), "two");
    }
    function test_caret_standsInCode() {
        const blocks = blocksOf("one\n\n```python\nx = 1");
        blocks.isWriting = true;
        const shown = () => all(blocks, child => child instanceof WritingCaret && child.visible, []);
        tryVerify(() => shown().length === 1);
        const caret = shown()[0];
        compare(caret.edit.getText(0, caret.edit.length), "x = 1");
        verify(caret.mapToItem(blocks, 0, 0).y > edits(blocks)[0].height);
    }
    function test_blocks_followTheModelWhileItGrows() {
        const nBefore = program.asked().length;
        program.facade.chats.newChat();
        program.settle();
        program.facade.chat.send("Q");
        tryVerify(() => program.asked().length === nBefore + 1);
        program.write("one");
        tryVerify(() => program.facade.chat.state === ChatController.Writing);
        const blocks = shownBlocks();
        compare(edits(blocks).map(edit => plain(edit)), ["one"]);
        program.write("\n\n- two\n- three");
        tryVerify(() => edits(blocks).length === 3);
        compare(edits(blocks).map(edit => plain(edit)), ["one", "two", "three"]);
        program.finish();
        tryCompare(program.facade.chat, "isBusy", false);
        compare(edits(blocks).map(edit => plain(edit)), ["one", "two", "three"]);
    }
}

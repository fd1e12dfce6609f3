import QtQuick
import QtTest
import Sotto.App
import Sotto.Chat
import Sotto.Tests

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
        return createTemporaryObject(blocksComponent, test, {
            blocks: blocks
        });
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
    function test_caret_standsInTheLastBlockOnly() {
        const blocks = blocksOf("one\n\ntwo");
        compare(all(blocks, child => child instanceof WritingCaret, []).length, 0);
        blocks.isWriting = true;
        const carets = all(blocks, child => child instanceof WritingCaret, []);
        compare(carets.length, 1);
        compare(plain(carets[0].edit), "two");
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

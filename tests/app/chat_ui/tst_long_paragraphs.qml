import QtQuick
import QtTest
import Sotto.App
import Sotto.Chat
import Sotto.Tests
import Sotto.Theme

// A long paragraph is shown in parts and looks as in one piece.
TestCase {
    id: test

    name: "longParagraphs"
    when: windowShown
    width: 680
    height: 3000
    visible: true

    TestApp {
        id: program
    }
    Component {
        id: blocksComponent
        MessageBlocks {
            width: 680
        }
    }
    // The same text as one item.
    Component {
        id: wholeComponent
        TextPart {
            id: whole
            required property inlineText content
            source: InlineSource {
                content: whole.content
            }
        }
    }
    Binding {
        target: ChatStyle
        property: "formulas"
        value: program.facade.formulas
    }

    function words(nWords, first) {
        const some = ["water", "of", "the", "harbour", "reads", "a", "letter", "which", "seven", "ships", "carry", "under", "quiet", "stars"];
        return Array.from({ length: nWords }, (_, word) => some[(first + word * 5) % some.length]).join(" ");
    }
    function blocksOf(markdown) {
        program.talk([
            { isUser: true, text: "Q" },
            { text: markdown }
        ]);
        const model = program.facade.chat.messages;
        const shown = createTemporaryObject(blocksComponent, test, {
            blocks: model.data(model.index(1, 0), MessageListModel.BlocksRole)
        });
        waitForRendering(shown);
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
    function parts(blocks) {
        return all(blocks, child => child instanceof TextPart, []).sort((one, other) => one.part - other.part);
    }
    function blockOf(blocks) {
        return all(blocks, child => child instanceof MessageBlock, [])[0];
    }
    function plain(edit) {
        return edit.getText(0, edit.length);
    }
    // Every character stands where it stands in one piece.
    function compareWithWhole(blocks, tag) {
        const block = blockOf(blocks);
        const shown = parts(blocks);
        const whole = createTemporaryObject(wholeComponent, test, {
            content: block.content,
            style: shown[0].style,
            width: shown[0].width
        });
        const text = plain(whole);
        let end = 0;
        for (const part of shown) {
            const words = plain(part);
            const start = text.indexOf(words, end);
            verify(start - end <= 1, tag + ": text is missing before " + start);
            for (let at = 0; at < words.length; ++at) {
                const is = part.positionToRectangle(at);
                const wanted = whole.positionToRectangle(start + at);
                if (Math.abs(is.x - wanted.x) > 0.02 || Math.abs(part.y + is.y - wanted.y) > 0.51 || is.height !== wanted.height)
                    fail(`${tag}: "${words.substr(at, 8)}" at ${start + at} of part ${part.part} stands at ${is.x}, ${part.y + is.y} not ${wanted.x}, ${wanted.y}`);
            }
            end = start + words.length;
        }
        compare(end, text.length, tag);
        fuzzyCompare(block.height, whole.height, 0.51, tag);
        whole.destroy();
    }

    function test_parts_standAsInOnePiece_data() {
        const many = (some, nTimes) => Array.from({ length: nTimes }, (_, time) => some + time).join(" ");
        return [
            { tag: "words", markdown: words(1000, 0), least: 4 },
            { tag: "bold and italic", markdown: many("some **bold words** and *slanted ones* of part ", 110), least: 4 },
            { tag: "code", markdown: many("the call `value(a, b)` or **`set`** number ", 110), least: 3 },
            { tag: "long code", markdown: many("as `" + words(60, 0) + "` says in number ", 16), least: 3 },
            { tag: "links", markdown: many("read [what they say](https://example.org) in number ", 110), least: 3 },
            { tag: "formulas", markdown: many("as $a_1^2 + b = c$ holds and $\\frac{a}{b}$ does number ", 110), least: 3 },
            { tag: "chinese", markdown: "润色这封**邮件**，让它更`正式`一些；但不要改变原意。".repeat(150), least: 3 },
            { tag: "lines of a poem", markdown: many("a line that ends here\n", 220), least: 4 },
            { tag: "no spaces", markdown: "https://example.org/" + "path/to-something_".repeat(250), least: 3 },
            { tag: "korean", markdown: "이 문장을 좀 더 정중하게 다듬어 주세요. ".repeat(200), least: 3 },
            { tag: "quote", markdown: "> " + words(1000, 3), least: 4 },
            { tag: "item", markdown: "- " + words(1000, 2), least: 4 },
            { tag: "heading", markdown: "# " + words(1000, 1), least: 4 },
            { tag: "arabic", markdown: "يكتب النموذج فقرة طويلة جدا ".repeat(200), least: 1, isWhole: true },
            { tag: "hebrew in words", markdown: words(500, 0) + " (שלום, עולם) " + words(500, 0), least: 1, isWhole: true }
        ];
    }
    function test_parts_standAsInOnePiece(data) {
        const blocks = blocksOf(data.markdown);
        wait(300); // formulas are set
        verify(parts(blocks).length >= data.least, parts(blocks).length + " parts");
        verify(!data.isWhole || parts(blocks).length === 1);
        compareWithWhole(blocks, data.tag);
        blocks.width = 477;
        wait(50);
        compareWithWhole(blocks, "narrower");
        Theme.textSize = 19;
        wait(50);
        compareWithWhole(blocks, "larger");
        Theme.textSize = 15;
        wait(50);
        compareWithWhole(blocks, "as before");
    }
    function test_textThatGrows_laysItsLastLinesOutOnly() {
        const nBefore = program.asked().length;
        program.facade.chats.newChat();
        program.settle();
        program.facade.chat.send("Q");
        tryVerify(() => program.asked().length === nBefore + 1);
        const text = words(300, 0) + " and *now " + words(350, 4) + "* then `" + words(20, 0) + "` " + words(400, 1);
        program.write(text.substr(0, 40));
        tryVerify(() => program.facade.chat.state === ChatController.Writing);
        const model = program.facade.chat.messages;
        const blocks = createTemporaryObject(blocksComponent, test, {
            blocks: model.data(model.index(1, 0), MessageListModel.BlocksRole)
        });
        for (let at = 40; at < text.length; at += 97) {
            program.write(text.substr(at, 97));
            tryVerify(() => blockOf(blocks).source().length > Math.min(at + 90, text.length - 8));
            wait(20); // a frame: the parts are made
            const shown = parts(blocks);
            verify(plain(shown[shown.length - 1]).length <= 2048, "the last part is short");
            compareWithWhole(blocks, "at " + at);
        }
        program.finish();
        tryCompare(program.facade.chat, "isBusy", false);
        verify(parts(blocks).length > 4);
        compareWithWhole(blocks, "at its end");
    }
    function test_screenReaders_getOneParagraph() {
        const text = words(1000, 0);
        const blocks = blocksOf(text + " and **bold**");
        const block = all(blocks, child => child instanceof TextBlock, [])[0];
        compare(block.Accessible.name, text + " and bold");
        compare(block.Accessible.role, Accessible.StaticText);
        verify(!block.Accessible.ignored);
        verify(parts(blocks).every(part => part.Accessible.ignored));
        const brief = all(blocksOf("A few words"), child => child instanceof TextBlock, [])[0];
        verify(brief.Accessible.ignored);
    }
}

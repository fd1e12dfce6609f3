import QtQuick
import QtTest
import Sotto.App
import Sotto.Chat
import Sotto.Components
import Sotto.Tests
import Sotto.Theme

// Of a long answer only what is near the viewport is made, and nobody who reads it can tell.
PageTestCase {
    id: test

    name: "nearBlocks"

    readonly property int nParts: 60

    // Headings, paragraphs of several lengths, lists, code, tables and a formula: 8 blocks each.
    function part(number) {
        return ["## Part " + number, "Some words that fill the line. ".repeat(3 + number % 7) + "End " + number, "- one item of " + number, "- another that goes on. ".repeat(1 + number % 5), "```python\nx = " + number + "\n" + "y = x\n".repeat(number % 9) + "```", "| a | b |\n|---|---|\n" + "| c | value of " + number + " |\n".repeat(1 + number % 4), "> A quote with `code` and $a_" + number + "$ in it", "Last words " + number].join("\n\n").replace("\n\n- another", "\n- another");
    }
    function answer() {
        return Array.from({
            length: nParts
        }, (unused, number) => part(number)).join("\n\n");
    }
    function open(text) {
        program.talk([
            {
                isUser: true,
                text: "A question"
            },
            {
                text: text ?? answer()
            }
        ]);
        tryVerify(() => isAtEnd() && blocks().length > 0);
        settle();
    }
    // Until nothing more is made or moved.
    function settle() {
        let before = "";
        let nSame = 0;
        tryVerify(() => {
            wait(30);
            const now = blocks().length + " " + view.contentHeight + " " + view.contentY;
            nSame = now === before ? nSame + 1 : 0;
            before = now;
            return nSame >= 3;
        }, 20000);
    }
    function all(item, wanted, found) {
        for (const child of Array.from(item.children)) {
            if (wanted(child))
                found.push(child);
            all(child, wanted, found);
        }
        return found;
    }
    function blocks() {
        return all(view, child => child instanceof MessageBlock, []);
    }
    function edits() {
        return all(view, child => child instanceof TextPart && child.visible, []);
    }
    function yOf(item) {
        return item.mapToItem(view, 0, 0).y;
    }
    function isSeen(item) {
        return yOf(item) < view.height && yOf(item) + item.height > 0;
    }
    // A text that is read: in the middle of what is seen.
    function read() {
        const seen = edits().filter(edit => yOf(edit) >= view.height / 4 && yOf(edit) < view.height * 3 / 4);
        verify(seen.length > 0);
        return seen[0];
    }
    // What is seen of the answer is made without a hole, each block below the one before.
    function verifyIsWhole() {
        const seen = blocks().filter(isSeen).sort((a, b) => a.row - b.row);
        verify(seen.length > 0);
        const isFirst = seen[0].row === 0;
        verify(isFirst || yOf(seen[0]) <= 1, "a hole above " + seen[0].row);
        const last = seen[seen.length - 1];
        verify(last.row === 8 * nParts - 1 || yOf(last) + last.height >= view.height - 1, "a hole below " + last.row);
        for (let at = 1; at < seen.length; ++at) {
            compare(seen[at].row, seen[at - 1].row + 1);
            fuzzyCompare(yOf(seen[at]), yOf(seen[at - 1]) + seen[at - 1].height, 0.5);
        }
    }

    function test_longAnswer_isMadeWhereItIsSeen() {
        open();
        verifyIsWhole();
        compare(blocks().pop().row, 8 * nParts - 1);
        verify(blocks().length < 100, blocks().length + " blocks at the end");
        view.forceActiveFocus();
        view.choose(0);
        tryVerify(() => blocks().some(block => block.row === 0 && isSeen(block)));
        settle();
        verify(blocks().length < 100, blocks().length + " blocks at the beginning");
        verifyIsWhole();
        keyClick(Qt.Key_End);
        settle();
        verify(isAtEnd());
        verifyIsWhole();
        verify(blocks().length < 100, blocks().length + " blocks at the end again");
    }
    function test_shortAnswer_isMadeWhole() {
        open(part(1));
        compare(blocks().length, 8);
        talk(1);
        settle();
        compare(blocks().length, 2);
    }
    function test_scrolling_movesByItsDistanceAlone() {
        open(answer().replace(/\$[^$]*\$/g, "it")); // a formula is set when it is seen
        for (let step = 0; step < 40; ++step) {
            const text = read();
            const before = yOf(text);
            view.scrollBy(-170);
            waitForRendering(view);
            fuzzyCompare(yOf(text), before + 170, 0.5, "step " + step);
            verifyIsWhole();
        }
        for (let step = 0; step < 40; ++step) {
            const text = read();
            const before = yOf(text);
            view.scrollBy(170);
            waitForRendering(view);
            if (!view.isFollowing)
                fuzzyCompare(yOf(text), before - 170, 0.5, "step " + step + " down");
        }
    }
    // Faster than blocks are made beforehand.
    function test_jumps_leaveNoHole() {
        open();
        for (const share of [0.7, 0.2, 0.5, 0, 0.9]) {
            view.isFollowing = false;
            view.contentY = view.originY + share * (view.contentHeight - view.height);
            waitForRendering(view);
            waitForRendering(view, 100);
            verifyIsWhole();
        }
    }
    function test_selection_isCopiedWholeThoughItIsNotMade() {
        open();
        view.forceActiveFocus();
        view.choose(1);
        keyClick(Qt.Key_A, Qt.ControlModifier);
        keyClick(Qt.Key_C, Qt.ControlModifier);
        const plain = program.clipboard();
        const markdown = program.clipboardAs("text/markdown");
        const html = program.clipboardAs("text/html");
        for (let number = 0; number < nParts; ++number) {
            verify(plain.includes("Last words " + number), number);
            verify(markdown.includes("## Part " + number + "\n"), number);
            verify(html.includes("<p>Last words " + number + "</p>"), number);
        }
        verify(plain.startsWith("Part 0\n\n"));
        verify(plain.endsWith("Last words " + (nParts - 1)));
    }
    function test_selection_goesOverWhatIsNotMade() {
        open();
        const last = edits().find(edit => edit.getText(0, edit.length) === "Last words " + (nParts - 1));
        mouseClick(last, last.positionToRectangle(4).x, 10);
        view.showRow(1);
        settle();
        const first = edits().find(edit => edit.getText(0, edit.length) === "Part 0");
        mouseClick(first, first.positionToRectangle(5).x + 1, 10, Qt.LeftButton, Qt.ShiftModifier);
        keyClick(Qt.Key_C, Qt.ControlModifier);
        verify(program.clipboard().startsWith("0\n\nSome words"));
        verify(program.clipboard().includes("Last words 30"));
        verify(program.clipboard().endsWith("Last"));
        compare(first.selectedText, "0");
    }
    function test_found_isReachedInAnyBlock_data() {
        return [
            { tag: "paragraph", words: "End 13" },
            { tag: "cell", words: "value of 41" },
            { tag: "code", words: "x = 22" },
            { tag: "quote", words: "quote with code and $a_5$" }
        ];
    }
    function test_found_isReachedInAnyBlock(data) {
        const number = Number(/\d+/.exec(data.words)[0]);
        open();
        page.openFind();
        for (const key of data.words.split(" and $")[0])
            keyClick(key);
        const hits = find(page, child => child instanceof FindBar).hits;
        for (let turn = 0; turn < nParts && Math.floor(hits.block / 8) !== number; ++turn)
            keyClick(Qt.Key_Return);
        compare(Math.floor(hits.block / 8), number);
        let block = null;
        tryVerify(() => {
            block = blocks().find(block => block.row === hits.block) ?? null;
            return block !== null && yOf(block) + block.height > 0 && yOf(block) < 200;
        });
        settle();
        verify(yOf(block) + block.height > 0 && yOf(block) < 200, yOf(block));
    }
    function test_writing_isFollowedAtTheEndAndMovesNothingElse() {
        open();
        ask("More");
        program.write(answer());
        tryVerify(() => lastText().length === answer().length);
        settle();
        verify(isAtEnd());
        const end = () => edits().some(edit => edit.getText(0, edit.length) === "Last words " + (nParts - 1) && isSeen(edit));
        tryVerify(end);
        verify(blocks().length < 120, blocks().length + " blocks");
        view.scrollBy(-3000);
        settle();
        verify(!view.isFollowing);
        const text = read();
        const before = yOf(text);
        program.write("\n\n" + part(1) + "\n\n" + part(2));
        tryVerify(() => lastText().length > answer().length + 500);
        settle();
        fuzzyCompare(yOf(text), before, 0.5);
        program.finish();
        tryCompare(app.chat, "isBusy", false);
        settle();
        fuzzyCompare(yOf(text), before, 0.5);
        view.jumpToEnd();
        settle();
        verify(isAtEnd());
    }
    function test_place_isKeptInAnotherWidthAndSize() {
        open();
        view.scrollBy(-6000);
        settle();
        const above = () => edits().filter(edit => yOf(edit) <= 0).sort((a, b) => yOf(b) - yOf(a))[0];
        const text = above();
        const before = yOf(text);
        page.width = 560;
        settle();
        fuzzyCompare(yOf(text), before, 1);
        verifyIsWhole();
        Theme.textSize = 19;
        settle();
        fuzzyCompare(yOf(text), before, 1);
        verifyIsWhole();
        page.width = 1120;
        Theme.textSize = 15;
        settle();
        fuzzyCompare(yOf(text), before, 1);
        verifyIsWhole();
        Theme.isDark = !Theme.isDark;
        settle();
        Theme.isDark = !Theme.isDark;
        settle();
        fuzzyCompare(yOf(text), before, 1);
    }
    // From one Copy to the next, however much text lies between.
    function test_tab_findsEveryCode() {
        const words = "Words.\n\n".repeat(120);
        open("```\none\n```\n\n" + words + "```\ntwo\n```\n\n" + words + "```\nthree\n```\n\n" + words);
        view.forceActiveFocus();
        const reached = [];
        for (let turn = 0; turn < 40 && reached.length < 3; ++turn) {
            keyClick(Qt.Key_Tab);
            waitForRendering(view, 50);
            const block = blocks().find(block => find(block, child => child.activeFocus) !== null);
            if (block !== undefined && !reached.includes(block.row))
                reached.push(block.row);
        }
        compare(reached, [0, 121, 242]);
    }
    function test_editedAndWrittenAgain() {
        open();
        view.forceActiveFocus();
        view.choose(1);
        app.chat.messages.beginEdit(1);
        tryVerify(() => find(view, child => child instanceof MessageEditor) !== null);
        compare(find(view, child => child instanceof MessageEditor).originalText, answer());
        compare(blocks().length, 0);
        app.chat.messages.cancelEdit(1);
        tryVerify(() => blocks().length > 0);
        settle();
        verifyIsWhole();
        app.chat.regenerateAt(1);
        tryVerify(() => program.asked().length === 1);
        program.write("Short");
        tryVerify(() => blocks().length === 1);
        program.write("\n\n" + answer());
        tryVerify(() => lastText().length > answer().length);
        settle();
        verify(blocks().length < 100);
    }
}

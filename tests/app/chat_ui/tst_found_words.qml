import QtQuick
import QtTest
import Sotto.App
import Sotto.Chat
import Sotto.Tests
import Sotto.Theme

// The words that are looked for are painted where they stand, the one that is looked at stronger.
PageTestCase {
    id: test

    name: "foundWords"

    readonly property string answer: "Sticky **dou**gh and\n\n```\nint dough;\n```\n\n| a | b |\n|---|---|\n| x | the dough |\n\nNothing here"

    function edit(text) {
        const found = find(view, child => child instanceof TextPart && child.getText(0, child.length) === text);
        verify(found, text);
        return found;
    }
    function isSame(pixel, color) {
        return Math.abs(pixel.r - color.r) + Math.abs(pixel.g - color.g) + Math.abs(pixel.b - color.b) < 0.02;
    }
    // What the letter lies on: "" (nothing of the search), "found" or "current". The page of a test has no
    // ground of its own: it is white.
    function ground(item, position) {
        const place = item.positionToRectangle(position);
        const corner = item.mapToItem(page, place.x, place.y);
        const image = grabImage(page);
        const behind = item.getText(0, item.length).includes("int ") ? Theme.codeBg : "white";
        const weak = Qt.tint(behind, Qt.alpha(Theme.measured, 0.22));
        const strong = Qt.tint(behind, Qt.alpha(Theme.measured, 0.5));
        const counts = {
            found: 0,
            current: 0
        };
        for (let x = 0; x < 6; ++x) {
            for (let y = 2; y < place.height - 2; ++y) {
                const pixel = image.pixel(Math.round(corner.x) + x, Math.round(corner.y) + y);
                counts.found += isSame(pixel, weak);
                counts.current += isSame(pixel, strong);
            }
        }
        return counts.current > 20 ? "current" : counts.found > 20 ? "found" : "";
    }
    function search(words) {
        page.openFind();
        for (const key of words)
            keyClick(key);
        waitForRendering(view);
    }

    function test_words_arePaintedInTextCodeAndCells() {
        program.talk([
            {
                isUser: true,
                text: "Dough and dough"
            },
            {
                text: answer
            }
        ]);
        waitForRendering(page);
        const text = edit("Sticky dough and");
        const code = edit("int dough;");
        const cell = edit("the dough");
        compare(ground(text, 7), "");
        search("dough");
        compare(ground(text, 7), "found");
        compare(ground(text, 0), "");
        compare(ground(code, 4), "found");
        compare(ground(cell, 4), "current"); // the last one is looked at first
        compare(ground(cell, 0), "");
        compare(ground(edit("Nothing here"), 0), "");
        keyClick(Qt.Key_Return);
        waitForRendering(view);
        compare(ground(cell, 4), "found");
        compare(ground(code, 4), "current");
        keyClick(Qt.Key_Return);
        keyClick(Qt.Key_Return);
        waitForRendering(view);
        compare(ground(text, 7), "found");
        keyClick(Qt.Key_Escape);
        tryVerify(() => ground(text, 7) === "" && ground(code, 4) === "" && ground(cell, 4) === "");
    }
    // Code is shown in parts; places in it count from its beginning.
    function test_currentWord_isFoundInAnyPartOfLongCode() {
        const lines = Array.from({
            length: 300
        }, (unused, at) => at === 250 ? "int xylophone;" : "line " + at);
        program.talk([
            {
                isUser: true,
                text: "Question"
            },
            {
                text: "```\n" + lines.join("\n") + "\n```"
            }
        ]);
        waitForRendering(page);
        search("xylophone");
        let part = null;
        const isSeen = () => {
            part = find(view, child => child instanceof TextPart && child.getText(0, child.length).includes("int xylophone"));
            const top = part?.mapToItem(view, 0, part.positionToRectangle(part.getText(0, part.length).indexOf("xylophone")).y).y ?? -1;
            return top >= 0 && top < 100;
        };
        tryVerify(isSeen);
        waitForRendering(view);
        compare(ground(part, part.getText(0, part.length).indexOf("xylophone")), "current");
    }
    // In code and tables that are wider than the column, too.
    function test_currentWord_isScrolledToSideways_data() {
        const wide = "words ".repeat(60);
        const cells = "|" + "some more words |".repeat(12);
        return [
            {
                tag: "code",
                text: "```\nxylophone\n" + wide + "the xylophone " + wide + "\n```"
            },
            {
                tag: "table",
                text: "| xylophone " + cells + " the xylophone |\n" + "|---".repeat(14) + "|"
            }
        ];
    }
    function test_currentWord_isScrolledToSideways(data) {
        program.talk([
            {
                isUser: true,
                text: "Question"
            },
            {
                text: data.text
            }
        ]);
        waitForRendering(page);
        const flick = find(view.contentItem, child => child instanceof Flickable && child.contentWidth > child.width);
        search("xylophone");
        // The second one is looked at first.
        const part = find(flick, child => child instanceof TextPart && child.getText(0, child.length).includes("the xylophone"));
        const start = part.getText(0, part.length).lastIndexOf("xylophone");
        const isSeen = () => {
            const left = part.mapToItem(flick, part.positionToRectangle(start).x, 0).x;
            const right = part.mapToItem(flick, part.positionToRectangle(start + 9).x, 0).x;
            return left >= 0 && right <= flick.width;
        };
        tryVerify(isSeen);
        keyClick(Qt.Key_Return);
        tryCompare(flick, "contentX", 0);
        verify(!isSeen());
        keyClick(Qt.Key_Return);
        tryVerify(isSeen);
        // What is in sight stays where it is.
        const place = flick.contentX -= 5;
        keyClick(Qt.Key_Escape);
        search("xylophone");
        wait(100); // for the list to look
        compare(flick.contentX, place);
    }
    // A long question is folded: what is found below is unfolded.
    function test_currentWord_isShownInAFoldedQuestion() {
        const lines = Array.from({
            length: 400
        }, (unused, at) => at === 350 ? "A xylophone" : "line " + at);
        program.talk([
            {
                isUser: true,
                text: lines.join("\n")
            },
            {
                text: "Answer"
            }
        ]);
        waitForRendering(page);
        search("xylophone");
        tryVerify(() => {
            const part = find(view, child => child instanceof TextPart && child.getText(0, child.length).includes("A xylophone"));
            const top = part?.mapToItem(view, 0, part.positionToRectangle(part.getText(0, part.length).indexOf("xylophone")).y).y ?? -1;
            return top >= 0 && top < 600;
        });
    }
    function test_wordOverTwoPartsOfAParagraph_isPaintedInBoth() {
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
        search(text.slice(cut - 4, cut + 6));
        compare(part(0).getText(cut - 4, cut) + part(1).getText(0, 6), text.slice(cut - 4, cut + 6));
        compare(ground(part(0), cut - 3), "current");
        compare(ground(part(0), cut - 9), "");
        compare(ground(part(1), 2), "current");
        compare(ground(part(1), 9), "");
    }
}

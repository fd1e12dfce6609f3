import QtQuick
import QtTest
import Sotto.App
import Sotto.Chat
import Sotto.Tests

// Formulas in an answer: typeset where they stand, their source where they fail, spoken for screen readers.
TestCase {
    id: test

    name: "formulas"
    when: windowShown
    width: 680
    height: 600
    visible: true

    // Between the height of one line and that of a fraction.
    readonly property int twoLines: 30

    TestApp {
        id: program
    }
    Binding {
        target: ChatStyle
        property: "formulas"
        value: program.facade.formulas
    }
    Component {
        id: blocksComponent
        MessageBlocks {
            width: 680
        }
    }

    function init() {
        if (!program.facade.formulas.isBuiltIn)
            skip("built without KaTeX (libjs-katex, fonts-katex)");
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
        const model = program.facade.chat.messages;
        return createTemporaryObject(blocksComponent, test, {
            blocks: model.data(model.index(1, 0), MessageListModel.BlocksRole)
        });
    }
    function first(item, wanted) {
        for (const child of Array.from(item.children)) {
            const found = wanted(child) ? child : first(child, wanted);
            if (found)
                return found;
        }
        return null;
    }
    function editOf(blocks) {
        return first(blocks, child => child instanceof TextEdit);
    }
    function edits(item, found) {
        for (const child of Array.from(item.children)) {
            if (child instanceof TextEdit)
                found.push(child);
            edits(child, found);
        }
        return found;
    }

    function test_aFormulaTakesThePlaceOfItsSource() {
        const edit = editOf(blocksOf("$$\\frac{a}{b}$$"));
        tryVerify(() => edit.contentHeight > twoLines, 20000);
        compare(edit.spokenText, "start fraction, a, divided by, b, end fraction");
    }
    function test_inTextItStandsInItsLine() {
        const edit = editOf(blocksOf("so $x^2$ is"));
        tryCompare(edit, "spokenText", "so x, squared is", 20000);
        verify(edit.contentHeight < twoLines);
    }
    function test_aLowFormulaLeavesTheLineWhereItIs() {
        const edit = editOf(blocksOf("so $x^2$ is"));
        tryCompare(edit, "spokenText", "so x, squared is", 20000);
        verify(Math.abs(edit.firstDrop) < 1.5, "" + edit.firstDrop); // whole pixels of the font
        verify(edit.topPadding < 0);
    }
    function test_aMarkerStandsOnTheLineOfATallFormula() {
        const blocks = blocksOf("- so $\\frac{\\frac{\\frac{a}{b}}{c}}{d}$ is");
        const edit = editOf(blocks);
        tryVerify(() => edit.topPadding === 0 && edit.firstDrop > 2, 20000, "drop " + edit.firstDrop);
        compare(edit.topPadding, 0); // nothing of it stands out above the block
        const marker = first(blocks, child => child.text === "•");
        compare(marker.y, Math.round(edit.firstDrop));
    }
    function test_whatFailsStaysItsSource() {
        // In this order, so that the wrong one has had its turn when the second good one is there.
        const blocks = blocksOf("$$\\frac{1}$$\n\n$$\\frac{1}{3}$$");
        const [bad, good] = edits(blocks, []);
        tryVerify(() => good.contentHeight > twoLines, 20000);
        verify(bad.contentHeight < twoLines);
        verify(bad.spokenText.includes("\\frac{1}"));
    }
    function test_aWideFormulaIsScrolled() {
        const terms = Array.from({ length: 40 }, (_, index) => "a_{" + index + "}").join(" + ");
        const blocks = blocksOf("$$" + terms + "$$");
        const flick = first(blocks, child => child instanceof Flickable);
        const edit = editOf(blocks);
        tryVerify(() => edit.spokenText.startsWith("a, start subscript"), 20000);
        tryVerify(() => flick.contentWidth > 1000);
        compare(flick.width, 680);
        verify(flick.clip);
        verify(blocks.height < 80);
    }
}

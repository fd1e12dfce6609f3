import QtQuick
import QtTest
import Sotto.App
import Sotto.Models

// Quantizing in the window: from the menu of an installed model to the new one in the list, by keyboard.
ShellTestCase {
    id: root

    property string source

    name: "Quantize"

    function openDialog(): void {
        source = program.putModel("models/tiny-f16.gguf");
        program.setModels([{
                path: source,
                name: "Tiny",
                quantization: "F16",
                fileBytes: 2e6
            }]);
        app.models.refresh();
        program.settle();
        window.showPage("models");
        const list = find("installedList");
        tryCompare(list, "count", 2);
        list.forceActiveFocus(Qt.TabFocusReason);
        tryVerify(() => list.itemAtIndex(0)?.name === "Tiny");
        list.currentIndex = 0;
        keyClick(Qt.Key_Menu);
        tryVerify(() => findChild(window, "quantizeModel")?.visible === true);
        findChild(window, "quantizeModel").triggered();
        tryVerify(() => findChild(window, "mixList")?.activeFocus === true);
        tryCompare(app.quantize, "state", QuantizeController.Ready);
    }
    function start(): Item {
        return findChild(window, "quantizeStart");
    }

    function test_keyboard_choosesAndMakes(): void {
        openDialog();
        compare(app.quantize.name, "Tiny");
        const before = app.quantize.type;
        verify(before.length > 0);
        keyClick(Qt.Key_Down);
        verify(app.quantize.type !== before);
        keyClick(Qt.Key_Up);
        compare(app.quantize.type, before);
        compare(findChild(window, "quantizeName").text, "tiny-" + before + ".gguf");
        tryVerify(() => app.quantize.canStart);
        keyClick(Qt.Key_Return);
        tryCompare(app.quantize, "state", QuantizeController.Made);
        verify(findChild(window, "quantizeProgress").visible);
        verify(findChild(window, "quantizeShow").visible);
        verify(app.jobs.count > 0);
        keyClick(Qt.Key_Return); // loads it
        tryVerify(() => program.loads().some(path => path.endsWith("tiny-" + before + ".gguf")));
        tryVerify(() => findChild(window, "mixList")?.visible !== true);
        // It is one of the installed ones.
        tryCompare(find("installedList"), "count", 3);
    }
    function test_madeInTheBackground_isOffered(): void {
        openDialog();
        tryVerify(() => app.quantize.canStart);
        start().clicked();
        keyClick(Qt.Key_Escape);
        tryVerify(() => app.quantize.madeText.length > 0);
        tryCompare(app.quantize, "state", QuantizeController.Closed);
        const notice = find("quantizedNotice");
        tryVerify(() => notice.visible);
        const path = app.quantize.madePath;
        findChild(window, "loadQuantized").clicked();
        tryVerify(() => program.loads().includes(path));
        tryVerify(() => !notice.visible);
        const list = find("quantizationList");
        compare(list.count, 1);
        list.forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Delete);
        tryCompare(list, "count", 0);
    }
    function test_made_isComparedWithItsSource(): void {
        openDialog();
        tryVerify(() => app.quantize.canStart);
        start().clicked();
        tryCompare(app.quantize, "state", QuantizeController.Made);
        const made = app.quantize.madePath;
        tryCompare(find("installedList"), "count", 3);
        const compare = findChild(window, "quantizeCompare");
        tryVerify(() => compare.visible);
        compare.clicked();
        tryCompare(window, "page", "compare");
        tryCompare(app.quantize, "state", QuantizeController.Closed);
        const columns = app.compare.columns;
        tryVerify(() => columns.rowCount() === 2);
        const paths = [0, 1].map(row => columns.data(columns.index(row, 0), CompareColumnModel.PathRole));
        verify(paths[0] === source && paths[1] === made, paths.join(" "));
        window.showPage("models");
    }
    function makeOne(): string {
        openDialog();
        tryVerify(() => app.quantize.canStart);
        start().clicked();
        tryCompare(app.quantize, "state", QuantizeController.Made);
        tryCompare(find("installedList"), "count", 3);
        return app.quantize.madePath;
    }
    function removeDialogAsks(): bool {
        return findChild(window, "moveToBin")?.visible === true;
    }
    // Its source is asked for and goes to the bin, never one that is in use.
    function test_source_isDeletedFromTheDialog(): void {
        makeOne();
        const remove = findChild(window, "quantizeRemoveSource");
        tryVerify(() => remove.visible);
        program.load({
            path: source,
            name: "Tiny"
        });
        remove.clicked();
        tryVerify(() => findChild(window, "removalRefusal")?.visible === true);
        verify(!findChild(window, "moveToBin").visible);
        keyClick(Qt.Key_Escape);
        program.unload();
        remove.clicked();
        tryVerify(() => removeDialogAsks());
        keyClick(Qt.Key_Escape); // kept
        tryVerify(() => !removeDialogAsks());
        verify(app.quantize.isSourceInstalled);
        // The chat takes it while the question stands there.
        remove.clicked();
        tryVerify(() => removeDialogAsks());
        program.load({
            path: source,
            name: "Tiny"
        });
        findChild(window, "moveToBin").clicked();
        tryVerify(() => !removeDialogAsks());
        verify(app.installed.isNoticeProblem);
        compare(app.models.path, source);
        program.unload();
        remove.clicked();
        tryVerify(() => removeDialogAsks());
        findChild(window, "moveToBin").clicked();
        tryVerify(() => !app.quantize.isSourceInstalled);
        tryCompare(find("installedList"), "count", 2);
        compare(app.installed.nameOf(source), "tiny-f16.gguf"); // no list has it any more
        verify(!app.installed.isNoticeProblem);
        tryVerify(() => !remove.visible);
    }
    // In a window that has no column for them.
    function test_downloadsPopup_hasWhatIsMade(): void {
        const made = makeOne();
        keyClick(Qt.Key_Escape);
        tryCompare(app.quantize, "state", QuantizeController.Closed);
        window.width = 960;
        const popup = findChild(window, "downloadsPopup");
        tryVerify(() => find("downloadsButton").visible);
        mouseClick(find("downloadsButton"));
        tryVerify(() => popup.opened);
        const list = findChild(popup.contentItem, "quantizationList");
        tryCompare(list, "count", 1);
        const left = popup.contentItem.mapToItem(null, 0, 0).x;
        verify(left >= 0 && left + popup.contentItem.width <= 960);
        list.forceActiveFocus(Qt.TabFocusReason);
        tryVerify(() => list.currentItem?.canRemoveSource === true);
        findChild(list.currentItem, "removeSource").clicked();
        tryVerify(() => removeDialogAsks());
        keyClick(Qt.Key_Escape); // the question, not what it was asked from
        tryVerify(() => !removeDialogAsks());
        tryVerify(() => popup.opened);
        list.forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Return);
        tryVerify(() => program.loads().includes(made));
        findChild(list.currentItem, "compareMade").clicked();
        tryVerify(() => !popup.visible);
        tryCompare(window, "page", "compare");
        window.showPage("models");
    }
    function test_downloads_haveWhatIsMade(): void {
        window.width = 1440;
        const made = makeOne();
        keyClick(Qt.Key_Escape);
        tryCompare(app.quantize, "state", QuantizeController.Closed);
        const list = find("quantizationList");
        tryCompare(list, "count", 1);
        list.forceActiveFocus(Qt.TabFocusReason);
        tryVerify(() => list.currentItem?.canRemoveSource === true);
        verify(list.currentItem.canCompare);
        list.currentItem.removeSourceRequested();
        tryVerify(() => removeDialogAsks());
        keyClick(Qt.Key_Escape);
        tryVerify(() => !removeDialogAsks());
        list.forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Return);
        tryVerify(() => program.loads().includes(made));
        compare(app.quantize.madeText, "");
        list.currentItem.compareRequested();
        tryCompare(window, "page", "compare");
    }
    // Enter in its field plans it and does not begin the work.
    function test_target_isPlannedByKeyboard(): void {
        openDialog();
        const field = findChild(window, "budgetValue");
        field.forceActiveFocus(Qt.TabFocusReason);
        field.selectAll();
        for (const letter of "0.1")
            keyClick(letter);
        keyClick(Qt.Key_Return);
        tryVerify(() => findChild(window, "budgetProblem").visible);
        field.selectAll();
        for (const letter of "6.1")
            keyClick(letter);
        verify(!findChild(window, "budgetProblem").visible);
        keyClick(Qt.Key_Return);
        tryVerify(() => app.quantize.type.endsWith(" bpw"));
        compare(app.quantize.state, QuantizeController.Ready);
        verify(findChild(window, "budgetText").text.length > 0);
        verify(field.activeFocus);
        const list = findChild(window, "mixList");
        compare(list.currentIndex, app.quantize.chosenRow);
        tryVerify(() => list.currentItem?.visible === true);
        verify(findChild(window, "quantizeName").text.endsWith("bpw.gguf"));
        tryVerify(() => app.quantize.canStart);
        list.forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Return);
        tryCompare(app.quantize, "state", QuantizeController.Made);
        verify(app.quantize.madePath.endsWith("bpw.gguf"));
        keyClick(Qt.Key_Escape);
        tryCompare(app.quantize, "state", QuantizeController.Closed);
    }
    // The arrows choose among three; what reads a text shows which.
    function test_method_isChosenByKeyboard(): void {
        cleanup();
        begin({
                hasText: true
            });
        openDialog();
        const control = findChild(window, "quantizeMethod");
        const text = findChild(window, "quantizeText");
        control.forceActiveFocus(Qt.TabFocusReason);
        verify(!text.visible);
        keyClick(Qt.Key_Right);
        compare(app.quantize.methods.method, "awq");
        tryCompare(app.quantize, "state", QuantizeController.Ready);
        verify(text.visible); // the importance matrix is measured on it
        tryVerify(() => app.quantize.canStart);
        keyClick(Qt.Key_Right);
        compare(app.quantize.methods.method, "gptq");
        tryCompare(app.quantize, "state", QuantizeController.Ready);
        compare(text.currentIndex, 0);
        verify(control.activeFocus);
        verify(findChild(window, "quantizeMethodText").text === app.quantize.methods.costText);
        verify(findChild(window, "quantizeName").text.endsWith("-gptq.gguf"));
        tryVerify(() => app.quantize.canStart);
        keyClick(Qt.Key_Return);
        tryCompare(app.quantize, "state", QuantizeController.Made, 60000);
        const note = findChild(window, "quantizeMadeNote");
        verify(note.visible && note.text.includes("GPTQ"));
        keyClick(Qt.Key_Escape);
        tryCompare(app.quantize, "state", QuantizeController.Closed);
    }
    function test_withoutAText_itIsAskedFor(): void {
        openDialog();
        app.quantize.methods.method = "gptq";
        tryCompare(app.quantize, "state", QuantizeController.Ready);
        tryVerify(() => findChild(window, "quantizeProblem").visible);
        verify(!start().enabled);
        verify(!findChild(window, "quantizeText").enabled);
        keyClick(Qt.Key_Escape);
        tryCompare(app.quantize, "state", QuantizeController.Closed);
    }
    function test_takenName_isTold(): void {
        openDialog();
        const field = findChild(window, "quantizeName");
        field.forceActiveFocus(Qt.TabFocusReason);
        field.selectAll();
        for (const letter of "tiny-f16.gguf")
            keyClick(letter);
        tryVerify(() => findChild(window, "quantizeProblem").visible);
        verify(!start().enabled);
        keyClick(Qt.Key_Return);
        compare(app.quantize.state, QuantizeController.Ready);
        keyClick(Qt.Key_Escape);
        tryCompare(app.quantize, "state", QuantizeController.Closed);
    }
    function test_brokenModel_isTold(): void {
        openDialog();
        keyClick(Qt.Key_Escape);
        tryCompare(app.quantize, "state", QuantizeController.Closed);
        program.putFile("models/tiny-f16.gguf", 100);
        const list = find("installedList");
        list.forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Menu);
        tryVerify(() => findChild(window, "quantizeModel")?.visible === true);
        findChild(window, "quantizeModel").triggered();
        tryVerify(() => findChild(window, "quantizeFailed")?.visible === true);
        verify(app.quantize.problem.length > 0);
    }
    function test_headButton_opensTheBestSource(): void {
        openDialog();
        keyClick(Qt.Key_Escape);
        tryCompare(app.quantize, "state", QuantizeController.Closed);
        const quantized = program.putModel("models/small-q8_0.gguf");
        program.setModels([{
                path: quantized,
                name: "Small",
                quantization: "Q8_0",
                fileBytes: 9e6
            }, {
                path: source,
                name: "Tiny",
                quantization: "F16",
                fileBytes: 2e6
            }]);
        app.models.refresh();
        tryCompare(find("installedList"), "count", 3);
        find("quantizeAny").clicked();
        tryCompare(app.quantize, "state", QuantizeController.Ready);
        compare(app.quantize.source, source);
        const chooser = findChild(window, "quantizeSource");
        compare(chooser.currentValue, source);
        chooser.forceActiveFocus(Qt.TabFocusReason);
        const row = app.quantize.sourceChoices.findIndex(choice => choice.value === quantized);
        verify(row >= 0);
        keyClick(Qt.Key_Home);
        for (let moved = 0; moved < row; ++moved)
            keyClick(Qt.Key_Down);
        tryCompare(app.quantize, "source", quantized);
        verify(chooser.activeFocus);
        tryCompare(app.quantize, "state", QuantizeController.Ready);
        keyClick(Qt.Key_Escape);
        tryCompare(app.quantize, "state", QuantizeController.Closed);
    }
    function test_noModel_asksForOne(): void {
        window.showPage("models");
        find("quantizeAny").clicked();
        tryCompare(app.quantize, "state", QuantizeController.NoSource);
        verify(findChild(window, "quantizeNoSource").visible);
        verify(!start().visible);
        app.quantize.source = program.putModel("elsewhere/tiny-f16.gguf");
        tryCompare(app.quantize, "state", QuantizeController.Ready);
        verify(!findChild(window, "quantizeNoSource").visible);
        compare(findChild(window, "quantizeSource").currentText, "tiny-f16");
        keyClick(Qt.Key_Escape);
        tryCompare(app.quantize, "state", QuantizeController.Closed);
    }
    function test_narrowWindow_hasEverything(): void {
        window.width = 960;
        window.height = 600;
        source = program.putModel("models/tiny-f16.gguf");
        window.showPage("models");
        const dialog = findChild(window, "quantizeDialog");
        verify(dialog !== null);
        dialog.openFor(source);
        tryCompare(app.quantize, "state", QuantizeController.Ready);
        tryVerify(() => start().visible && start().mapToItem(null, 0, start().height).y <= 600);
        tryVerify(() => findChild(window, "mixList").height >= 3 * 34);
        const field = findChild(window, "quantizeName");
        verify(field.mapToItem(null, 0, field.height).y <= start().mapToItem(null, 0, 0).y);
    }
}

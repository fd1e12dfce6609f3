import QtQuick
import QtTest
import Sotto.App
import Sotto.Chat
import Sotto.Components

// A library of 500 files: what the picker costs is counted in rows and in what the list tells, not in time.
PageTestCase {
    name: "manyModels"

    readonly property int nModels: 500

    function models() {
        const entries = [];
        for (let index = 0; index < nModels; ++index)
            entries.push({
                path: "/m/model-" + index + ".gguf",
                name: "Model " + index,
                quantization: index % 2 ? "Q4_K_M" : "Q8_0",
                memoryBytes: 1e9,
                bytesPerToken: 1e9,
                contextTokens: 4096
            });
        return entries;
    }
    function all(item, wanted, found) {
        for (const child of Array.from(item.children)) {
            if (wanted(child))
                found.push(child);
            all(child, wanted, found);
        }
        return found;
    }
    function rows() {
        return all(overlay(), child => child instanceof ModelRow, []);
    }
    function openPicker() {
        program.setModels(models());
        page.openModelPicker();
        tryCompare(app.models.list, "count", nModels + 1); // and the built-in one
        tryVerify(() => rows().length > 0);
    }
    SignalSpy {
        id: resets
        signalName: "modelReset"
    }
    SignalSpy {
        id: changes
        signalName: "dataChanged"
    }

    function test_picker_makesRowsForWhatIsSeen() {
        openPicker();
        verify(rows().length < 40, rows().length);
        keyClick(Qt.Key_Escape);
    }
    function test_picker_findsTheLastOne() {
        openPicker();
        for (const letter of "l 499")
            keyClick(letter);
        tryVerify(() => rows().filter(row => row.visible && row.name === "Model 499").length === 1);
        verify(rows().length < 40, rows().length);
        keyClick(Qt.Key_Return);
        tryVerify(() => program.loads().length === 2);
        compare(program.loads()[1], "/m/model-499.gguf");
    }
    function test_picker_movesOverWhatIsFoundOnly() {
        openPicker();
        for (const letter of "el 49")
            keyClick(letter); // 49 and 490 to 499
        keyClick(Qt.Key_Down);
        keyClick(Qt.Key_Down);
        keyClick(Qt.Key_Up);
        keyClick(Qt.Key_Return);
        tryVerify(() => program.loads().length === 2);
        compare(program.loads()[1], "/m/model-490.gguf");
    }
    function chosenRow() {
        return rows().find(row => row.isChosen) ?? null;
    }
    function isInView(row) {
        const view = row.ListView.view;
        const y = row.mapToItem(view, 0, 0).y;
        return y >= 0 && y + row.height <= view.height;
    }
    function test_picker_opensWhereTheModelInUseIs() {
        openPicker();
        const view = chosenRow().ListView.view;
        verify(isInView(chosenRow()));
        view.contentY = view.contentHeight / 2;
        keyClick(Qt.Key_Escape);
        tryVerify(() => !view.visible);
        page.openModelPicker();
        tryVerify(() => view.visible && chosenRow() !== null && isInView(chosenRow()));
        verify(chosenRow().isLoaded);
        keyClick(Qt.Key_Escape);
    }
    // Beyond what is on screen, and back from a list that became shorter.
    function test_picker_keysKeepTheChosenRowInSight() {
        openPicker();
        for (let step = 0; step < 60; ++step)
            keyClick(Qt.Key_Down);
        tryVerify(() => chosenRow() !== null && isInView(chosenRow()));
        compare(chosenRow().path, "/m/model-59.gguf");
        for (const letter of "49")
            keyClick(letter);
        tryVerify(() => chosenRow() !== null && isInView(chosenRow()));
        compare(chosenRow().path, "/m/model-49.gguf");
        field().clear();
        tryVerify(() => chosenRow() !== null && isInView(chosenRow()));
        keyClick(Qt.Key_Escape);
    }
    function field() {
        return all(overlay(), child => child instanceof TextField && child.visible, [])[0];
    }
    // Where the pointer rests, rows that pass below it are not chosen.
    function test_picker_aRestingPointerChoosesNothing() {
        openPicker();
        const view = chosenRow().ListView.view;
        mouseMove(view, 100, 190);
        mouseMove(view, 100, 200);
        tryVerify(() => chosenRow() !== null && chosenRow().mapToItem(view, 0, 0).y < 200 && chosenRow().mapToItem(view, 0, 0).y > 100);
        for (let step = 0; step < 30; ++step)
            keyClick(Qt.Key_Down);
        const chosen = chosenRow().path;
        wait(50);
        compare(chosenRow().path, chosen);
        verify(isInView(chosenRow()));
        keyClick(Qt.Key_Escape);
    }
    function test_picker_refusesWhatCannotTakeThePlaceOfTheModelInUse() {
        program.setModels([{
                path: "/m/broken.gguf",
                name: "Broken",
                problem: "The file is cut off."
            }, {
                path: "/m/large.gguf",
                name: "Large",
                shortage: "It is too large."
            }]);
        page.openModelPicker();
        tryCompare(app.models.list, "count", 3);
        for (const path of ["/m/broken.gguf", "/m/large.gguf"]) {
            tryVerify(() => rows().some(row => row.path === path));
            const row = rows().find(child => child.path === path);
            verify(row.note.length > 0);
            mouseClick(row);
            verify(row.visible);
            compare(app.models.state, ModelController.Loaded);
        }
        compare(program.loads().length, 1);
        keyClick(Qt.Key_Escape);
    }
    function test_picker_showsWhatDiffersBetweenRowsOfOneName() {
        const twin = folder => ({
                path: "/m/" + folder + "/model.gguf",
                name: "Twin",
                quantization: "Q4_K_M"
            });
        program.setModels([twin("one"), twin("two")]);
        page.openModelPicker();
        tryVerify(() => overlayText("one/model.gguf") !== null && overlayText("two/model.gguf") !== null);
        for (const letter of "two")
            keyClick(letter);
        tryVerify(() => overlayText("one/model.gguf") === null && overlayText("two/model.gguf") !== null);
        keyClick(Qt.Key_Escape);
    }
    function test_picker_ofOtherSizes_data() {
        return [0, 1, 3, 2000].map(count => ({
                    tag: count + " models",
                    count: count
                }));
    }
    function test_picker_ofOtherSizes(data) {
        program.setModels(models().length >= data.count ? models().slice(0, data.count) : Array.from({
            length: data.count
        }, (_, index) => ({
                    path: "/m/model-" + index + ".gguf",
                    name: "Model " + index,
                    memoryBytes: 1e9
                })));
        page.openModelPicker();
        tryCompare(app.models.list, "count", data.count + 1);
        tryVerify(() => rows().length >= Math.min(data.count + 1, 5));
        verify(rows().length < 40, rows().length);
        keyClick(Qt.Key_Escape);
    }
    // Looking again finds the same: the list says nothing and keeps its rows.
    function test_list_tellsOfChangesOnly() {
        openPicker();
        resets.target = app.models.list;
        changes.target = app.models.list;
        resets.clear();
        changes.clear();
        const nPlans = program.plans();
        app.models.refresh();
        tryVerify(() => program.plans() >= nPlans + nModels + 1);
        program.settle();
        wait(0);
        compare(resets.count, 0);
        verify(changes.count <= 1, changes.count); // the figures of the bandwidth
        keyClick(Qt.Key_Escape);
    }
}

import QtQuick
import QtTest
import Sotto.App
import Sotto.Chat

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

import QtQuick
import QtTest
import Sotto.App
import Sotto.Models

// A load with parameters of one's choice: from the column of installed models and from the picker, with the
// keyboard alone; what it would take is on screen before it begins.
ShellTestCase {
    id: root

    readonly property string path: "/m/large.gguf"

    name: "Loading"

    function fillModels(): void {
        program.setModels([{
                path: path,
                name: "Beta",
                quantization: "Q8_0",
                fileBytes: 8e9,
                memoryBytes: 8e9,
                kvBytes: 1e9,
                contextTokens: 8192,
                layerCount: 40
            }]);
        app.models.refresh();
        program.settle();
    }
    function openFromInstalled(): void {
        fillModels();
        window.showPage("models");
        const list = find("installedList");
        tryCompare(list, "count", 2);
        list.forceActiveFocus(Qt.TabFocusReason);
        list.currentIndex = 0;
        tryVerify(() => list.currentItem?.path === path);
        keyClick(Qt.Key_Return, Qt.ShiftModifier);
        tryVerify(() => findChild(window, "loadWith")?.visible === true);
        tryCompare(app.loadPlanner, "state", LoadPlanner.Planned);
    }

    function test_memory_isShownBeforeTheLoad(): void {
        openFromInstalled();
        compare(app.loadPlanner.name, "Beta Q8_0");
        compare(app.loadPlanner.rooms.length, 1);
        compare(app.loadPlanner.rooms[0].weights, 8e9);
        compare(app.loadPlanner.rooms[0].kv, 1e9);
        verify(!program.loads().includes(path));
        keyClick(Qt.Key_Escape);
        tryVerify(() => findChild(window, "loadWith")?.visible !== true);
        compare(app.loadPlanner.state, LoadPlanner.Closed);
        compare(window.page, "models");
    }
    function test_keyboard_choosesAndLoads(): void {
        openFromInstalled();
        verify(findChild(window, "loadContext").activeFocus);
        keyClick(Qt.Key_Down);
        compare(app.loadPlanner.contextTokens, 1024);
        keyClick(Qt.Key_Tab);
        verify(findChild(window, "loadDevice").activeFocus);
        keyClick(Qt.Key_Down);
        compare(app.loadPlanner.device, "cpu");
        tryCompare(app.loadPlanner, "state", LoadPlanner.Planned);
        keyClick(Qt.Key_Return);
        tryVerify(() => program.loads().includes(path));
        tryVerify(() => findChild(window, "loadWith")?.visible !== true);
        verify(!app.loadPlanner.hasDefaults);
    }
    function test_defaults_areKeptShownAndForgotten(): void {
        openFromInstalled();
        keyClick(Qt.Key_Down);
        findChild(window, "keepLoad").forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Space);
        tryCompare(app.loadPlanner, "state", LoadPlanner.Planned);
        mouseClick(findChild(window, "loadWith"));
        tryVerify(() => program.loads().includes(path));
        const list = find("installedList");
        tryVerify(() => list.itemAtIndex(0)?.ownLoadText === "1,024 tokens");
        list.forceActiveFocus(Qt.TabFocusReason);
        list.currentIndex = 0;
        keyClick(Qt.Key_Menu);
        tryVerify(() => findChild(window, "resetParameters")?.visible === true);
        mouseClick(findChild(window, "resetParameters"));
        tryVerify(() => list.itemAtIndex(0)?.ownLoadText === "");
    }
    function test_picker_opensItToo(): void {
        fillModels();
        keyClick(Qt.Key_L, Qt.ControlModifier);
        tryVerify(() => findChild(window, "loadParameters")?.visible === true);
        keyClick(Qt.Key_Down);
        keyClick(Qt.Key_Return, Qt.ShiftModifier);
        tryVerify(() => findChild(window, "loadWith")?.visible === true);
        tryCompare(app.loadPlanner, "name", "Beta Q8_0");
    }
    function test_whatDoesNotFit_isNotBegun(): void {
        program.setModels([{
                path: path,
                name: "Beta",
                quantization: "Q8_0",
                memoryBytes: 8e10,
                shortage: "It needs 80 GB, 30 GB are free. Choose a smaller one."
            }]);
        app.models.refresh();
        program.settle();
        window.showPage("models");
        const list = find("installedList");
        tryCompare(list, "count", 2);
        list.forceActiveFocus(Qt.TabFocusReason);
        list.currentIndex = 0;
        keyClick(Qt.Key_Return, Qt.ShiftModifier);
        tryCompare(app.loadPlanner, "state", LoadPlanner.Planned);
        verify(app.loadPlanner.problem.includes("Choose a smaller one."));
        tryVerify(() => findChild(window, "loadProblem").visible);
        verify(!findChild(window, "loadWith").enabled);
        keyClick(Qt.Key_Return);
        verify(findChild(window, "loadWith").visible);
        verify(!program.loads().includes(path));
    }
    function test_context_isChosenForTheWholePage(): void {
        fillModels();
        window.showPage("models");
        const context = find("forecastContext");
        context.forceActiveFocus(Qt.TabFocusReason);
        const before = program.plans();
        keyClick(Qt.Key_End);
        compare(app.settings.contextTokens, 1 << 30);
        tryVerify(() => program.plans() > before);
        compare(program.storedSetting("contextTokens"), 1 << 30);
    }
}

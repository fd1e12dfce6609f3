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

    // Of the dialog that is open: chat and models have one each.
    function shown(name: string): Item {
        return allItems(window.contentItem.parent, item => item.visible && item.objectName === name, [])[0] ?? null;
    }
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
        openFirst();
    }
    function openFirst(): void {
        window.showPage("models");
        const list = find("installedList");
        tryCompare(list, "count", 2);
        list.forceActiveFocus(Qt.TabFocusReason);
        list.currentIndex = 0;
        tryVerify(() => list.currentItem?.path === path);
        keyClick(Qt.Key_Return, Qt.ShiftModifier);
        tryVerify(() => shown("loadWith") !== null);
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
        tryVerify(() => shown("loadWith") === null);
        compare(app.loadPlanner.state, LoadPlanner.Closed);
        compare(window.page, "models");
    }
    function test_keyboard_choosesAndLoads(): void {
        openFromInstalled();
        verify(shown("loadContext").activeFocus);
        keyClick(Qt.Key_Down);
        compare(app.loadPlanner.contextTokens, 1024);
        keyClick(Qt.Key_Tab);
        verify(shown("loadDevice").activeFocus);
        keyClick(Qt.Key_Down);
        compare(app.loadPlanner.device, "cpu");
        tryCompare(app.loadPlanner, "state", LoadPlanner.Planned);
        keyClick(Qt.Key_Return);
        tryVerify(() => program.loads().includes(path));
        tryVerify(() => shown("loadWith") === null);
        verify(!app.loadPlanner.hasDefaults);
    }
    function test_defaults_areKeptShownAndForgotten(): void {
        openFromInstalled();
        keyClick(Qt.Key_Down);
        shown("keepLoad").forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Space);
        tryCompare(app.loadPlanner, "state", LoadPlanner.Planned);
        mouseClick(shown("loadWith"));
        tryVerify(() => program.loads().includes(path));
        const list = find("installedList");
        tryVerify(() => list.itemAtIndex(0)?.ownLoadText === "1,024 tokens");
        tryVerify(() => shown("loadWith") === null);
        list.forceActiveFocus(Qt.TabFocusReason);
        list.currentIndex = 0;
        keyClick(Qt.Key_Menu);
        tryVerify(() => findChild(window, "resetParameters")?.visible === true);
        findChild(window, "resetParameters").triggered();
        tryVerify(() => list.itemAtIndex(0)?.ownLoadText === "");
    }
    function test_picker_opensItToo(): void {
        fillModels();
        keyClick(Qt.Key_L, Qt.ControlModifier);
        tryVerify(() => shown("loadParameters") !== null);
        keyClick(Qt.Key_Down);
        keyClick(Qt.Key_Return, Qt.ShiftModifier);
        tryVerify(() => shown("loadWith") !== null);
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
        tryVerify(() => shown("loadProblem") !== null);
        verify(!shown("loadWith").enabled);
        keyClick(Qt.Key_Return);
        verify(shown("loadWith") !== null);
        verify(!program.loads().includes(path));
    }
    // Of a card with 22 GiB free: the other device is one key away, and so is what it would take there.
    function test_remedy_makesItFit(): void {
        cleanup();
        begin({
            card: {
                name: "RTX 4090",
                specGbS: 1008
            }
        });
        program.setModels([{
                path: path,
                name: "Beta",
                memoryBytes: 2.5e10,
                cardBytes: 2.5e10,
                layerCount: 40,
                cardLayers: 40,
                contextTokens: 8192,
                cardShortage: "It needs more than the card has."
            }]);
        app.models.refresh();
        program.settle();
        openFirst();
        verify(app.loadPlanner.rooms[0].isCard);
        verify(app.loadPlanner.rooms[0].isOver);
        verify(!shown("loadWith").enabled);
        compare(app.loadPlanner.remedies.length, 1);
        compare(app.loadPlanner.remedies[0].text, "On the processor");
        compare(app.loadPlanner.remedies[0].detail, "8,192 tokens");
        shown("loadRemedy").forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Return);
        tryCompare(app.loadPlanner, "state", LoadPlanner.Planned);
        compare(app.loadPlanner.device, "cpu");
        compare(app.loadPlanner.problem, "");
        compare(app.loadPlanner.rooms.length, 1);
        compare(app.loadPlanner.rooms[0].weights, 2.5e10);
        tryVerify(() => shown("loadWith").enabled);
        verify(!program.loads().includes(path));
    }
    function test_layers_areChosenByArrows(): void {
        cleanup();
        begin({
            card: {
                name: "RTX 4090",
                specGbS: 1008
            }
        });
        program.setModels([{
                path: path,
                name: "Beta",
                memoryBytes: 1e10,
                cardBytes: 1e10,
                layerCount: 40,
                cardLayers: 40
            }]);
        app.models.refresh();
        program.settle();
        openFirst();
        const slider = shown("loadLayers");
        slider.forceActiveFocus(Qt.TabFocusReason);
        verify(app.loadPlanner.areLayersAutomatic);
        keyClick(Qt.Key_Left);
        compare(app.loadPlanner.cardLayers, 39);
        verify(!app.loadPlanner.areLayersAutomatic);
        mouseClick(shown("automaticLayers"));
        verify(app.loadPlanner.areLayersAutomatic);
        tryCompare(slider, "value", 40);
    }
    // At the smallest window what the keyboard is at is in sight.
    function test_lowWindow_scrollsToTheFocus(): void {
        window.width = 960;
        window.height = 600;
        openFromInstalled();
        const button = shown("loadWith");
        const inSight = item => {
            const y = item.mapToItem(null, 0, 0).y;
            return y >= 0 && y + item.height <= window.height;
        };
        verify(inSight(button));
        for (const name of ["loadDevice", "loadKvType", "keepLoad"]) {
            keyClick(Qt.Key_Tab);
            verify(shown(name).activeFocus, name);
            tryVerify(() => inSight(shown(name)), 5000, name);
        }
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
    }
}

import QtQuick
import QtTest
import Sotto.App
import Sotto.Models

// The column of installed models: with the keyboard alone, and what its menu does.
ShellTestCase {
    id: root

    readonly property string path: "/m/large.gguf"

    name: "Installed"

    function showModels(): void {
        program.setModels([{
                path: "/m/small.gguf",
                name: "Alpha",
                quantization: "Q4_K_M",
                fileBytes: 2e9
            }, {
                path: path,
                name: "Beta",
                quantization: "Q8_0",
                fileBytes: 8e9
            }]);
        app.models.refresh();
        program.settle();
        window.showPage("models");
        tryCompare(find("installedList"), "count", 3);
        find("installedList").forceActiveFocus(Qt.TabFocusReason);
    }
    function rows(): var {
        const list = find("installedList");
        return Array.from({
            length: list.count
        }, (_, index) => list.itemAtIndex(index)?.name ?? "");
    }
    function choose(name: string): InstalledRow {
        const list = find("installedList");
        tryVerify(() => rows().includes(name)); // rows are made with the next frame
        list.currentIndex = rows().indexOf(name);
        return list.currentItem as InstalledRow;
    }

    function test_order_isChosen(): void {
        showModels();
        const order = find("installedOrder");
        order.forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Down);
        tryVerify(() => rows()[0] === "Alpha" && rows()[1] === "Beta");
        keyClick(Qt.Key_Down);
        tryVerify(() => rows()[0] === "Beta" && rows()[1] === "Alpha");
    }
    function test_enter_loads(): void {
        showModels();
        choose("Beta");
        keyClick(Qt.Key_Return);
        tryVerify(() => program.loads().includes(path));
    }
    function test_menu_opensByKey(): void {
        showModels();
        choose("Beta");
        keyClick(Qt.Key_Menu);
        tryVerify(() => findChild(window, "checkModel")?.visible === true);
        verify(findChild(window, "removeModel").visible);
        keyClick(Qt.Key_Escape);
        tryVerify(() => findChild(window, "checkModel")?.visible !== true);
    }
    function test_delete_asks(): void {
        showModels();
        choose("Beta");
        keyClick(Qt.Key_Delete);
        tryVerify(() => findChild(window, "moveToBin")?.visible === true);
        keyClick(Qt.Key_Escape);
        tryVerify(() => findChild(window, "moveToBin")?.visible !== true);
        // The built-in model stays.
        const list = find("installedList");
        list.forceActiveFocus(Qt.TabFocusReason);
        list.currentIndex = list.count - 1;
        verify(list.currentItem.isDemo);
        keyClick(Qt.Key_Delete);
        wait(50);
        verify(findChild(window, "moveToBin")?.visible !== true);
    }
    function test_f2_renames(): void {
        showModels();
        choose("Beta");
        keyClick(Qt.Key_F2);
        const field = () => findChild(window, "modelName");
        tryVerify(() => field()?.activeFocus === true);
        compare(field().text, "Beta");
        for (const letter of "gamma")
            keyClick(letter);
        keyClick(Qt.Key_Return);
        tryVerify(() => rows().includes("gamma"));
        // An empty name is the model's own again.
        tryVerify(() => find("installedList").activeFocus);
        choose("gamma");
        keyClick(Qt.Key_F2);
        tryVerify(() => field()?.activeFocus === true);
        keyClick(Qt.Key_Delete);
        keyClick(Qt.Key_Return);
        tryVerify(() => rows().includes("Beta") && !rows().includes("gamma"));
    }
    function test_duplicates_areFoundAndGo(): void {
        const files = [program.putFile("a/one.gguf", 3000), program.putFile("b/two.gguf", 3000), program.putFile("c/other.gguf", 3100)];
        program.setModels(files.map(path => ({
                        path: path,
                        name: "Same",
                        fileBytes: 3000
                    })));
        app.models.refresh();
        program.settle();
        window.showPage("models");
        tryCompare(find("installedList"), "count", 4);
        const button = find("findDuplicates");
        button.forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Return);
        const twins = app.installed.twins;
        tryCompare(twins, "state", TwinListModel.Found);
        compare(twins.count, 2);
        compare(twins.freedBytes, 3000);
        const list = findChild(window, "twinList");
        tryVerify(() => list.activeFocus && list.itemAtIndex(0) !== null);
        verify(list.itemAtIndex(0).isFirst && !list.itemAtIndex(1).isFirst);
        keyClick(Qt.Key_Tab);
        verify(findChild(list.itemAtIndex(0), "twinToBin").activeFocus);
        keyClick(Qt.Key_Return);
        tryVerify(() => findChild(window, "moveToBin")?.visible === true);
        keyClick(Qt.Key_Escape);
        tryVerify(() => findChild(window, "moveToBin")?.visible !== true);
        // What was written to meanwhile is looked at again.
        program.putFile("b/two.gguf", 2999);
        list.itemAtIndex(1).removeRequested();
        tryCompare(twins, "state", TwinListModel.None);
        verify(findChild(window, "moveToBin")?.visible !== true);
    }
    function test_memory_isGivenBack(): void {
        showModels();
        choose("Beta");
        keyClick(Qt.Key_Return);
        tryCompare(app.models, "state", ModelController.Loaded);
        app.models.rest();
        tryCompare(app.models, "state", ModelController.Resting);
        verify(app.chat.canSend);
    }
}

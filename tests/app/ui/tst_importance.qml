import QtQuick
import QtTest
import Sotto.App
import Sotto.Tests

// A published importance matrix in the quantize dialog: looked for, chosen and fetched by keys alone, and every
// state that it can be in.
ShellTestCase {
    id: root

    property string source

    readonly property ImportanceFinder published: app?.quantize.published ?? null

    name: "Importance"

    function init(): void {
        begin({
                hasHub: true
            });
        source = program.putModel("models/tiny-f16.gguf");
        window.showPage("models");
        find("quantizeDialog").openFor(source);
        tryCompare(app.quantize, "state", QuantizeController.Ready);
        program.hubGives([{
                repository: "acme/tiny-GGUF",
                base: "acme/Tiny-Llama",
                downloads: 12345
            }]);
    }
    function cleanup(): void {
        if (isShown("importanceDialog"))
            keyClick(Qt.Key_Escape);
        tryVerify(() => !isShown("importanceDialog"));
        keyClick(Qt.Key_Escape);
        tryCompare(app.quantize, "state", QuantizeController.Closed);
        window.destroy();
        wait(0);
        program.destroy();
        wait(0);
    }
    function openPublished(): void {
        const button = find("quantizePublished");
        button.forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Return);
        const field = find("importanceModel");
        tryVerify(() => field.activeFocus);
        tryCompare(field, "text", "tiny-llama");
    }
    function isShown(name: string): bool {
        return findChild(window, name)?.visible === true;
    }
    function test_keyboard_findsFetchesAndUses(): void {
        program.hubMatrix("imatrix.dat", "blk.0.attn_q.weight", 256);
        openPublished();
        compare(app.bytesSent, 0);
        verify(isShown("importanceIdle"));
        keyClick(Qt.Key_Return);
        const list = find("importanceList");
        tryVerify(() => list.activeFocus && list.count === 1);
        compare(published.chosenRow, 0);
        const fetch = find("importanceFetch");
        verify(fetch.visible);
        keyClick(Qt.Key_Return);
        tryVerify(() => findChild(window, "importanceDialog")?.visible !== true);
        tryVerify(() => app.quantize.importance.endsWith("acme/tiny-GGUF/imatrix.dat"));
        tryCompare(app.quantize, "state", QuantizeController.Ready);
        const chooser = find("quantizeImportance");
        compare(chooser.currentValue, app.quantize.importance);
        verify(chooser.currentText.includes("acme"));
        verify(app.quantize.canStart);
    }
    function test_matrixThatIsNone_isTold(): void {
        program.hubFile("imatrix.dat", 2000);
        openPublished();
        keyClick(Qt.Key_Return);
        tryCompare(root.published, "state", ImportanceFinder.Found);
        keyClick(Qt.Key_Return);
        tryCompare(app.quantize, "state", QuantizeController.Failed);
        tryVerify(() => isShown("quantizeFailed"));
        verify(find("quantizeFailed").title.includes("importance matrix"));
        app.quantize.importance = "";
        tryCompare(app.quantize, "state", QuantizeController.Ready);
    }
    function test_none_isTold(): void {
        openPublished();
        keyClick(Qt.Key_Return);
        tryVerify(() => isShown("importanceNone"));
        const field = find("importanceModel");
        tryVerify(() => field.activeFocus);
        verify(!find("importanceFetch").visible);
    }
    function test_offline_isToldAndTriedAgain(): void {
        program.hubMatrix("imatrix.dat", "blk.0.attn_q.weight", 256);
        program.setOffline(true);
        openPublished();
        keyClick(Qt.Key_Return);
        tryVerify(() => isShown("importanceFailed"));
        verify(root.published.isOfflineProblem);
        verify(find("importanceFailed").text.length > 0);
        program.setOffline(false);
        find("importanceTryAgain").clicked();
        tryCompare(root.published, "state", ImportanceFinder.Found);
        verify(!isShown("importanceFailed"));
    }
    function test_looking_isStopped(): void {
        program.hubHolds();
        openPublished();
        keyClick(Qt.Key_Return);
        tryVerify(() => isShown("importanceLooking"));
        const stop = find("importanceCancel");
        tryVerify(() => stop.activeFocus);
        keyClick(Qt.Key_Space);
        tryVerify(() => isShown("importanceIdle"));
    }
    function test_download_isCancelledAndGoesOnInTheBackground(): void {
        program.hubMatrix("imatrix.dat", "blk.0.attn_q.weight", 256);
        program.holdBytes(100);
        openPublished();
        keyClick(Qt.Key_Return);
        tryCompare(root.published, "state", ImportanceFinder.Found);
        keyClick(Qt.Key_Return);
        tryVerify(() => isShown("importanceFetching"));
        tryVerify(() => root.published.share > 0);
        find("importanceCancel").clicked();
        tryVerify(() => isShown("importanceList"));
        compare(app.quantize.importance, "");
        tryCompare(app.hub.downloads, "count", 0);
        keyClick(Qt.Key_Return);
        tryVerify(() => isShown("importanceFetching"));
        const fetch = find("importanceFetch");
        tryVerify(() => fetch.activeFocus);
        keyClick(Qt.Key_Return); // in the background
        tryVerify(() => !isShown("importanceDialog"));
        program.releaseBytes();
        tryVerify(() => app.quantize.importance.endsWith("imatrix.dat"));
        tryCompare(app.quantize, "state", QuantizeController.Ready);
    }
    function test_narrowWindow_hasEverything(): void {
        program.hubMatrix("imatrix.dat", "blk.0.attn_q.weight", 256);
        window.width = 960;
        window.height = 600;
        openPublished();
        keyClick(Qt.Key_Return);
        tryCompare(root.published, "state", ImportanceFinder.Found);
        const fetch = find("importanceFetch");
        tryVerify(() => fetch.visible && fetch.mapToItem(null, 0, fetch.height).y <= 600);
        verify(find("importanceList").height >= 52);
    }
}

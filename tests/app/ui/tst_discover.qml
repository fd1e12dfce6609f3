import QtQuick
import QtTest
import Sotto.App
import Sotto.Tests

// Discover and Downloads in the window, on a hub: searched, opened and fetched by keys alone, and every state
// that it can be in.
ShellTestCase {
    id: root

    name: "Discover"

    readonly property HubSearchModel search: app?.hub.search ?? null

    function init(): void {
        begin({
                hasHub: true
            });
        window.showPage("models");
        tryVerify(() => find("hubField").activeFocus);
    }
    function type(text: string): void {
        for (const character of text)
            keyClick(character);
    }
    function state(name: string): Item {
        return findChild(find("hubState"), name);
    }
    function test_typing_searchesAndOpensAndFetches(): void {
        program.hubFile("tiny-Q8_0.gguf", 200000);
        type("tiny");
        const list = find("hubList");
        tryVerify(() => list.visible && list.count === 1);
        keyClick(Qt.Key_Down);
        verify(list.activeFocus);
        keyClick(Qt.Key_Return);
        tryVerify(() => findChild(list.currentItem, "downloadFile") !== null);
        keyClick(Qt.Key_Tab);
        verify(window.activeFocusItem === findChild(list.currentItem, "downloadFile"));
        keyClick(Qt.Key_Return);
        const downloads = find("downloadList");
        tryCompare(downloads, "count", 1);
        tryVerify(() => downloads.itemAtIndex(0)?.canLoad ?? false);
        tryVerify(() => app.models.list.count === 2); // and is installed
        keyClick(Qt.Key_Escape);
        tryVerify(() => list.activeFocus || find("hubField").activeFocus);
    }
    function test_escape_emptiesTheSearch(): void {
        type("tiny");
        tryCompare(root.search, "state", HubSearchModel.Found);
        keyClick(Qt.Key_Escape);
        compare(root.search.text, "");
        compare(root.search.state, HubSearchModel.Idle);
        compare(window.page, "models");
    }
    function test_opening_sendsNothing(): void {
        wait(400);
        verify(state("showMost").visible);
        compare(app.bytesSent, 0);
        mouseClick(state("showMost"));
        tryCompare(root.search, "state", HubSearchModel.Found);
        tryVerify(() => app.bytesSent > 0);
    }
    function test_nothingFound_isSaid(): void {
        program.hubGives([]);
        type("xyz");
        tryVerify(() => state("nothingFound").visible);
    }
    function test_failures_areSaid(): void {
        program.hubFails(500);
        type("x");
        tryVerify(() => state("searchFailed").visible);
        program.hubFails(0);
        root.search.search();
        tryCompare(root.search, "state", HubSearchModel.Found);
    }
    function test_offline_isSaidAndLeadsToTheSettings(): void {
        program.setOffline(true);
        type("x");
        tryVerify(() => state("searchFailed").visible && root.search.isOfflineProblem);
        const button = allItems(state("searchFailed"), item => item.text === "Open Settings" && item.visible && item.clicked !== undefined, [])[0];
        // It moves until the sentence above it is laid out.
        tryVerify(() => {
            if (window.page !== "settings")
                mouseClick(button);
            return window.page === "settings";
        });
    }
    function test_gated_saysWhatToDo(): void {
        program.hubGives([{
                    repository: "google/gemma-3-12b-it-qat-q4_0-gguf",
                    architecture: "gemma3",
                    gated: true,
                    files: [{
                            path: "gemma-Q4_0.gguf",
                            bytes: 8070000000
                        }]
                }]);
        type("g");
        const list = find("hubList");
        tryVerify(() => list.visible && list.count === 1);
        root.search.toggle(0);
        tryVerify(() => list.currentItem && allItems(list.currentItem, item => item.text === "Unlock" && item.visible, []).length > 0);
    }
    function test_aFileWithoutRoom_doesNotBegin(): void {
        program.hubGives([{
                    repository: "a/huge",
                    files: [{
                            path: "huge-Q8_0.gguf",
                            bytes: 900000000000000
                        }]
                }]);
        type("h");
        const list = find("hubList");
        tryVerify(() => list.visible && list.count === 1);
        root.search.toggle(0);
        tryVerify(() => findChild(list.currentItem, "downloadFile") !== null);
        mouseClick(findChild(list.currentItem, "downloadFile"));
        tryVerify(() => findChild(list.currentItem, "filesProblem").text.includes("missing on the disk"));
        compare(find("downloadList").count, 0);
    }
    function test_theRing_leadsToTheDownloads(): void {
        program.hubFile("tiny-Q8_0.gguf", 200000);
        program.holdBytes(1000);
        root.search.search();
        tryCompare(root.search, "count", 1);
        root.search.toggle(0);
        const found = find("hubList");
        tryVerify(() => findChild(found.itemAtIndex(0), "downloadFile") !== null);
        mouseClick(findChild(found.itemAtIndex(0), "downloadFile"));
        tryVerify(() => find("downloadList").itemAtIndex(0)?.canPause ?? false);
        window.showPage("chat");
        tryVerify(() => findChild(window.contentItem, "jobsRing") !== null);
        mouseClick(findChild(window.contentItem, "jobsRing"));
        const popover = findChild(window, "jobsPopover");
        tryVerify(() => popover.opened);
        tryCompare(find("jobList"), "count", 1);
        const pause = allItems(find("jobList").itemAtIndex(0), item => item.text === "Pause" && item.visible, [])[0];
        mouseClick(pause);
        tryVerify(() => find("jobList").itemAtIndex(0)?.canResume ?? false);
        compare(window.page, "chat"); // a button of the row is not the row
        keyClick(Qt.Key_Return);
        tryVerify(() => !popover.visible);
        compare(window.page, "models");
        tryVerify(() => find("downloadList").activeFocus);
        program.releaseBytes();
    }
    function test_theSpeedLimit_isKept(): void {
        app.hub.downloads.speedLimit = 5e6;
        program.settle();
        tryVerify(() => program.storedDownloadLimit() === 5e6);
    }
    function test_filters_standInOneLine(): void {
        const names = ["fitsChip", "chatChip", "licenceChoice", "sortChoice", "moreFilters"];
        const middles = () => names.map(name => find(name).mapToItem(null, 0, find(name).height / 2).y);
        tryVerify(() => middles().every(y => y === middles()[0]));
        window.width = 960;
        tryVerify(() => middles().every(y => y === middles()[0]));
    }
    function test_furtherFilters_byKeys(): void {
        const more = find("moreFilters");
        more.forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Return);
        const popup = findChild(window, "furtherFilters");
        tryVerify(() => popup.opened);
        keyClick(Qt.Key_Down);
        tryCompare(root.search, "size", "max:3B");
        keyClick(Qt.Key_Tab);
        keyClick(Qt.Key_Down);
        tryVerify(() => root.search.family.length > 0);
        keyClick(Qt.Key_Escape);
        tryVerify(() => !popup.visible);
        tryCompare(window, "activeFocusItem", more);
        compare(root.search.furtherCount, 2);
        verify(more.text.includes("2"));
    }
    function openCard(): void {
        root.search.search();
        tryCompare(root.search, "count", 1);
        root.search.toggle(0);
        const list = find("hubList");
        list.forceActiveFocus(Qt.TabFocusReason);
        tryVerify(() => findChild(list.itemAtIndex(0), "modelCard")?.visible ?? false);
        const button = findChild(list.itemAtIndex(0), "modelCard");
        for (let tabs = 0; tabs < 10 && !button.activeFocus; ++tabs)
            keyClick(Qt.Key_Tab);
        verify(button.activeFocus);
        keyClick(Qt.Key_Return);
    }
    function test_aModelCard_isReadByKeys(): void {
        const end = "The last words.";
        program.hubFile("tiny-Q8_0.gguf", 200000);
        program.hubText("README.md", "---\nlicense: mit\n---\n# Tiny\n\n<div>Words<img src='https://x.example/a.png'></div>\n\n![Chart](https://x.example/b.png)\n\n" + "A paragraph.\n\n".repeat(200) + end);
        openCard();
        const dialog = findChild(window, "cardDialog");
        tryVerify(() => dialog.opened && app.hub.card.state === HubCard.Ready);
        const flick = findChild(window, "cardFlick");
        tryVerify(() => flick.activeFocus && flick.contentHeight > flick.height);
        compare(allItems(flick, item => item instanceof Image && String(item.source).startsWith("http"), []).length, 0);
        keyClick(Qt.Key_PageDown);
        verify(flick.contentY > 0);
        keyClick(Qt.Key_End);
        tryVerify(() => {
            keyClick(Qt.Key_End); // heights are estimates until what is near is made
            return allItems(flick, item => item.visible && item.spokenText === end, []).length > 0;
        });
        keyClick(Qt.Key_Home);
        compare(flick.contentY, 0);
        keyClick(Qt.Key_Escape);
        tryVerify(() => !dialog.visible);
        compare(app.hub.card.state, HubCard.Closed);
        tryVerify(() => findChild(find("hubList").itemAtIndex(0), "modelCard").activeFocus);
    }
    function test_aLinkOfACard_asksFirst(): void {
        program.hubText("README.md", "[a place](https://x.example/place)");
        openCard();
        tryVerify(() => app.hub.card.state === HubCard.Ready);
        const flick = findChild(window, "cardFlick");
        tryVerify(() => allItems(flick, item => item.spokenText === "a place", []).length > 0);
        const text = allItems(flick, item => item.spokenText === "a place" && item.linkOpened !== undefined, [])[0];
        const question = findChild(window, "linkQuestion");
        verify(!question.visible);
        text.linkOpened("https://x.example/place");
        verify(question.visible && question.text.includes("https://x.example/place"));
        verify(findChild(window, "openLink").activeFocus);
    }
    function test_noCardAndAFailingOne_areSaid(): void {
        openCard();
        tryVerify(() => findChild(window, "cardNone").visible);
        keyClick(Qt.Key_Escape);
        tryCompare(app.hub.card, "state", HubCard.Closed);
        program.setOffline(true);
        findChild(find("hubList").itemAtIndex(0), "modelCard").clicked();
        tryVerify(() => findChild(window, "cardFailed").visible);
        program.hubText("README.md", "# Tiny");
        program.setOffline(false);
        mouseClick(findChild(window, "cardAgain"));
        tryCompare(app.hub.card, "state", HubCard.Ready);
    }
    function test_downloads_obeyTheirKeys(): void {
        program.hubFile("tiny-Q8_0.gguf", 200000);
        program.holdBytes(1000);
        root.search.search();
        tryCompare(root.search, "count", 1);
        root.search.toggle(0);
        const list = find("hubList");
        tryVerify(() => findChild(list.itemAtIndex(0), "downloadFile") !== null);
        mouseClick(findChild(list.itemAtIndex(0), "downloadFile"));
        const downloads = find("downloadList");
        tryVerify(() => downloads.itemAtIndex(0)?.canPause ?? false);
        downloads.currentIndex = 0;
        downloads.forceActiveFocus(Qt.TabFocusReason);
        tryVerify(() => (downloads.itemAtIndex(0)?.keptText ?? "") !== "");
        keyClick(Qt.Key_Delete); // asks, and Enter keeps
        const dialog = findChild(window, "removeDialog");
        tryVerify(() => dialog.opened);
        keyClick(Qt.Key_Return);
        tryVerify(() => !dialog.visible);
        compare(downloads.count, 1);
        tryVerify(() => downloads.activeFocus);
        keyClick(Qt.Key_Space);
        tryVerify(() => downloads.itemAtIndex(0)?.canResume ?? false);
        program.releaseBytes();
        keyClick(Qt.Key_Space);
        tryVerify(() => downloads.itemAtIndex(0)?.canLoad ?? false);
        keyClick(Qt.Key_Delete);
        tryCompare(downloads, "count", 0);
    }
}

import QtQuick
import QtTest
import Sotto.App
import Sotto.Shell
import Sotto.Tests
import Sotto.Theme

// The bin in the chat list: in and out by keys and mouse, read only in between, for good only when asked.
TestCase {
    id: root

    property Main window: null
    property TestApp program: null
    property AppFacade app: null
    property double boat: 0
    property double test: 0

    name: "Bin"
    when: windowShown

    Component {
        id: appComponent
        TestApp {}
    }
    Component {
        id: windowComponent
        Main {
            visible: true
        }
    }

    function init(): void {
        program = appComponent.createObject(root);
        app = program.facade;
        const household = program.addFolder("Household");
        test = program.addChat({
            title: "Test, please ignore"
        });
        boat = program.addChat({
            title: "Names for the boat",
            folderId: household
        }, [
            {
                isUser: true,
                text: "Twelve names for a boat."
            },
            {
                text: "Alder, Bittern, Curlew."
            }
        ]);
        program.refresh();
        window = windowComponent.createObject(null, {
            app: app,
            width: 1440,
            height: 900
        });
        tryVerify(() => window.active);
    }
    function cleanup(): void {
        window.destroy();
        wait(0);
        program.destroy();
        wait(0);
    }
    function find(name: string): Item {
        const found = findChild(window, name);
        verify(found !== null, name);
        return found;
    }
    // Rows of a list are nobody's children but the picture's.
    function drawn(name: string, item: Item): Item {
        for (const child of Array.from(item.children)) {
            const found = child.objectName === name ? child : drawn(name, child);
            if (found)
                return found;
        }
        return null;
    }
    function fillBin(): void {
        app.chats.remove(test);
        app.chats.remove(boat);
        tryCompare(app.bin, "count", 2);
        find("binEntry").clicked();
    }

    function test_entry_opensTheBinAndEscapeLeavesIt(): void {
        fillBin();
        const list = find("binList");
        tryVerify(() => list.activeFocus);
        compare(list.currentItem.title, "Names for the boat");
        compare(list.currentItem.daysLeft, 30);
        keyClick(Qt.Key_Escape);
        compare(findChild(window, "binList"), null);
        verify(find("chatList").activeFocus);
    }
    function test_chat_isReadOnlyAndRestored(): void {
        fillBin();
        keyClick(Qt.Key_Return);
        tryCompare(app.bin, "isShown", true);
        tryCompare(app.chat.messages, "count", 2);
        compare(find("composer").visible, false);
        verify(find("binSentence").text.includes("Gone for good on"));
        verify(!app.chat.canSend);
        tryVerify(() => drawn("editAnswer", window.contentItem) !== null);
        compare(drawn("editAnswer", window.contentItem).visible, false);
        compare(drawn("writeAgain", window.contentItem).visible, false);
        mouseClick(find("restoreShown"));
        tryCompare(app.bin, "isShown", false);
        compare(find("composer").visible, true);
        verify(app.chat.canSend);
        compare(drawn("editAnswer", window.contentItem).visible, true);
        compare(drawn("writeAgain", window.contentItem).visible, true);
        verify(!program.storedChat(boat).isInBin);
    }
    function test_undo_byKeyInTheList_goesOnAfterTheToast(): void {
        app.chats.remove(test);
        app.chats.remove(boat);
        tryCompare(app.bin, "count", 2);
        const list = find("chatList");
        list.forceActiveFocus();
        find("toast").hide();
        keyClick(Qt.Key_Z, Qt.ControlModifier);
        tryCompare(app.bin, "count", 1);
        keyClick(Qt.Key_Z, Qt.ControlModifier);
        tryCompare(app.bin, "count", 0);
    }
    function test_shiftDelete_asksAndEnterKeepsTheChat(): void {
        fillBin();
        const list = find("binList");
        tryVerify(() => list.activeFocus);
        keyClick(Qt.Key_Delete, Qt.ShiftModifier);
        tryVerify(() => findChild(window, "deleteForGood") !== null);
        keyClick(Qt.Key_Return); // the button that keeps it has the focus
        tryVerify(() => list.activeFocus);
        program.settle();
        compare(app.bin.count, 2);
        keyClick(Qt.Key_Delete, Qt.ShiftModifier);
        const button = findChild(window, "deleteForGood");
        tryVerify(() => button.visible);
        button.clicked();
        tryCompare(app.bin, "count", 1);
        compare(program.storedChats(), 0);
    }
    function test_emptying_namesTheSizeAndAsks(): void {
        fillBin();
        tryVerify(() => find("emptyBin").text.includes("B"));
        find("emptyBin").clicked();
        const button = findChild(window, "deleteForGood");
        tryVerify(() => button.visible);
        button.clicked();
        tryCompare(app.bin, "count", 0);
        compare(app.bin.hasRows, false);
    }
    function test_search_findsTitles(): void {
        fillBin();
        find("searchBin").text = "boat";
        tryCompare(find("binList"), "count", 2); // its heading and itself
        find("searchBin").text = "nothing like it";
        tryCompare(find("binList"), "count", 0);
        find("leaveBin").clicked();
        compare(app.bin.search, "");
    }
    function test_days_areASetting(): void {
        fillBin();
        app.bin.days = 0;
        tryCompare(find("binList").currentItem, "daysLeft", -1);
        program.settle();
        compare(app.settings.binDays, 0);
    }
    function test_days_areSetOnThePageOfSettings(): void {
        window.showPage(window.pages.settings.name);
        tryVerify(() => findChild(window, "binDays") !== null);
        const select = find("binDays");
        compare(select.displayText, "After 30 days");
        select.currentIndex = select.indexOfValue(90);
        select.activated(select.currentIndex);
        compare(app.settings.binDays, 90);
        app.settings.language = "zh_CN";
        tryCompare(select, "displayText", "90 天后");
        app.settings.language = "en";
        app.settings.binDays = 45; // set elsewhere: it has its row
        tryCompare(select, "displayText", "After 45 days");
    }
}

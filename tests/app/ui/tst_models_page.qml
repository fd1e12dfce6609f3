import QtQuick
import QtTest

// The Models page in the window: how it gets there, and what it shows at which width.
ShellTestCase {
    id: root

    name: "ModelsPage"

    function test_page_comesByItsKey(): void {
        keyClick(Qt.Key_2, Qt.ControlModifier);
        compare(window.page, "models");
        verify(find("installedColumn").visible);
        keyClick(Qt.Key_Escape);
        compare(window.page, "chat");
    }
    function test_columns_followTheWidth_data(): var {
        return [{
                tag: "1360",
                width: 1360,
                columns: [true, true, true],
                tabs: false
            }, {
                tag: "1359",
                width: 1359,
                columns: [true, true, false],
                tabs: false
            }, {
                tag: "1119",
                width: 1119,
                columns: [false, true, false],
                tabs: true
            }];
    }
    function test_columns_followTheWidth(data: var): void {
        window.width = data.width;
        window.showPage("models");
        const columns = ["installedColumn", "discoverColumn", "downloadsColumn"];
        tryVerify(() => find("downloadsButton").visible !== data.columns[2]);
        compare(columns.map(column => find(column).visible), data.columns);
        compare(find("modelTabs").visible, data.tabs);
        const sides = (data.columns[0] ? 321 : 0) + (data.columns[2] ? 321 : 0);
        tryCompare(find("discoverColumn"), "width", data.width - 56 - sides);
        if (!data.tabs)
            return;
        find("modelTabs").forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Left);
        compare(columns.map(column => find(column).visible), [true, false, false]);
    }
    function test_downloads_areAPopupWhereThereIsNoColumn(): void {
        window.width = 1200;
        window.showPage("models");
        mouseClick(find("downloadsButton"));
        const popup = findChild(window, "downloadsPopup");
        tryVerify(() => popup.opened);
        keyClick(Qt.Key_Escape);
        tryVerify(() => !popup.visible);
        compare(window.page, "models");
    }
}

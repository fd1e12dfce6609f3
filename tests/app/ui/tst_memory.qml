import QtQuick
import QtTest
import Sotto.App
import Sotto.Components
import Sotto.Theme

// What the settings say of the prefix cache on the disk, and what they do with it.
ShellTestCase {
    id: root

    name: "Memory"

    function openSettings(): void {
        program.keepPrefix(ids["Why the dough stays sticky"], 3);
        program.keepPrefix(ids["Bank export by month"], 5);
        keySequence("Ctrl+,");
        tryVerify(() => app.prefixes.isWatched);
        tryVerify(() => app.prefixes.shares.count === 2);
    }
    function label(text: string, item: Item): Item {
        for (const child of Array.from((item ?? window.contentItem).children)) {
            const found = child.text === text && child.visible ? child : label(text, child);
            if (found)
                return found;
        }
        return null;
    }
    function named(name: string): Item {
        const found = findChild(window, name);
        verify(found !== null, name);
        return found;
    }

    function test_figures_areTheFilesOwn(): void {
        openSettings();
        tryVerify(() => app.prefixes.bytes > 3.2e6);
        compare(named("prefixBytes").text, qsTr("%1 of %2").arg(Theme.format.fileSize(app.prefixes.bytes)).arg(Theme.format.fileSize(app.prefixes.maxBytes)));
        verify(app.prefixes.writtenInHour >= 2 * 3.2e6);
        verify(label("Bank export by month") !== null);
        verify(label("160 tokens") !== null);
        verify(label("96 tokens") !== null);
    }
    function test_chatIsForgotten_andStays(): void {
        openSettings();
        const eraser = label("Forget what was read of “Why the dough stays sticky”. The chat stays.");
        verify(eraser !== null);
        eraser.clicked();
        tryCompare(app.prefixes.shares, "count", 1);
        compare(chatRole("Why the dough stays sticky", ChatListModel.TitleRole), "Why the dough stays sticky");
    }
    function test_chatThatIsDeletedForGood_takesItsShare(): void {
        openSettings();
        app.chats.remove(ids["Why the dough stays sticky"]);
        program.refresh();
        tryVerify(() => app.bin.count === 1);
        compare(app.prefixes.shares.count, 2);
        app.bin.removeForGood(ids["Why the dough stays sticky"]);
        tryCompare(app.prefixes.shares, "count", 1);
    }
    function test_forgetAll_emptiesIt(): void {
        openSettings();
        const before = app.prefixes.bytes;
        named("forgetPrefixes").clicked();
        tryCompare(app.prefixes.shares, "count", 0);
        tryVerify(() => app.prefixes.bytes < before);
        tryVerify(() => !named("forgetPrefixes").enabled);
    }
    function test_switchedOff_forgets_andIsRemembered(): void {
        openSettings();
        const keeps = named("keepsPrefixes");
        verify(keeps.checked);
        keeps.toggle();
        keeps.toggled();
        tryCompare(app.prefixes, "isOn", false);
        tryCompare(app.prefixes.shares, "count", 0);
        tryVerify(() => !named("prefixMaxGb").visible);
        keeps.toggle();
        keeps.toggled();
        tryVerify(() => named("prefixMaxGb").visible);
    }
    function test_limit_isChosen(): void {
        openSettings();
        const choice = named("prefixMaxGb");
        compare(choice.currentText, "8 GB");
        app.prefixes.maxGb = 2;
        tryCompare(choice, "currentText", "2 GB");
        tryVerify(() => app.prefixes.maxBytes <= 2e9);
    }
    // Nothing is read of it while nobody looks.
    function test_figures_areReadWhileSomebodyLooks(): void {
        openSettings();
        keyClick(Qt.Key_Escape);
        keySequence("Ctrl+1");
        tryCompare(app.prefixes, "isWatched", false);
    }
}

import QtQuick
import QtTest
import Sotto.App
import Sotto.Components
import Sotto.Theme

// The settings' card of what guesses ahead: chosen by mouse and keys, and kept.
ShellTestCase {
    id: root

    name: "Drafts"

    function openSettings(): void {
        keySequence("Ctrl+,");
        tryVerify(() => app.drafts.isShown);
    }
    function named(name: string, item: Item): Item {
        for (const child of Array.from((item ?? window.contentItem).children)) {
            const found = child.objectName === name ? child : named(name, child);
            if (found)
                return found;
        }
        return null;
    }
    function choice(row: int): Item {
        tryVerify(() => named("draft" + row) !== null);
        return named("draft" + row);
    }

    function test_offIsChosen_untilAnother(): void {
        openSettings();
        verify(app.drafts.count >= 2);
        verify(choice(0).checked);
        verify(!choice(1).checked);
        choice(1).forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Space);
        tryVerify(() => choice(1).checked && !choice(0).checked);
        // A second time it stays.
        keyClick(Qt.Key_Space);
        verify(choice(1).checked);
        choice(0).clicked();
        tryVerify(() => choice(0).checked && !choice(1).checked);
        verify(!app.drafts.isLoadNeeded);
        verify(!named("loadWithDraft").visible);
    }
    function test_nothingIsCompared_whereNobodyLooks(): void {
        openSettings();
        keySequence("Ctrl+1");
        tryVerify(() => !app.drafts.isShown);
    }
}

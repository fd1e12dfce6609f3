import QtQuick
import QtTest
import Sotto.App
import Sotto.Chat
import Sotto.Components

// Whatever was done with mouse or keys: when it is over, what is typed goes into the composer.
ShellTestCase {
    id: root

    name: "Focus"

    // Items that are seen, of the whole window and what lies over it.
    function seen(isWanted: var): var {
        return allItems(window.contentItem.parent, item => item.visible && isWanted(item), []);
    }
    function click(text: string): void {
        tryVerify(() => seen(item => item.text === text && item.clicked !== undefined).length > 0, 5000, text);
        const item = seen(item => item.text === text && item.clicked !== undefined)[0];
        waitForRendering(item);
        mouseClick(item);
    }
    function composerText(): Item {
        return allItems(find("composer"), item => item instanceof InputArea, [])[0];
    }
    function talk(): void {
        program.talk([
            {
                isUser: true,
                text: "Question"
            },
            {
                text: "Answer"
            }
        ]);
        tryVerify(() => seen(item => item instanceof MessageView).length === 1);
    }
    function beginFirstRun(): void {
        cleanup();
        begin({
            isFirstRun: true
        });
        tryVerify(() => findChild(window, "firstComposer") !== null);
    }
    function openPopup(isOpen: var): void {
        tryVerify(isOpen);
        keyClick(Qt.Key_Escape);
        tryVerify(() => !isOpen());
    }
    function isSeen(name: string): bool {
        return seen(item => item.objectName === name).length > 0;
    }
    function ask(): void {
        verify(app.chat.send("Question"));
        tryVerify(() => program.asked().length === 1);
    }

    readonly property var ways: ({
            "first send": () => {
                beginFirstRun();
                keyClick(Qt.Key_H);
                keyClick(Qt.Key_Return);
                tryCompare(app.settings, "isFirstRun", false);
            },
            "first run skipped": () => {
                beginFirstRun();
                find("skipFirstRun").clicked();
                tryCompare(app.settings, "isFirstRun", false);
            },
            "first suggestion": () => {
                beginFirstRun();
                click("Who are you?");
                tryCompare(app.settings, "isFirstRun", false);
            },
            "first suggestion by key": () => {
                beginFirstRun();
                const chip = seen(item => item.text === "Who are you?" && item.clicked !== undefined)[0];
                chip.forceActiveFocus(Qt.TabFocusReason);
                keyClick(Qt.Key_Return);
                tryCompare(app.settings, "isFirstRun", false);
            },
            "suggestion": () => click("Who are you?"),
            "suggestion by key": () => {
                const button = seen(item => item.text === "Who are you?" && item.clicked !== undefined)[0];
                button.forceActiveFocus(Qt.TabFocusReason);
                keyClick(Qt.Key_Space);
                tryCompare(app.chat, "isBusy", true);
            },
            "editor left by Esc": () => {
                talk();
                keyClick(Qt.Key_Up);
                tryVerify(() => seen(item => item instanceof MessageEditor).length === 1);
                keyClick(Qt.Key_Escape);
                tryVerify(() => seen(item => item instanceof MessageEditor).length === 0);
            },
            "editor sent": () => {
                talk();
                keyClick(Qt.Key_Up);
                tryVerify(() => seen(item => item instanceof MessageEditor).length === 1);
                keyClick(Qt.Key_A);
                keyClick(Qt.Key_Return, Qt.ControlModifier);
                tryVerify(() => seen(item => item instanceof MessageEditor).length === 0);
            },
            "editor cancelled by mouse": () => {
                talk();
                keyClick(Qt.Key_Up);
                click("Cancel");
            },
            "menu left": () => {
                talk();
                click("More");
                openPopup(() => seen(item => item.text === "Copy the conversation").length > 0);
            },
            "menu used": () => {
                talk();
                click("More");
                click("Copy the conversation");
            },
            "picker left": () => {
                keyClick(Qt.Key_L, Qt.ControlModifier);
                openPopup(() => seen(item => item.placeholderText === "Find a model").length > 0);
            },
            "sampling left": () => {
                find("samplingButton").clicked();
                openPopup(() => isSeen("layerPrompt"));
            },
            "search left": () => {
                keyClick(Qt.Key_K, Qt.ControlModifier);
                openPopup(() => isSeen("searchField"));
            },
            "search hit opened": () => {
                keyClick(Qt.Key_K, Qt.ControlModifier);
                find("searchField").text = "landlord, the heating";
                tryCompare(app.search, "count", 1);
                keyClick(Qt.Key_Return);
                tryCompare(app.chat, "chatId", ids["Letter to the landlord"]);
            },
            "list of keys left": () => {
                keyClick(Qt.Key_F1);
                openPopup(() => seen(item => item.text === "Keyboard shortcuts").length > 0);
            },
            "jobs left": () => {
                keyClick(Qt.Key_J, Qt.ControlModifier | Qt.ShiftModifier);
                openPopup(() => isSeen("jobList"));
            },
            "new folder not made": () => {
                keyClick(Qt.Key_N, Qt.ControlModifier | Qt.ShiftModifier);
                openPopup(() => isSeen("folderName"));
            },
            "find left": () => {
                talk();
                keyClick(Qt.Key_F, Qt.ControlModifier);
                tryVerify(() => seen(item => item instanceof FindBar).length === 1);
                keyClick(Qt.Key_Escape);
            },
            "chat chosen by mouse": () => {
                const row = rowAt(findChild(find("dockedList"), "chatList"), "Why the dough stays sticky");
                mouseClick(row);
                tryCompare(app.chat, "chatId", ids["Why the dough stays sticky"]);
            },
            "chat chosen by key": () => {
                focusList();
                keyClick(Qt.Key_Return);
                tryVerify(() => app.chat.chatId > 0);
            },
            "chat chosen in the list over the page": () => {
                window.width = 1000;
                keyClick(Qt.Key_B, Qt.ControlModifier);
                tryVerify(() => isSeen("listOverPage"));
                const list = findChild(findChild(window, "listOverPage"), "chatList");
                list.forceActiveFocus(Qt.TabFocusReason);
                keyClick(Qt.Key_Return);
                tryVerify(() => app.chat.chatId > 0);
            },
            "new chat": () => keyClick(Qt.Key_N, Qt.ControlModifier),
            "new chat by mouse": () => find("newChat").clicked(),
            "temporary chat": () => keyClick(Qt.Key_P, Qt.ControlModifier | Qt.ShiftModifier),
            "back from settings by key": () => {
                keyClick(Qt.Key_Comma, Qt.ControlModifier);
                tryVerify(() => isSeen("themeControl"));
                keyClick(Qt.Key_1, Qt.ControlModifier);
            },
            "back from settings by Esc": () => {
                keyClick(Qt.Key_Comma, Qt.ControlModifier);
                tryVerify(() => isSeen("themeControl"));
                keyClick(Qt.Key_Escape);
                tryCompare(window, "page", "chat");
            },
            "back from a field of the settings by Esc": () => {
                keyClick(Qt.Key_Comma, Qt.ControlModifier);
                tryVerify(() => isSeen("themeControl"));
                find("systemPrompt").area.forceActiveFocus();
                keyClick(Qt.Key_Escape);
                tryCompare(window, "page", "chat");
            },
            "list put away while it had the focus": () => {
                focusList();
                keyClick(Qt.Key_B, Qt.ControlModifier);
                tryCompare(find("dockedList"), "visible", false);
            },
            "undo in the toast": () => {
                focusList();
                keyClick(Qt.Key_Delete);
                tryCompare(find("toast"), "opacity", 1);
                composerText().forceActiveFocus();
                click("Undo");
            },
            "stopped by mouse": () => {
                ask();
                click("Stop");
                program.finish();
            },
            "answer read and clicked": () => {
                talk();
                const text = seen(item => item instanceof TextEdit && item.readOnly)[0];
                mouseClick(text, 4, 4);
            },
            "messages walked through": () => {
                talk();
                seen(item => item instanceof MessageView)[0].forceActiveFocus(Qt.TabFocusReason);
                keyClick(Qt.Key_Up);
            }
        })

    function test_typing_goesToTheComposer_data(): var {
        return Object.keys(ways).map(way => ({
                    tag: way
                }));
    }
    function test_typing_goesToTheComposer(row: var): void {
        if (!row.tag.includes("first"))
            composerText().forceActiveFocus();
        ways[row.tag]();
        wait(0);
        const before = app.chat.draft;
        keyClick(Qt.Key_Z);
        tryVerify(() => app.chat.draft === before + "z", 1000, "focus: " + window.activeFocusItem);
        compare(window.activeFocusItem, composerText());
        keyClick(Qt.Key_Y);
        compare(app.chat.draft, before + "zy");
    }
    // What fades out takes no keys any more: they go where the focus goes next.
    readonly property var fading: ({
            "picker": () => keyClick(Qt.Key_L, Qt.ControlModifier),
            "sampling": () => find("samplingButton").clicked(),
            "list of keys": () => keyClick(Qt.Key_F1),
            "jobs": () => keyClick(Qt.Key_J, Qt.ControlModifier | Qt.ShiftModifier),
            "new folder": () => keyClick(Qt.Key_N, Qt.ControlModifier | Qt.ShiftModifier)
        })
    // What lies over the page takes keys: it is open.
    function openOverPage(): void {
        tryVerify(() => window.overlay.visible);
        tryVerify(() => {
            for (let item = window.activeFocusItem; item !== null; item = item.parent)
                if (item.parent === window.overlay)
                    return item.opacity === 1;
            return false;
        });
    }

    function test_keyWhileSomethingFades_goesToTheComposer_data(): var {
        return Object.keys(fading).map(what => ({
                    tag: what
                }));
    }
    function test_keyWhileSomethingFades_goesToTheComposer(row: var): void {
        composerText().forceActiveFocus();
        fading[row.tag]();
        openOverPage();
        keyClick(Qt.Key_Escape);
        verify(window.overlay.visible); // it is still seen
        keyClick(Qt.Key_Z);
        compare(app.chat.draft, "z");
        tryVerify(() => !window.overlay.visible);
        keyClick(Qt.Key_Y);
        compare(app.chat.draft, "zy");
    }
    // And where that was not the composer, there.
    function test_keyWhileSomethingFades_goesBackToTheList(): void {
        const list = focusList();
        const before = list.currentIndex;
        keyClick(Qt.Key_F1);
        openOverPage();
        keyClick(Qt.Key_Escape);
        verify(window.overlay.visible);
        keyClick(Qt.Key_Down);
        verify(list.currentIndex > before);
    }
    Component {
        id: dialogComponent
        Dialog {
            property alias text: field.text
            property alias popup: over
            title: "A dialog"
            onOpened: field.forceActiveFocus()
            TextField {
                id: field
                Popup {
                    id: over
                    focus: true
                    contentItem: Item {
                        implicitWidth: 50
                        implicitHeight: 50
                    }
                }
            }
        }
    }
    function test_keyWhileAPopupOverADialogFades_goesToTheDialog(): void {
        const dialog = createTemporaryObject(dialogComponent, window.overlay);
        dialog.open();
        tryCompare(dialog, "opened", true);
        dialog.popup.open();
        tryCompare(dialog.popup, "opened", true);
        keyClick(Qt.Key_Escape);
        verify(dialog.popup.visible);
        keyClick(Qt.Key_Z);
        compare(dialog.text, "z");
        tryCompare(dialog.popup, "visible", false);
        verify(dialog.opened);
        keyClick(Qt.Key_Y);
        compare(dialog.text, "zy");
        keyClick(Qt.Key_Escape);
        keyClick(Qt.Key_X);
        compare(app.chat.draft, "x");
    }
    // Who reaches for a control by Tab is left there.
    function test_tab_isNotTakenBack(): void {
        composerText().forceActiveFocus();
        keyClick(Qt.Key_Tab);
        wait(20);
        verify(window.activeFocusItem !== composerText());
    }
}

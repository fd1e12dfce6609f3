import QtQuick
import Sotto.App
import Sotto.Shell
import Sotto.Tests

// The whole window, for sotto_gallery: show is chat, settings, list, firstRun, noChats,
// find, toast, bin (read only, a chat of it on screen), fullDisk or closing (with text that is not on the disk).
Item {
    id: root

    property string theme: "dark"
    property string language: "en"
    property string show: "chat"
    property Main window: null // what sotto_gallery draws

    function find(item: QtObject, name: string): QtObject {
        if (item.objectName === name && item.visible)
            return item;
        for (const child of Array.from(item.contentItem?.children ?? item.children ?? [])) {
            const found = find(child, name);
            if (found !== null)
                return found;
        }
        return null;
    }

    TestApp {
        id: program
        isFirstRun: root.show === "firstRun"

        function fill(): void {
            const household = addFolder("Household");
            addFolder("Work", true);
            for (const title of ["Four days in Bologna", "润色给房东的邮件", "Why the dough stays sticky"])
                addChat({
                    title: title
                });
            for (const title of ["Letter to the landlord", "Bank export by month"])
                addChat({
                    title: title,
                    folderId: household
                });
            addChat({
                title: "Tax letter, in plain words",
                isPinned: true
            });
            refresh();
            talk(longConversation(6));
        }
        function showBin(): void {
            const boat = addChat({
                title: "Names for the boat",
                folderId: facade.chats.folders[0].folderId
            }, [
                {
                    isUser: true,
                    text: "Twelve names for a small wooden sailing boat. Short, no puns, easy to say on the radio."
                },
                {
                    text: "Kept to two syllables and clear consonants, since the radio eats the rest:\n\nAlder, Bittern, Curlew, Dunlin, Ember, Fennel, Garnet, Harrier, Linnet, Merlin, Petrel, Tamar.\n\n**Curlew** and **Petrel** are common on the coast, so ask the harbour first.",
                    tokensPerSecond: 175,
                    ttftMs: 24,
                    tokenCount: 96
                }
            ]);
            const test = addChat({
                title: "Test, please ignore"
            });
            refresh();
            facade.chats.remove(test);
            facade.chats.remove(boat);
            settle();
            if (root.window.width >= 1120)
                root.find(root.window, "binEntry").clicked();
            facade.bin.open(boat);
            settle();
            root.find(root.window, "toast").hide();
        }
        function fillDisk(): void {
            facade.chat.send("Subtract refunds, and keep the three largest per month.");
            settle();
            failWrites();
            write("Two lines change. ".repeat(700));
            settle();
        }
        Component.onCompleted: {
            facade.settings.theme = root.theme === "light" ? SettingsController.Light : SettingsController.Dark;
            facade.settings.language = root.language;
            if (root.show !== "noChats" && root.show !== "firstRun")
                fill();
            root.window = windowComponent.createObject(root, {
                app: facade
            });
            if (root.show === "settings")
                root.window.page = root.window.pages.settings.name;
            if (root.show === "fullDisk" || root.show === "closing")
                fillDisk();
            later.start();
        }
    }
    Timer {
        id: later
        interval: 500 // the window has its size, and the answer's text is on screen by then
        onTriggered: {
            if (root.show === "bin")
                program.showBin();
            if (root.show === "list")
                root.window.commands.toggleList.triggered();
            if (root.show === "closing")
                root.window.close();
            if (root.show === "find")
                root.window.commands.find.triggered();
            if (root.show === "toast")
                program.facade.chats.remove(program.facade.chat.chatId);
        }
    }
    Component {
        id: windowComponent
        Main {
            visible: true
        }
    }
}

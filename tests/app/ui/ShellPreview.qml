import QtQuick
import Sotto.App
import Sotto.Shell
import Sotto.Tests

// The whole window, for sotto_gallery: show is chat, settings, list, firstRun or noChats.
Item {
    id: root

    property string theme: "dark"
    property string language: "en"
    property string show: "chat"
    property Main window: null // what sotto_gallery draws

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
            if (root.show === "list")
                root.window.commands.toggleList.triggered();
        }
    }
    Component {
        id: windowComponent
        Main {
            visible: true
        }
    }
}

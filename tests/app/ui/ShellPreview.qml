import QtQuick
import Sotto.App
import Sotto.Shell

// The whole window on stand-in data, for sotto_gallery; `show`: settings, list, firstRun, noChats.
Main {
    id: root

    property string theme: "dark"
    property string language: "en"
    property string show

    visible: true
    app: AppFacade {
        settings.theme: root.theme === "light" ? SettingsController.Light : SettingsController.Dark
        settings.language: root.language
        settings.isFirstRun: root.show === "firstRun"
        Component.onCompleted: if (root.show === "noChats")
            chats.clear()
    }
    Component.onCompleted: {
        if (show === "settings")
            page = pages.settings.name;
        if (show === "list")
            commands.toggleList.triggered();
    }
}

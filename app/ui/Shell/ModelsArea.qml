import QtQuick
import Sotto.Chat
import Sotto.Models

// The second page: models on this computer, on a hub, and on their way.
Page {
    id: root

    function focusPage(): void {
        page.focusSearch();
    }
    function showDownloads(): void {
        page.showDownloads();
    }

    objectName: "modelsArea"
    // Before something is searched here.
    Component.onCompleted: app.network.needToken()

    ModelsPage {
        id: page
        anchors.fill: parent
        focus: true
        app: root.app
        onAddFileRequested: dialogs.openFile()
        onSettingsRequested: root.commands.pages.settings.triggered()
    }
    ModelDialogs {
        id: dialogs
        models: root.app.models
    }
}

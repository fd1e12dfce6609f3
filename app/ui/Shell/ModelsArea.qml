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
    function chooseParameters(path: string): void {
        loadDialog.openFor(path);
    }

    objectName: "modelsArea"
    // Before something is searched here.
    Component.onCompleted: app.network.needToken()

    ModelsPage {
        id: page
        anchors.fill: parent
        focus: true
        app: root.app
        // Pages do not know each other: a card is drawn as the chat draws an answer.
        // The linter takes what is a component here for bound.
        // qmllint disable unqualified
        cardText: MessageBlocks {
            blocks: root.app.hub.card.blocks
            onLinkOpened: link => page.askForLink(link)
            onCopyRequested: text => root.app.chat.copyText(text)
        }
        // qmllint enable unqualified
        onAddFileRequested: dialogs.openFile()
        onSettingsRequested: root.commands.pages.settings.triggered()
        onParametersRequested: path => root.chooseParameters(path)
        onCompareRequested: (path, other) => {
            root.app.compare.beginWithPair(path, other);
            root.commands.pages.compare.triggered();
        }
    }
    LoadDialog {
        id: loadDialog
        app: root.app
    }
    ModelDialogs {
        id: dialogs
        models: root.app.models
    }
}

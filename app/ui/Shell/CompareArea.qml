import Sotto.Compare

// The third page: two or three models side by side.
Page {
    id: root

    function focusPage(): void {
        page.focusPrompt();
    }

    objectName: "compareArea"

    ComparePage {
        id: page
        anchors.fill: parent
        focus: true
        app: root.app
        onModelsRequested: root.commands.pages.models.triggered()
    }
}

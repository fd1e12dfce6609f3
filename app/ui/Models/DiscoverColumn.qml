pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components

// What a hub has: a search as one types, its conditions, and the models found, whose files open below them.
// Arrows go through the models, Enter opens one, Esc empties the search.
FocusScope {
    id: root

    required property AppFacade app

    readonly property HubSearchModel search: app.hub.search

    signal settingsRequested

    function focusSearch(): void {
        field.forceActiveFocus(Qt.OtherFocusReason);
    }

    Accessible.role: Accessible.Pane
    Accessible.name: qsTr("Discover")

    SearchField {
        id: field
        objectName: "hubField"
        x: 20
        y: 12
        width: parent.width - 40
        enabled: root.app.hub.isThere
        focus: true
        name: qsTr("Search %1").arg(root.app.hub.host)
        placeholderText: name
        text: root.search.text
        onTextEdited: root.search.text = text
        onTextChanged: if (text.length === 0)
            root.search.text = ""
        Keys.onReturnPressed: root.search.search()
        Keys.onEnterPressed: root.search.search()
        Keys.onDownPressed: list.forceActiveFocus(Qt.TabFocusReason)
    }
    Spinner {
        anchors.verticalCenter: field.verticalCenter
        x: field.x + field.width - 60
        visible: list.visible && root.search.state === HubSearchModel.Searching
    }
    SearchFilters {
        id: filters
        x: 20
        y: field.y + field.height + 10
        width: parent.width - 40
        enabled: root.app.hub.isThere
        knowsRoom: root.app.models.largestFile > 0
        search: root.search
    }
    Divider {
        y: list.y - 1
        width: parent.width
    }
    ListView {
        id: list
        objectName: "hubList"
        y: filters.y + filters.height + 13
        width: parent.width
        height: parent.height - y - (foot.visible ? foot.height : 0)
        visible: root.search.count > 0
        activeFocusOnTab: true
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        highlightMoveDuration: 0
        model: root.search
        Accessible.role: Accessible.List
        Accessible.name: qsTr("Models found")
        Keys.onReturnPressed: root.search.toggle(currentIndex)
        Keys.onEnterPressed: root.search.toggle(currentIndex)
        Keys.onEscapePressed: root.focusSearch()
        Keys.onUpPressed: if (currentIndex > 0)
            decrementCurrentIndex()
        else
            root.focusSearch()
        T.ScrollBar.vertical: ScrollBar {
        }

        delegate: ResultRow {
            required property int index
            width: ListView.view.width
            models: root.app.models
            hasRing: ListView.isCurrentItem && ListView.view.activeFocus
            onToggled: {
                ListView.view.currentIndex = index;
                root.search.toggle(index);
            }
        }
    }
    SearchFoot {
        id: foot
        y: parent.height - height
        width: parent.width
        visible: list.visible && hasWords
        search: root.search
    }
    SearchState {
        objectName: "hubState"
        anchors.centerIn: list
        width: Math.min(parent.width - 48, 420)
        hub: root.app.hub
        hubProblem: root.app.network.problem
        visible: !list.visible
        onSettingsRequested: root.settingsRequested()
    }
}

import QtQuick
import Sotto.App
import Sotto.Components
import Sotto.Theme

// What stands where models would: nothing was asked yet, it is being asked, nothing was found, or why not.
Item {
    id: root

    required property HubController hub
    // Why there is none; may be empty.
    required property string hubProblem

    readonly property HubSearchModel search: hub.search

    signal settingsRequested

    implicitHeight: idle.implicitHeight

    EmptyState {
        id: idle
        width: parent.width
        visible: root.hub.isThere && root.search.state === HubSearchModel.Idle
        iconName: "search"
        title: qsTr("Find a model on %1").arg(root.hub.host)
        text: root.hub.isOffline ? qsTr("Sotto is set to offline. Allow connections in Settings → Privacy to search.") : qsTr("No search is sent before you type or ask for the list.")
        Button {
            objectName: "showMost"
            visible: !root.hub.isOffline
            text: qsTr("Show the most downloaded")
            onClicked: root.search.search()
        }
        Button {
            visible: root.hub.isOffline
            text: qsTr("Open Settings")
            onClicked: root.settingsRequested()
        }
    }
    Column {
        anchors.horizontalCenter: parent.horizontalCenter
        visible: root.search.state === HubSearchModel.Searching
        spacing: 12
        Spinner {
            anchors.horizontalCenter: parent.horizontalCenter
            size: 20
        }
        Label {
            text: qsTr("Searching %1").arg(root.hub.host)
        }
    }
    EmptyState {
        objectName: "nothingFound"
        width: parent.width
        visible: root.search.state === HubSearchModel.NothingFound
        iconName: "search"
        title: root.search.hasMore ? qsTr("None among the first %1 models").arg(Theme.format.count(root.search.seenCount)) : root.search.text.length > 0 ? qsTr("Nothing found for “%1”").arg(root.search.text) : qsTr("Nothing found")
        text: qsTr("Try fewer words or fewer conditions.")
        Button {
            objectName: "lookFurther"
            visible: root.search.hasMore
            text: qsTr("Look further")
            onClicked: root.search.lookFurther()
        }
        Button {
            text: qsTr("Clear")
            onClicked: root.search.clear()
        }
    }
    EmptyState {
        objectName: "searchFailed"
        width: parent.width
        visible: root.search.state === HubSearchModel.Failed
        iconName: root.search.isOfflineProblem ? "globe" : "triangle-alert"
        title: root.search.problemTitle
        text: root.search.problem
        Button {
            visible: root.search.isOfflineProblem
            text: qsTr("Open Settings")
            onClicked: root.settingsRequested()
        }
        Button {
            text: qsTr("Try again")
            onClicked: root.search.search()
        }
    }
    EmptyState {
        width: parent.width
        visible: !root.hub.isThere
        iconName: "unplug"
        title: qsTr("No way to a network")
        text: root.hubProblem.length > 0 ? root.hubProblem : qsTr("The network could not be started, so nothing can be searched or downloaded. Start Sotto again; files of your own can be added at any time.")
    }
}

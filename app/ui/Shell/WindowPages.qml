import QtQml
import Sotto.App

// The table of the window's pages. A further one is an entry here and nothing else: rail, keys, command
// search, list of keys and the window follow the table. A page that is not built is not in it.
QtObject {
    id: root

    required property AppFacade app

    readonly property PageEntry chat: PageEntry {
        name: "chat"
        text: qsTr("Chat")
        iconName: "message-square"
        keys: "Ctrl+1"
        source: Qt.resolvedUrl("ChatArea.qml")
        isKept: true
        isLive: root.app.chat.isBusy
    }
    readonly property PageEntry models: PageEntry {
        name: "models"
        text: qsTr("Models")
        iconName: "boxes"
        keys: "Ctrl+2"
        source: Qt.resolvedUrl("ModelsArea.qml")
    }
    readonly property PageEntry compare: PageEntry {
        name: "compare"
        text: qsTr("Compare")
        iconName: "columns-3"
        keys: "Ctrl+3"
        source: Qt.resolvedUrl("CompareArea.qml")
        isLive: root.app.compare.isRunning
    }
    readonly property PageEntry settings: PageEntry {
        name: "settings"
        text: qsTr("Settings")
        iconName: "settings"
        keys: "Ctrl+,"
        source: Qt.resolvedUrl("SettingsPage.qml")
        isAtEnd: true
    }

    // In the order of the rail, fixed while the window lives; the first is shown at the start.
    property list<PageEntry> all: [chat, models, compare, settings]
}

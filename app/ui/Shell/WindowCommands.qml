pragma ComponentBehavior: Bound
import QtQuick
import Sotto.App

// Everything that has a key, in the order of the list of keys (UI.md section 6). The window connects what
// it does itself; the rest goes to the controllers here.
QtObject {
    id: root

    required property AppFacade app
    required property WindowPages pages
    property bool isChatPage: true
    readonly property string chats: qsTr("Chats")
    readonly property string conversation: qsTr("This chat")
    readonly property string view: qsTr("View")

    readonly property AppCommand newChat: AppCommand {
        group: root.chats
        text: qsTr("New chat")
        iconName: "square-pen"
        keys: "Ctrl+N"
    }
    readonly property AppCommand newTemporaryChat: AppCommand {
        group: root.chats
        text: qsTr("Temporary chat, not saved")
        iconName: "message-circle-dashed"
        keys: "Ctrl+Shift+P"
    }
    readonly property AppCommand newFolder: AppCommand {
        group: root.chats
        text: qsTr("New folder")
        iconName: "folder"
        keys: "Ctrl+Shift+N"
    }
    readonly property AppCommand search: AppCommand {
        group: root.chats
        text: qsTr("Search and commands")
        iconName: "search"
        keys: "Ctrl+K"
        isListed: false
    }
    readonly property AppCommand searchChats: AppCommand {
        group: root.chats
        text: qsTr("Search all chats")
        iconName: "search"
        keys: "Ctrl+Shift+F"
    }
    readonly property AppCommand chooseModel: AppCommand {
        group: root.conversation
        text: qsTr("Choose or load a model")
        iconName: "boxes"
        keys: "Ctrl+L"
    }
    readonly property AppCommand find: AppCommand {
        group: root.conversation
        text: qsTr("Find in this chat")
        iconName: "search"
        keys: "Ctrl+F"
        enabled: root.isChatPage
    }
    readonly property AppCommand focusComposer: AppCommand {
        group: root.conversation
        text: qsTr("Go to the composer")
        iconName: "pencil"
        keys: "Ctrl+I"
    }
    readonly property AppCommand regenerate: AppCommand {
        group: root.conversation
        text: qsTr("Write the answer again")
        iconName: "refresh-cw"
        keys: "Ctrl+R"
        enabled: root.isChatPage && root.app.chat.canRegenerate
        onTriggered: root.app.chat.regenerate()
    }
    readonly property AppCommand continueAnswer: AppCommand {
        group: root.conversation
        text: qsTr("Continue the answer")
        iconName: "play"
        keys: "Alt+Return"
        enabled: root.isChatPage && root.app.chat.canContinue
        onTriggered: root.app.chat.continueAnswer()
    }
    readonly property AppCommand copyLastAnswer: AppCommand {
        group: root.conversation
        text: qsTr("Copy the last answer")
        iconName: "copy"
        keys: "Ctrl+Shift+C"
        enabled: root.isChatPage && root.app.chat.messages.count > 0
        onTriggered: root.app.chat.copyLastAnswer()
    }
    readonly property AppCommand previousVersion: AppCommand {
        group: root.conversation
        text: qsTr("Previous version of the answer")
        iconName: "chevron-left"
        keys: "Alt+Left"
        isListed: false
        enabled: root.isChatPage && root.app.chat.canChange && root.app.chat.messages.count > 0
        onTriggered: root.app.chat.showVersion(root.app.chat.messages.count - 1, -1)
    }
    readonly property AppCommand nextVersion: AppCommand {
        group: root.conversation
        text: qsTr("Next version of the answer")
        iconName: "chevron-right"
        keys: "Alt+Right"
        isListed: false
        enabled: root.isChatPage && root.app.chat.canChange && root.app.chat.messages.count > 0
        onTriggered: root.app.chat.showVersion(root.app.chat.messages.count - 1, 1)
    }
    readonly property AppCommand toggleList: AppCommand {
        group: root.view
        text: qsTr("Chat list")
        iconName: "panel-left"
        keys: "Ctrl+B"
    }
    readonly property AppCommand toggleLive: AppCommand {
        group: root.view
        text: qsTr("Live panel")
        iconName: "gauge"
        keys: "Ctrl+J"
    }
    readonly property AppCommand jobs: AppCommand {
        group: root.view
        text: qsTr("Jobs")
        iconName: "layers"
        keys: "Ctrl+Shift+J"
    }
    readonly property AppCommand largerText: AppCommand {
        group: root.view
        text: qsTr("Larger text")
        iconName: "plus"
        keys: "Ctrl++"
        onTriggered: root.app.settings.textSize = root.app.settings.textSize + 1
    }
    readonly property AppCommand smallerText: AppCommand {
        group: root.view
        text: qsTr("Smaller text")
        keys: "Ctrl+-"
        onTriggered: root.app.settings.textSize = root.app.settings.textSize - 1
    }
    readonly property AppCommand normalText: AppCommand {
        group: root.view
        text: qsTr("Normal text size")
        keys: "Ctrl+0"
        onTriggered: root.app.settings.textSize = 15
    }
    readonly property AppCommand shortcuts: AppCommand {
        group: root.view
        text: qsTr("All shortcuts")
        iconName: "keyboard"
        keys: "F1"
    }

    readonly property list<AppCommand> own: [newChat, newTemporaryChat, newFolder, search, searchChats, chooseModel, find, focusComposer, regenerate, continueAnswer, copyLastAnswer, previousVersion, nextVersion, toggleList, toggleLive, jobs, largerText, smallerText, normalText, shortcuts]
    readonly property list<AppCommand> all: Array.from(own).concat(Array.from(pages.all))

    // Keys that belong to one control and work while it has the focus.
    readonly property var localKeys: [{
            "group": root.chats,
            "text": qsTr("Rename"),
            "keys": "F2"
        }, {
            "group": root.chats,
            "text": qsTr("Move to the bin"),
            "keys": "Del"
        }, {
            "group": root.chats,
            "text": qsTr("Take back, in the list"),
            "keys": "Ctrl+Z"
        }, {
            "group": root.chats,
            "text": qsTr("Delete for good, in the bin"),
            "keys": "Shift+Del"
        }, {
            "group": root.chats,
            "text": qsTr("Menu of the focused row"),
            "keys": qsTr("Menu")
        }, {
            "group": root.view,
            "text": qsTr("Job earlier / later"),
            "keys": "Alt+↑ / Alt+↓"
        }, {
            "group": root.conversation,
            "text": qsTr("Stop, then close, then clear the selection"),
            "keys": "Esc"
        }, {
            "group": root.conversation,
            "text": root.app.settings.enterSends ? qsTr("Send") : qsTr("New line"),
            "keys": "Enter"
        }, {
            "group": root.conversation,
            "text": root.app.settings.enterSends ? qsTr("New line") : qsTr("Send"),
            "keys": "Shift+Enter"
        }, {
            "group": root.conversation,
            "text": qsTr("Edit the last message, in an empty composer"),
            "keys": "↑"
        }]

    function groups(): var {
        const titles = Array.of(chats, conversation, view);
        return titles.map(title => ({
                        "title": title,
                        "rows": Array.from(all).filter(command => command.isThere && (command.group.length > 0 ? command.group : view) === title).map(command => ({
                                        "text": command.text,
                                        "keys": command.keys.replace("Left", "←").replace("Right", "→").replace("Return", "Enter")
                                    })).concat(localKeys.filter(entry => entry.group === title))
                    }));
    }
}

pragma ComponentBehavior: Bound
import QtQml
import Sotto.App

// Everything that has a key, in the order of the list of keys (UI.md section 6). The window connects what
// it does itself; the rest goes to the controllers here.
QtObject {
    id: root

    required property AppFacade app
    required property WindowPages pages
    property bool isChatPage: true

    readonly property AppCommand newChat: AppCommand {
        group: AppCommand.Chats
        text: qsTr("New chat")
        iconName: "square-pen"
        keys: "Ctrl+N"
    }
    readonly property AppCommand newTemporaryChat: AppCommand {
        group: AppCommand.Chats
        text: qsTr("Temporary chat, not saved")
        iconName: "message-circle-dashed"
        keys: "Ctrl+Shift+P"
    }
    readonly property AppCommand newFolder: AppCommand {
        group: AppCommand.Chats
        text: qsTr("New folder")
        iconName: "folder"
        keys: "Ctrl+Shift+N"
    }
    readonly property AppCommand search: AppCommand {
        group: AppCommand.Chats
        text: qsTr("Search and commands")
        iconName: "search"
        keys: "Ctrl+K"
        isListed: false
    }
    readonly property AppCommand searchChats: AppCommand {
        group: AppCommand.Chats
        text: qsTr("Search all chats")
        iconName: "search"
        keys: "Ctrl+Shift+F"
    }
    readonly property AppCommand chooseModel: AppCommand {
        group: AppCommand.Conversation
        text: qsTr("Choose or load a model")
        iconName: "boxes"
        keys: "Ctrl+L"
    }
    readonly property AppCommand find: AppCommand {
        group: AppCommand.Conversation
        text: qsTr("Find in this chat")
        iconName: "search"
        keys: "Ctrl+F"
        enabled: root.isChatPage
    }
    readonly property AppCommand focusComposer: AppCommand {
        group: AppCommand.Conversation
        text: qsTr("Go to the composer")
        iconName: "pencil"
        keys: "Ctrl+I"
    }
    readonly property AppCommand regenerate: AppCommand {
        group: AppCommand.Conversation
        text: qsTr("Write the answer again")
        iconName: "refresh-cw"
        keys: "Ctrl+R"
        enabled: root.isChatPage && root.app.chat.canRegenerate
        onTriggered: root.app.chat.regenerate()
    }
    readonly property AppCommand continueAnswer: AppCommand {
        group: AppCommand.Conversation
        text: qsTr("Continue the answer")
        iconName: "play"
        keys: "Alt+Return"
        enabled: root.isChatPage && root.app.chat.canContinue
        onTriggered: root.app.chat.continueAnswer()
    }
    readonly property AppCommand copyLastAnswer: AppCommand {
        group: AppCommand.Conversation
        text: qsTr("Copy the last answer")
        iconName: "copy"
        keys: "Ctrl+Shift+C"
        enabled: root.isChatPage && root.app.chat.messages.count > 0
        onTriggered: root.app.chat.copyLastAnswer()
    }
    readonly property AppCommand compareModels: AppCommand {
        group: AppCommand.Conversation
        text: qsTr("Compare with another model")
        iconName: "columns-3"
        keys: "Ctrl+\\"
        enabled: root.isChatPage
        onTriggered: {
            root.app.compare.beginWithQuestion(root.app.chat.lastQuestion(), root.app.models.path, root.app.chat.isTemporary);
            root.pages.compare.triggered();
        }
    }
    readonly property AppCommand previousVersion: AppCommand {
        group: AppCommand.Conversation
        text: qsTr("Previous version of the answer")
        iconName: "chevron-left"
        keys: "Alt+Left"
        isListed: false
        enabled: root.isChatPage && root.app.chat.messages.count > 0
        onTriggered: root.app.chat.showVersion(root.app.chat.messages.count - 1, -1)
    }
    readonly property AppCommand nextVersion: AppCommand {
        group: AppCommand.Conversation
        text: qsTr("Next version of the answer")
        iconName: "chevron-right"
        keys: "Alt+Right"
        isListed: false
        enabled: root.isChatPage && root.app.chat.messages.count > 0
        onTriggered: root.app.chat.showVersion(root.app.chat.messages.count - 1, 1)
    }
    readonly property AppCommand toggleList: AppCommand {
        group: AppCommand.View
        text: qsTr("Chat list")
        iconName: "panel-left"
        keys: "Ctrl+B"
    }
    readonly property AppCommand toggleLive: AppCommand {
        group: AppCommand.View
        text: qsTr("Live panel")
        iconName: "gauge"
        keys: "Ctrl+J"
    }
    readonly property AppCommand inspector: AppCommand {
        group: AppCommand.Conversation
        text: qsTr("Context inspector")
        iconName: "layers"
        keys: "Ctrl+Shift+I"
        enabled: root.isChatPage
    }
    readonly property AppCommand jobs: AppCommand {
        group: AppCommand.View
        text: qsTr("Jobs")
        iconName: "layers"
        keys: "Ctrl+Shift+J"
    }
    readonly property AppCommand largerText: AppCommand {
        group: AppCommand.View
        text: qsTr("Larger text")
        iconName: "plus"
        keys: "Ctrl++"
        onTriggered: root.app.settings.textSize = root.app.settings.textSize + 1
    }
    readonly property AppCommand smallerText: AppCommand {
        group: AppCommand.View
        text: qsTr("Smaller text")
        keys: "Ctrl+-"
        onTriggered: root.app.settings.textSize = root.app.settings.textSize - 1
    }
    readonly property AppCommand normalText: AppCommand {
        group: AppCommand.View
        text: qsTr("Normal text size")
        keys: "Ctrl+0"
        onTriggered: root.app.settings.textSize = 15
    }
    readonly property AppCommand shortcuts: AppCommand {
        group: AppCommand.View
        text: qsTr("All shortcuts")
        iconName: "keyboard"
        keys: "F1"
    }

    readonly property list<AppCommand> own: [newChat, newTemporaryChat, newFolder, search, searchChats, chooseModel, find, focusComposer, regenerate, continueAnswer, copyLastAnswer, compareModels, previousVersion, nextVersion, toggleList, toggleLive, inspector, jobs, largerText, smallerText, normalText, shortcuts]
    readonly property var all: Array.from(own).concat(Array.from(pages.all))

    // Keys that belong to one control and work while it has the focus.
    readonly property list<AppCommand> local: [
        AppCommand {
            group: AppCommand.Chats
            text: qsTr("Rename")
            keys: "F2"
        },
        AppCommand {
            group: AppCommand.Chats
            text: qsTr("Move to the bin")
            keys: "Del"
        },
        AppCommand {
            group: AppCommand.Chats
            text: qsTr("Take back, in the list")
            keys: "Ctrl+Z"
        },
        AppCommand {
            group: AppCommand.Chats
            text: qsTr("Delete for good, in the bin")
            keys: "Shift+Del"
        },
        AppCommand {
            group: AppCommand.Chats
            text: qsTr("Menu of the focused row")
            keys: qsTr("Menu")
        },
        AppCommand {
            group: AppCommand.View
            text: qsTr("Job earlier / later")
            keys: "Alt+↑ / Alt+↓"
        },
        AppCommand {
            group: AppCommand.Conversation
            text: qsTr("Stop, then close, then clear the selection")
            keys: "Esc"
        },
        AppCommand {
            group: AppCommand.Conversation
            text: root.app.settings.enterSends ? qsTr("Send") : qsTr("New line")
            keys: "Enter"
        },
        AppCommand {
            group: AppCommand.Conversation
            text: root.app.settings.enterSends ? qsTr("New line") : qsTr("Send")
            keys: "Shift+Enter"
        },
        AppCommand {
            group: AppCommand.Conversation
            text: qsTr("Edit the last message, in an empty composer")
            keys: "↑"
        },
        AppCommand {
            group: AppCommand.Conversation
            text: qsTr("Remove the focused message")
            keys: "Del"
        },
        AppCommand {
            group: AppCommand.Conversation
            text: qsTr("Take back, in the conversation")
            keys: "Ctrl+Z"
        }
    ]
    readonly property CommandList list: CommandList {
        commands: root.all
        localCommands: Array.from(root.local)
    }
}

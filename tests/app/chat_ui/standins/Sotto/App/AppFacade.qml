import QtQuick
import Sotto.App

QtObject {
    id: root
    readonly property Conversation conversation: Conversation {}
    readonly property ModelShelf shelf: ModelShelf {}
    readonly property Sampling samplingLayers: Sampling {}

    property ChatListModel chats: ChatListModel {}
    property ChatController chat: ChatController {
        messages: root.conversation.model
        sampling: root.samplingLayers.chat
    }
    property ModelController models: ModelController {
        list: root.shelf.model
    }
    property LiveStats live: LiveStats {}
    property SettingsController settings: SettingsController {
        sampling: root.samplingLayers.app
    }
    property double bytesSent: 0
    property HealthController health: HealthController {}
    property string version: "0.1.0"
    property string dataFolder: "/tmp"
}

import QtQuick

// A stand-in for the C++ root object: the tests of the window's interface run without engine and storage.
// The names follow the headers in app/; tst_shell fails when the window uses one that is missing here.
QtObject {
    property ChatListModel chats: ChatListModel {}
    property ChatController chat: ChatController {}
    property SearchModel search: SearchModel {}
    property ModelController models: ModelController {}
    property LiveStats live: LiveStats {}
    property SettingsController settings: SettingsController {}
    property double bytesSent: 0
    property HealthController health: HealthController {}
    property string version: "0.1.0"
    property string dataFolder: "/home/ada/.local/share/sotto"
}

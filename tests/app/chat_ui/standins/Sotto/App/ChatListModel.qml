import QtQuick

QtObject {
    property double currentChatId: 1
    property int nNewChats: 0
    function newChat(): void {
        ++nNewChats;
    }
}

import QtQuick

ListModel {
    enum MessageState {
        Waiting,
        Reading,
        Thinking,
        Writing,
        Done,
        Stopped,
        Failed
    }
}

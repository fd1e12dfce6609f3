import QtQuick
import Sotto.App
import Sotto.Components
import Sotto.Theme

// Asks before anything goes for good, and names it.
Dialog {
    id: root

    required property BinModel bin
    property double chatId: 0 // 0: the whole bin
    readonly property bool isOfAll: chatId === 0

    function askFor(id: double): void {
        chatId = id;
        open();
        // Enter must not delete by accident.
        keep.forceActiveFocus(Qt.TabFocusReason);
    }

    title: {
        if (isOfAll)
            return qsTr("Empty the bin?");
        const name = bin.titleOf(chatId);
        return qsTr("Delete “%1” for good?").arg(name.length > 0 ? name : qsTr("New chat"));
    }

    Label {
        width: parent ? parent.width : 0
        color: Theme.t2
        wrapMode: Text.Wrap
        text: root.isOfAll ? qsTr("%n chat(s) go for good, with all their messages. They cannot be brought back.", "", root.bin.count) : qsTr("It goes with all its messages and cannot be brought back.")
    }
    buttons: [
        Button {
            id: keep
            text: qsTr("Keep")
            onClicked: root.reject()
        },
        Button {
            objectName: "deleteForGood"
            kind: Button.Danger
            text: root.isOfAll ? qsTr("Empty the bin, %1").arg(Theme.format.fileSize(root.bin.bytes)) : qsTr("Delete for good")
            onClicked: root.accept()
        }
    ]
    onAccepted: {
        if (isOfAll)
            bin.empty();
        else
            bin.removeForGood(chatId);
    }
}

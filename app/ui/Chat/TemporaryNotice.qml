import QtQuick
import Sotto.Components
import Sotto.Theme

// Says above the composer that this chat is not kept.
Row {
    spacing: 6
    Accessible.role: Accessible.StaticText
    Accessible.name: label.text

    Icon {
        anchors.verticalCenter: parent.verticalCenter
        name: "message-circle-dashed"
        size: 13
        color: Theme.warn
    }
    Label {
        id: label
        anchors.verticalCenter: parent.verticalCenter
        role: Theme.caption
        color: Theme.t3
        text: qsTr("Temporary chat. It is kept in memory only.")
    }
}

import QtQuick
import Sotto.Components
import Sotto.Theme

// Why chats cannot be kept on the disk now; stays until they can.
Rectangle {
    id: root

    property string text

    visible: text.length > 0
    height: text.length > 0 ? label.implicitHeight + 20 : 0
    color: Theme.warnDim
    Accessible.role: Accessible.AlertMessage
    Accessible.name: text

    Icon {
        x: 24
        anchors.verticalCenter: parent.verticalCenter
        name: "triangle-alert"
        color: Theme.warn
    }
    Label {
        id: label
        x: 54
        y: 10
        width: parent.width - x - 24
        wrapMode: Text.Wrap
        text: root.text
    }
}

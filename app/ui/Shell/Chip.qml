import QtQuick
import QtQuick.Templates as T
import Sotto.Components
import Sotto.Theme

// A suggestion that can be sent with one click.
T.AbstractButton {
    id: root

    implicitHeight: 32
    implicitWidth: label.implicitWidth + 28
    focusPolicy: Qt.TabFocus
    hoverEnabled: true
    Accessible.name: text
    Accessible.role: Accessible.Button
    Keys.onReturnPressed: root.clicked()

    contentItem: Item {
        Label {
            id: label
            anchors.centerIn: parent
            color: root.enabled ? Theme.t2 : Theme.t4
            text: root.text
        }
    }
    background: Rectangle {
        radius: 16
        color: root.down ? Theme.bg5 : root.hovered ? Theme.bg4 : "transparent"
        border.color: Theme.line
        FocusRing {
            cornerRadius: 16
            visible: root.visualFocus
        }
    }
}

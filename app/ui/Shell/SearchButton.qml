import QtQuick
import QtQuick.Templates as T
import Sotto.Components
import Sotto.Theme

// Looks like a search field and opens the search over all chats.
T.AbstractButton {
    id: root

    text: qsTr("Search all chats")
    implicitHeight: 32
    focusPolicy: Qt.TabFocus
    hoverEnabled: true
    Accessible.name: text
    Accessible.role: Accessible.Button
    Keys.onReturnPressed: root.clicked()

    contentItem: Item {
        Icon {
            x: 10
            anchors.verticalCenter: parent.verticalCenter
            name: "search"
            size: 15
        }
        Label {
            x: 33
            width: parent.width - x - keys.width - 18
            anchors.verticalCenter: parent.verticalCenter
            color: Theme.t3
            elide: Text.ElideRight
            text: root.text
        }
        Label {
            id: keys
            anchors.right: parent.right
            anchors.rightMargin: 10
            anchors.verticalCenter: parent.verticalCenter
            role: Theme.micro
            color: Theme.t3
            text: "Ctrl K"
        }
    }
    background: Rectangle {
        radius: Theme.radiusControl
        color: Theme.bg3
        border.color: root.hovered ? Theme.line2 : Theme.line
        FocusRing {
            visible: root.visualFocus
        }
    }
}

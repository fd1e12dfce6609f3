import QtQuick
import QtQuick.Templates as T
import Sotto.Components
import Sotto.Theme

// The way into the bin, at the foot of the chat list.
T.Button {
    id: root

    property int count: 0

    implicitHeight: 32
    leftPadding: 8
    rightPadding: 8
    focusPolicy: Qt.TabFocus
    hoverEnabled: true
    text: qsTr("Bin")
    Accessible.role: Accessible.Button
    Accessible.name: qsTr("Bin, %n chat(s)", "", count)
    Keys.onReturnPressed: root.clicked()
    Keys.onEnterPressed: root.clicked()

    contentItem: Item {
        Icon {
            anchors.verticalCenter: parent.verticalCenter
            name: "trash-2"
            size: 15
        }
        Label {
            x: 24
            anchors.verticalCenter: parent.verticalCenter
            color: root.hovered ? Theme.t1 : Theme.t2
            text: root.text
        }
        Label {
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            visible: root.count > 0
            role: Theme.caption
            color: Theme.t3
            text: Theme.format.count(root.count)
        }
    }
    background: Rectangle {
        radius: Theme.radiusControl
        color: root.down ? Theme.bg4 : root.hovered ? Theme.bg3 : "transparent"
        FocusRing {
            isInside: true
            visible: root.visualFocus
        }
    }
}

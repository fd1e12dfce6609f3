import QtQuick
import QtQuick.Templates as T
import Sotto.Components
import Sotto.Theme

// "Jump to latest", over the conversation while the reader is somewhere above.
T.Button {
    id: root

    implicitWidth: row.implicitWidth + 26
    implicitHeight: 32
    hoverEnabled: true
    focusPolicy: Qt.TabFocus
    text: qsTr("Jump to latest")
    Accessible.role: Accessible.Button
    Accessible.name: text
    Keys.onReturnPressed: root.clicked()

    contentItem: Item {
        Row {
            id: row
            anchors.centerIn: parent
            spacing: 6
            Icon {
                anchors.verticalCenter: parent.verticalCenter
                name: "chevron-down"
                size: 15
                color: Theme.t2
            }
            Label {
                role: Theme.label
                text: root.text
            }
        }
    }
    background: Rectangle {
        radius: 16
        color: root.down ? Theme.bg5 : root.hovered ? Theme.bg4 : Theme.bg3
        border.color: Theme.line2
        FocusRing {
            cornerRadius: 16
            visible: root.visualFocus
        }
    }
}

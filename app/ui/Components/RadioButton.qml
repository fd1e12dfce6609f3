import QtQuick
import QtQuick.Templates as T
import Sotto.Theme

// One of several, 16 px, with its text at the right.
T.RadioButton {
    id: root

    implicitHeight: 28
    implicitWidth: text.length > 0 ? 16 + 10 + label.implicitWidth : 28
    focusPolicy: Qt.TabFocus
    hoverEnabled: true
    Accessible.name: text
    Accessible.role: Accessible.RadioButton
    Accessible.checked: checked

    indicator: Rectangle {
        x: root.text.length > 0 ? 0 : 6
        y: Math.round((root.height - height) / 2)
        width: 16
        height: 16
        radius: 8
        color: "transparent"
        border.width: 1.5
        border.color: !root.enabled ? Theme.t4 : root.checked ? Theme.measured : root.hovered ? Theme.t1 : Theme.t3
        Rectangle {
            anchors.centerIn: parent
            width: 8
            height: 8
            radius: 4
            visible: root.checked
            color: root.enabled ? Theme.measured : Theme.t4
        }
        FocusRing {
            cornerRadius: 8
            visible: root.visualFocus
        }
    }

    contentItem: Item {
        Label {
            id: label
            x: 26
            anchors.verticalCenter: parent.verticalCenter
            color: root.enabled ? Theme.t1 : Theme.t4
            text: root.text
        }
    }
}

import QtQuick
import QtQuick.Templates as T
import Sotto.Components
import Sotto.Theme

// One of the ways out of a damaged database, with how many chats it keeps.
T.RadioButton {
    id: root

    property string detail

    implicitHeight: 40
    leftPadding: 40
    rightPadding: 14
    focusPolicy: Qt.TabFocus
    hoverEnabled: true
    Accessible.role: Accessible.RadioButton
    Accessible.name: text + ", " + detail
    Accessible.checked: checked

    indicator: Rectangle {
        x: 12
        y: Math.round((root.height - height) / 2)
        width: 16
        height: 16
        radius: 8
        color: "transparent"
        border.width: 1.5
        border.color: root.checked ? Theme.measured : root.hovered ? Theme.t1 : Theme.t3
        Rectangle {
            anchors.centerIn: parent
            width: 8
            height: 8
            radius: 4
            visible: root.checked
            color: Theme.measured
        }
    }
    contentItem: Item {
        Label {
            anchors.verticalCenter: parent.verticalCenter
            width: parent.width - detailLabel.width - 12
            elide: Text.ElideRight
            text: root.text
        }
        Label {
            id: detailLabel
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            role: Theme.caption
            color: root.checked ? Theme.t1 : Theme.t3
            text: root.detail
        }
    }
    background: Rectangle {
        radius: Theme.radiusControl
        color: root.checked ? Theme.measuredDim : root.hovered ? Theme.bg3 : "transparent"
        border.color: root.checked ? Theme.measured : Theme.line
        FocusRing {
            visible: root.visualFocus
        }
    }
}

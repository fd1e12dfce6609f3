import QtQuick
import QtQuick.Templates as T
import Sotto.Components
import Sotto.Theme

// A condition of a search that is on or off, 28 px high.
T.AbstractButton {
    id: root

    implicitHeight: 28
    implicitWidth: row.implicitWidth + 24
    checkable: true
    focusPolicy: Qt.TabFocus
    hoverEnabled: true
    Accessible.role: Accessible.CheckBox
    Accessible.name: text
    Accessible.checked: checked

    contentItem: Item {
        Row {
            id: row
            anchors.centerIn: parent
            spacing: 5
            Icon {
                anchors.verticalCenter: parent.verticalCenter
                visible: root.checked
                name: "check"
                size: 13
                stroke: 2
                color: label.color
            }
            Label {
                id: label
                role: Theme.label
                color: !root.enabled ? Theme.t4 : root.checked ? Theme.measured : root.hovered ? Theme.t1 : Theme.t2
                text: root.text
            }
        }
    }
    background: Rectangle {
        radius: height / 2
        color: root.checked ? Theme.measuredDim : root.hovered ? Theme.bg4 : "transparent"
        border.width: root.checked ? 0 : 1
        border.color: Theme.line2
        FocusRing {
            cornerRadius: 14
            visible: root.visualFocus
        }
    }
}

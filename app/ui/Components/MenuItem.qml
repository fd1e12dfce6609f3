import QtQuick
import QtQuick.Templates as T
import Sotto.Theme

// A row of a menu, 32 px high: icon or check mark, text, shortcut, arrow of a submenu.
T.MenuItem {
    id: root

    property string iconName
    property string keys
    property bool isDanger: false
    property bool isCheckable: false // keeps room for the check mark
    property bool isChosen: false

    readonly property real textStart: iconName.length > 0 || isCheckable ? 24 : 0
    readonly property real textEnd: keys.length > 0 ? keysLabel.implicitWidth + 24 : subMenu !== null ? 24 : 0

    implicitWidth: leftPadding + textStart + label.implicitWidth + textEnd + rightPadding
    implicitHeight: visible ? 32 : 0
    leftPadding: 10
    rightPadding: 10
    topPadding: 0
    bottomPadding: 0
    hoverEnabled: true
    focusPolicy: Qt.TabFocus
    Accessible.name: text
    Accessible.role: Accessible.MenuItem
    Accessible.checked: isChosen

    indicator: null
    arrow: Icon {
        x: root.width - width - 8
        y: Math.round((root.height - height) / 2)
        visible: root.subMenu !== null
        name: "chevron-right"
        size: 15
    }
    contentItem: Item {
        Icon {
            id: icon
            anchors.verticalCenter: parent.verticalCenter
            visible: name.length > 0
            name: root.isChosen ? "check" : root.iconName
            size: 15
            color: !root.enabled ? Theme.t4 : root.isChosen ? Theme.measured : root.isDanger ? Theme.err : Theme.t3
        }
        Label {
            id: label
            x: root.textStart
            width: parent.width - x - root.textEnd + (root.keys.length > 0 ? 12 : 0)
            anchors.verticalCenter: parent.verticalCenter
            color: !root.enabled ? Theme.t4 : root.isDanger ? Theme.err : Theme.t1
            elide: Text.ElideRight
            text: root.text
        }
        Label {
            id: keysLabel
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            role: Theme.micro
            color: root.enabled ? Theme.t3 : Theme.t4
            text: root.keys
        }
    }
    background: Rectangle {
        radius: Theme.radiusControl
        color: root.down && root.enabled ? Theme.bg5 : (root.highlighted || root.hovered) && root.enabled ? Theme.bg4 : "transparent"
        FocusRing {
            isInside: true
            visible: root.visualFocus
        }
    }
}

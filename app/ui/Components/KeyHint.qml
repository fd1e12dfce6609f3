import QtQuick
import Sotto.Theme

// One key or shortcut in a small frame.
Rectangle {
    id: root

    property string text
    property color frameColor: Theme.line2

    implicitHeight: 20
    implicitWidth: Math.max(20, label.implicitWidth + 12)
    radius: Theme.radiusBadge
    color: "transparent"
    border.color: root.frameColor

    Label {
        id: label
        anchors.centerIn: parent
        role: Theme.microMedium
        color: Theme.t2
        text: root.text
    }
}

import QtQuick
import Sotto.Theme

// One key or shortcut in a small frame; or, without, what stands between two keys.
Rectangle {
    id: root

    property string text
    property bool isKey: true
    property color frameColor: Theme.line2

    implicitHeight: 20
    implicitWidth: isKey ? Math.max(20, label.implicitWidth + 12) : label.implicitWidth
    radius: Theme.radiusBadge
    color: "transparent"
    border.color: isKey ? root.frameColor : "transparent"

    Label {
        id: label
        anchors.centerIn: parent
        role: Theme.microMedium
        color: Theme.t2
        text: root.text
    }
}

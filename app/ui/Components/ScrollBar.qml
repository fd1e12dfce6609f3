import QtQuick
import QtQuick.Templates as T
import Sotto.Theme

// A quiet scroll bar: 4 px, 6 under the pointer, gone when there is nothing to scroll.
T.ScrollBar {
    id: root

    implicitWidth: 12
    implicitHeight: 12
    padding: 3
    minimumSize: 0.06
    visible: size < 1
    hoverEnabled: true
    Accessible.role: Accessible.ScrollBar
    Accessible.name: orientation === Qt.Vertical ? qsTr("Vertical scroll bar") : qsTr("Horizontal scroll bar")

    contentItem: Item {
        implicitWidth: 6
        implicitHeight: 6
        Rectangle {
            readonly property int thickness: root.hovered || root.pressed ? 6 : 4
            anchors.right: parent.right
            anchors.bottom: parent.bottom
            width: root.orientation === Qt.Vertical ? thickness : parent.width
            height: root.orientation === Qt.Vertical ? parent.height : thickness
            radius: thickness / 2
            color: root.pressed ? Theme.t3 : Theme.line2
            opacity: root.active || root.hovered || root.pressed ? 1 : 0.6
        }
    }
}

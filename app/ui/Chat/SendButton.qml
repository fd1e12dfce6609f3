import QtQuick
import Sotto.Components
import Sotto.Theme

// The one primary button of the page: an arrow, in the accent when there is something to send.
IconButton {
    id: root

    implicitWidth: 36
    implicitHeight: 32
    iconName: "arrow-up"
    iconSize: 18
    iconStroke: 1.75
    text: qsTr("Send")

    contentItem: Item {
        Icon {
            anchors.centerIn: parent
            name: root.iconName
            size: root.iconSize
            stroke: root.iconStroke
            color: root.enabled ? Theme.textOnMeasured : Theme.t3
        }
    }
    background: Rectangle {
        radius: Theme.radiusControl
        color: !root.enabled ? Theme.bg5 : root.down ? Theme.measuredPress : root.hovered ? Theme.measuredHover : Theme.measured
        FocusRing {
            visible: root.visualFocus
        }
    }
}

import QtQuick
import Sotto.Theme

// The focus ring: 2 px, 2 px outside its parent; inside for rows. Show it by visualFocus only.
Rectangle {
    id: root

    property bool isInside: false
    property real cornerRadius: Theme.radiusControl // of the parent

    anchors.fill: parent
    anchors.margins: isInside ? 0 : -4
    radius: isInside ? cornerRadius : cornerRadius + 4
    color: "transparent"
    border.width: 2
    border.color: Theme.measured
    visible: false
}

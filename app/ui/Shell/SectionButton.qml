import QtQuick
import QtQuick.Templates as T
import Sotto.Components
import Sotto.Theme

// A section in the list at the left of a page.
T.AbstractButton {
    id: root

    property string iconName
    property bool isCurrent: false

    implicitHeight: 36
    focusPolicy: Qt.TabFocus
    hoverEnabled: true
    Accessible.name: text
    Accessible.role: Accessible.Link
    Keys.onReturnPressed: root.clicked()

    contentItem: Item {
        Icon {
            x: 12
            anchors.verticalCenter: parent.verticalCenter
            name: root.iconName
            size: 15
        }
        Label {
            x: 38
            width: parent.width - x - 8
            anchors.verticalCenter: parent.verticalCenter
            color: root.isCurrent || root.hovered ? Theme.t1 : Theme.t2
            elide: Text.ElideRight
            text: root.text
        }
    }
    background: Rectangle {
        radius: Theme.radiusControl
        color: root.isCurrent ? Theme.bg4 : root.hovered ? Theme.bg3 : "transparent"
        FocusRing {
            isInside: true
            visible: root.visualFocus
        }
    }
}

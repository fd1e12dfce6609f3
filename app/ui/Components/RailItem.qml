import QtQuick
import QtQuick.Templates as T
import Sotto.Theme

// A page in the rail, 40 × 40: the current one has a bar at the window's edge, a live one a dot.
T.Button {
    id: root

    property string iconName
    property string keys
    property bool isCurrent: false
    property bool isLive: false

    implicitWidth: 40
    implicitHeight: 40
    padding: 0
    focusPolicy: Qt.TabFocus
    hoverEnabled: true
    Accessible.name: text
    Accessible.role: Accessible.PageTab
    Accessible.selected: isCurrent
    Keys.onReturnPressed: root.clicked()
    Keys.onEnterPressed: root.clicked()

    contentItem: Item {
        Icon {
            anchors.centerIn: parent
            name: root.iconName
            size: 20
            stroke: 1.6
            color: root.isCurrent || root.hovered ? Theme.t1 : Theme.t3
        }
        Rectangle {
            x: 25.5
            y: 5.5
            width: 10
            height: 10
            radius: 5
            color: Theme.bg0
            visible: root.isLive
            Pulse {
                anchors.centerIn: parent
            }
        }
    }
    background: Rectangle {
        radius: Theme.radiusRail
        color: root.isCurrent ? Theme.railOn : root.down ? Theme.bg5 : root.hovered ? Theme.bg4 : "transparent"
        Behavior on color  {
            ColorAnimation {
                duration: Theme.hoverTime
            }
        }
        FocusRing {
            cornerRadius: Theme.radiusRail
            visible: root.visualFocus
        }
    }
    Rectangle {
        x: -8
        y: 12
        width: 3
        height: 16
        radius: 1.5
        color: Theme.measured
        visible: root.isCurrent
    }
    Loader {
        active: (root.hovered || root.visualFocus) && !root.down
        // A Loader cannot make bound components in 6.4, so the linter cannot see that ids are in reach.
        // qmllint disable unqualified
        sourceComponent: Tooltip {
            parent: root
            x: root.width + 8
            y: Math.round((root.height - implicitHeight) / 2)
            text: root.text
            keys: root.keys
            visible: true
        }
        // qmllint enable unqualified
    }
}

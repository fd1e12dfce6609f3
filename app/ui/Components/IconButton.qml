import QtQuick
import QtQuick.Templates as T
import Sotto.Theme

// A button that is an icon: 28 px, or 32 with isLarge. `text` is its name: tooltip and screen reader.
T.Button {
    id: root

    property string iconName
    property bool isLarge: false
    property int iconSize: isLarge ? 18 : 15
    property real iconStroke: 1.6
    property string keys // the shortcut for the tooltip, "Ctrl+N"
    property bool isOpen: false // what it opened is open
    property color iconColor: isOpen ? Theme.t1 : Theme.t3

    implicitWidth: isLarge ? 32 : 28
    implicitHeight: implicitWidth
    padding: 0
    focusPolicy: Qt.TabFocus
    hoverEnabled: true
    Accessible.name: text
    Accessible.role: Accessible.Button
    Keys.onReturnPressed: root.clicked()
    Keys.onEnterPressed: root.clicked()

    contentItem: Item {
        Icon {
            anchors.centerIn: parent
            name: root.iconName
            size: root.iconSize
            stroke: root.iconStroke
            color: !root.enabled ? Theme.t4 : root.hovered || root.down ? Theme.t1 : root.iconColor
        }
    }

    background: Rectangle {
        radius: Theme.radiusControl
        color: root.down && root.enabled ? Theme.bg5 : (root.hovered && root.enabled) || root.isOpen ? Theme.bg4 : "transparent"

        Behavior on color  {
            ColorAnimation {
                duration: root.down ? Theme.pressTime : Theme.hoverTime
            }
        }
        FocusRing {
            visible: root.visualFocus
        }
    }

    Loader {
        active: root.text.length > 0 && (root.hovered || root.visualFocus) && !root.down && !root.isOpen
        // A Loader cannot make bound components in 6.4, so the linter cannot see that ids are in reach.
        // qmllint disable unqualified
        sourceComponent: Tooltip {
            parent: root
            text: root.text
            keys: root.keys
            visible: true
        }
        // qmllint enable unqualified
    }
}

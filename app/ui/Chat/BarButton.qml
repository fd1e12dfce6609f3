import QtQuick
import QtQuick.Templates as T
import Sotto.Components
import Sotto.Theme

// A 36 px button of the top bar; its content is given as children of a Row.
T.AbstractButton {
    id: root

    property bool hasFrame: false
    property bool isOpen: false
    property string tip
    property string keys
    default property alias items: row.data

    implicitWidth: row.implicitWidth + leftPadding + rightPadding
    implicitHeight: 36
    leftPadding: 12
    rightPadding: 8
    hoverEnabled: true
    focusPolicy: Qt.TabFocus
    Accessible.role: Accessible.Button
    Accessible.name: text
    Keys.onReturnPressed: root.clicked()
    Keys.onEnterPressed: root.clicked()

    contentItem: Item {
        Row {
            id: row
            height: parent.height
            spacing: 8
        }
    }
    background: Rectangle {
        radius: Theme.radiusControl
        color: root.down ? Theme.bg5 : root.isOpen || root.hovered ? Theme.bg4 : "transparent"
        border.width: root.hasFrame ? 1 : 0
        border.color: Theme.line
        FocusRing {
            visible: root.visualFocus
        }
    }
    Loader {
        active: root.tip.length > 0 && (root.hovered || root.visualFocus) && !root.isOpen && !root.down
        // qmllint disable unqualified
        sourceComponent: Tooltip {
            parent: root
            text: root.tip
            keys: root.keys
            visible: true
        }
        // qmllint enable unqualified
    }
}

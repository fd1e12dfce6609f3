import QtQuick
import QtQuick.Templates as T
import Sotto.Theme

// On or off, 32 × 18 in a target of 28. Give it a name: `text` is not drawn.
T.Switch {
    id: root

    implicitWidth: 36
    implicitHeight: 28
    focusPolicy: Qt.TabFocus
    hoverEnabled: true
    Accessible.name: text
    Accessible.role: Accessible.CheckBox
    Accessible.checked: checked

    indicator: Rectangle {
        x: Math.round((root.width - width) / 2)
        y: Math.round((root.height - height) / 2)
        width: 32
        height: 18
        radius: 9
        color: !root.enabled ? Theme.bg4 : root.checked ? (root.hovered ? Theme.measuredHover : Theme.measured) : Theme.bg5
        border.width: root.hovered && root.enabled && !root.checked ? 1 : 0
        border.color: Theme.line2

        Rectangle {
            x: root.checked ? 16 : 2
            y: 2
            width: 14
            height: 14
            radius: 7
            color: !root.enabled ? Theme.t4 : root.checked ? Theme.textOnMeasured : Theme.t3
            Behavior on x  {
                NumberAnimation {
                    duration: Theme.hoverTime
                    easing.type: Easing.OutCubic
                }
            }
        }
        FocusRing {
            cornerRadius: 9
            visible: root.visualFocus
        }
    }
}

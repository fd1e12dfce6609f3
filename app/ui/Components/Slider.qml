import QtQuick
import QtQuick.Templates as T
import Sotto.Theme

// A track of 4 px with a knob of 16. `name` is what it sets.
T.Slider {
    id: root

    property string name

    implicitWidth: 184
    implicitHeight: 28
    padding: 0
    hoverEnabled: true
    snapMode: T.Slider.SnapAlways
    Accessible.name: name
    Accessible.role: Accessible.Slider

    background: Rectangle {
        x: 0
        y: Math.round((root.height - height) / 2)
        width: root.width
        height: 4
        radius: 2
        color: Theme.bg5
        Rectangle {
            width: root.visualPosition * parent.width
            height: 4
            radius: 2
            color: root.enabled ? Theme.measured : Theme.t4
        }
    }
    handle: Rectangle {
        x: Math.round(root.visualPosition * (root.width - width))
        y: Math.round((root.height - height) / 2)
        width: 16
        height: 16
        radius: 8
        color: root.enabled ? Theme.t1 : Theme.t4
        scale: root.pressed ? 1.12 : 1
        FocusRing {
            cornerRadius: 8
            visible: root.visualFocus
        }
    }
}

import QtQuick
import Sotto.Theme

// Stands where text will come, in the height of its role.
Rectangle {
    id: root

    implicitHeight: 12
    implicitWidth: 160
    radius: 4
    color: Theme.bg4
    Accessible.ignored: true

    SequentialAnimation on opacity  {
        running: root.visible && !Theme.reducedMotion
        loops: Animation.Infinite
        NumberAnimation {
            to: 0.5
            duration: 700
        }
        NumberAnimation {
            to: 1
            duration: 700
        }
    }
}

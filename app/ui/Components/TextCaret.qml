import QtQuick
import Sotto.Theme

// The text cursor: 1.5 px in the accent, blinking unless motion is reduced.
Rectangle {
    id: root

    property bool isActive: false

    width: 1.5
    color: Theme.measured
    visible: isActive

    SequentialAnimation on opacity  {
        running: root.isActive && !Theme.reducedMotion
        loops: Animation.Infinite
        onStopped: root.opacity = 1
        PropertyAction {
            value: 1
        }
        PauseAnimation {
            duration: 530
        }
        PropertyAction {
            value: 0
        }
        PauseAnimation {
            duration: 530
        }
    }
}

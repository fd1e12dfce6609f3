import QtQuick
import QtQuick.Templates as T
import Sotto.Theme

// A surface over the page: card colour, radius 12, shadow. Esc and a click outside close it.
T.Popup {
    id: root

    implicitWidth: contentItem ? contentItem.implicitWidth + leftPadding + rightPadding : 0
    implicitHeight: contentItem ? contentItem.implicitHeight + topPadding + bottomPadding : 0
    padding: 6
    margins: 8
    closePolicy: T.Popup.CloseOnEscape | T.Popup.CloseOnPressOutside

    background: Rectangle {
        radius: Theme.radiusCard
        color: Theme.bg3
        border.color: Theme.line2
        Shadow {
            z: -1
        }
    }
    enter: Transition {
        NumberAnimation {
            property: "opacity"
            from: 0
            to: 1
            duration: Theme.hoverTime
            easing.type: Easing.OutCubic
        }
    }
    exit: Transition {
        NumberAnimation {
            property: "opacity"
            to: 0
            duration: Theme.hoverTime
            easing.type: Easing.InCubic
        }
    }
}

import QtQuick
import Sotto.Theme

// A message at the bottom, centred on `middle`, above `foot`, for 4 s, one at a time, with at most one action (undo). Errors are never
// toasts. Pointing at it or focusing it keeps it.
Rectangle {
    id: root

    property string text
    property string actionText
    property bool isShown: false
    property real foot: 0 // height of what must not be covered at the bottom
    property real middle: parent ? parent.width / 2 : 0 // x

    signal actionTriggered

    function show(message: string, action: string): void {
        text = message;
        actionText = action;
        isShown = true;
        timer.restart();
    }
    function hide(): void {
        isShown = false;
    }

    implicitHeight: 48
    implicitWidth: row.implicitWidth + 16 + (actionText.length > 0 ? 8 : 16)
    x: Math.round(middle - width / 2)
    anchors.bottom: parent ? parent.bottom : undefined
    anchors.bottomMargin: foot > 0 ? foot + 8 : 24
    radius: Theme.radiusCard
    color: Theme.bg3
    border.color: Theme.line2
    opacity: isShown ? 1 : 0
    visible: opacity > 0
    Accessible.role: Accessible.AlertMessage
    Accessible.name: text

    Behavior on opacity  {
        NumberAnimation {
            duration: Theme.panelTime
            easing.type: root.isShown ? Easing.OutCubic : Easing.InCubic
        }
    }
    Timer {
        id: timer
        interval: 4000
        running: root.isShown && !hover.hovered && !action.activeFocus
        onTriggered: root.hide()
    }
    HoverHandler {
        id: hover
    }
    Shadow {
        z: -1
    }
    Row {
        id: row
        x: 16
        anchors.verticalCenter: parent.verticalCenter
        spacing: 12
        Label {
            anchors.verticalCenter: parent.verticalCenter
            text: root.text
        }
        Button {
            id: action
            visible: root.actionText.length > 0
            isSmall: true
            kind: Button.Quiet
            textColor: Theme.measured
            text: root.actionText
            onClicked: {
                root.hide();
                root.actionTriggered();
            }
        }
    }
}

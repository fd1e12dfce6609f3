import QtQuick
import QtQuick.Templates as T
import Sotto.Components
import Sotto.Theme

// A panel that slides over the page from the rail; Esc or a click beside it closes it.
T.Popup {
    id: root

    property bool isOpen: false
    property Component content // made when it opens

    parent: T.Overlay.overlay
    x: 56
    y: 0
    height: parent ? parent.height : 0
    width: 264
    padding: 0
    modal: true
    focus: true
    closePolicy: T.Popup.CloseOnEscape | T.Popup.CloseOnPressOutside
    onIsOpenChanged: isOpen ? open() : close()

    T.Overlay.modal: Rectangle {
        color: "transparent"
    }
    contentItem: Loader {
        active: root.visible
        sourceComponent: root.content
    }
    background: Rectangle {
        color: Theme.bg1
        Shadow {
            z: -1
        }
        Divider {
            anchors.right: parent.right
            height: parent.height
        }
    }
    enter: Transition {
        NumberAnimation {
            property: "x"
            from: 56 - 264
            to: 56
            duration: Theme.panelTime
            easing.type: Easing.OutCubic
        }
    }
    exit: Transition {
        NumberAnimation {
            property: "x"
            to: 56 - 264
            duration: Theme.panelTime
            easing.type: Easing.InCubic
        }
    }
}

import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Sotto.Theme

// A dialog 480, 640 or 944 px wide in the middle of the window. Esc closes it, Enter is the primary
// button, from a field too (which must not accept by itself, or it happens twice): put Buttons into
// `buttons`, the primary last and enabled by canAccept, and connect onAccepted.
T.Dialog {
    id: root

    property string subtitle
    property bool canAccept: true
    property alias buttons: buttonRow.data
    default property alias body: bodyArea.data

    parent: T.Overlay.overlay
    anchors.centerIn: parent
    width: Math.min(480, parent ? parent.width - 48 : 480)
    height: Math.min(implicitHeight, parent ? parent.height - 48 : implicitHeight)
    implicitHeight: contentItem.implicitHeight
    padding: 0
    modal: true
    focus: true
    closePolicy: T.Popup.CloseOnEscape | T.Popup.CloseOnPressOutside

    contentItem: ColumnLayout {
        spacing: 0
        focus: true
        Accessible.role: Accessible.Dialog
        Accessible.name: root.title
        Keys.onReturnPressed: if (root.canAccept)
            root.accept()
        Keys.onEnterPressed: if (root.canAccept)
            root.accept()

        RowLayout {
            Layout.fillWidth: true
            Layout.topMargin: 20
            Layout.leftMargin: 24
            Layout.rightMargin: 16
            ColumnLayout {
                spacing: 2
                Label {
                    Layout.fillWidth: true
                    role: Theme.h1
                    wrapMode: Text.Wrap
                    text: root.title
                }
                Label {
                    Layout.fillWidth: true
                    visible: text.length > 0
                    color: Theme.t2
                    wrapMode: Text.Wrap
                    text: root.subtitle
                }
            }
            IconButton {
                Layout.alignment: Qt.AlignTop
                isLarge: true
                iconName: "x"
                text: qsTr("Close")
                keys: "Esc"
                onClicked: root.reject()
            }
        }
        Item {
            id: bodyArea
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.topMargin: 16
            Layout.leftMargin: 24
            Layout.rightMargin: 24
            implicitHeight: children.length > 0 ? children[0].implicitHeight : 0
        }
        Rectangle {
            Layout.fillWidth: true
            Layout.topMargin: 20
            visible: buttonRow.children.length > 0
            implicitHeight: 1
            color: Theme.line
        }
        Row {
            id: buttonRow
            Layout.alignment: Qt.AlignRight
            Layout.topMargin: children.length > 0 ? 16 : 0
            Layout.bottomMargin: children.length > 0 ? 16 : 8
            Layout.rightMargin: 24
            spacing: 8
        }
    }
    background: Rectangle {
        radius: Theme.radiusDialog
        color: Theme.bg2
        border.color: Theme.line2
        Shadow {
            z: -1
            isDialog: true
        }
    }
    T.Overlay.modal: Rectangle {
        color: Theme.scrim
    }
    enter: Transition {
        NumberAnimation {
            property: "opacity"
            from: 0
            to: 1
            duration: Theme.panelTime
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

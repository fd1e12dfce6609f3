pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Sotto.Theme

// One line of text, 32 px high. `name` is what it is for; `errorText` turns the frame red and is shown
// at the right.
T.TextField {
    id: root

    property string name: placeholderText
    property string iconName
    property string errorText
    property bool isMono: false
    property string keys // a shortcut shown while empty, "Ctrl K"

    implicitWidth: 200
    implicitHeight: 32
    leftPadding: iconName.length > 0 ? 33 : 11
    rightPadding: trailing.width > 0 ? trailing.width + 18 : 10
    topPadding: 0
    bottomPadding: 0
    verticalAlignment: TextInput.AlignVCenter
    font: (isMono ? Theme.codeSmall : Theme.body).font
    color: enabled ? Theme.t1 : Theme.t4
    placeholderTextColor: Theme.t3
    selectionColor: Theme.measuredDim
    selectedTextColor: Theme.t1
    selectByMouse: true
    hoverEnabled: true
    renderType: Text.NativeRendering
    Accessible.name: name
    Accessible.role: Accessible.EditableText
    Accessible.description: errorText

    cursorDelegate: TextCaret {
        isActive: root.activeFocus
    }

    background: Rectangle {
        radius: Theme.radiusControl
        color: Theme.bg3
        border.width: root.activeFocus ? 2 : 1
        border.color: root.errorText.length > 0 ? Theme.err : root.activeFocus ? Theme.measured : root.hovered && root.enabled ? Theme.line2 : Theme.line
    }

    Icon {
        x: 10
        anchors.verticalCenter: parent.verticalCenter
        visible: root.iconName.length > 0
        name: root.iconName
        size: 15
    }
    Label {
        x: root.leftPadding
        width: root.width - root.leftPadding - root.rightPadding
        anchors.verticalCenter: parent.verticalCenter
        visible: root.length === 0 && root.preeditText.length === 0
        color: root.enabled ? Theme.t3 : Theme.t4
        elide: Text.ElideRight
        text: root.placeholderText
        Accessible.ignored: true
    }
    Row {
        id: trailing
        anchors.right: parent.right
        anchors.rightMargin: 10
        anchors.verticalCenter: parent.verticalCenter
        Label {
            visible: root.errorText.length > 0
            role: Theme.caption
            color: Theme.err
            text: root.errorText
            Accessible.ignored: true
        }
        Label {
            visible: root.errorText.length === 0 && root.keys.length > 0 && root.length === 0 && !root.activeFocus
            role: Theme.micro
            color: Theme.t3
            text: root.keys
            Accessible.ignored: true
        }
    }
}

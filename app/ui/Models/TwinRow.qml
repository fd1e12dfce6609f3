import QtQuick
import Sotto.Components
import Sotto.Theme

// One of several files with the same content: whose it is, where it lies, and its way to the bin.
Item {
    id: root

    required property string name
    required property string path
    required property string quantization
    required property string program
    required property bool isFirst
    required property string groupText
    required property string spokenText

    readonly property int headHeight: isFirst ? 40 : 0

    signal removeRequested

    implicitHeight: headHeight + 48
    Accessible.role: Accessible.ListItem
    Accessible.name: spokenText

    Row {
        y: 14
        spacing: 8
        visible: root.isFirst
        Label {
            role: Theme.h3
            text: root.name
            Accessible.ignored: true
        }
        Badge {
            anchors.verticalCenter: parent.verticalCenter
            visible: text.length > 0
            text: root.quantization
            Accessible.ignored: true
        }
        Label {
            anchors.verticalCenter: parent.verticalCenter
            role: Theme.caption
            color: Theme.t3
            text: root.groupText
            Accessible.ignored: true
        }
    }
    Column {
        y: binButton.y + Math.round((binButton.height - height) / 2)
        width: binButton.x - 16
        Label {
            width: parent.width
            role: Theme.codeSmall
            elide: Text.ElideMiddle
            text: root.path
            Accessible.ignored: true

            HoverTip {
                isFocusable: false
                title: root.name
                text: root.path
            }
        }
        Label {
            width: parent.width
            visible: text.length > 0
            role: Theme.caption
            color: Theme.t3
            text: root.program
            Accessible.ignored: true
        }
    }
    Button {
        id: binButton
        objectName: "twinToBin"
        anchors.right: parent.right
        y: root.headHeight + 6
        isSmall: true
        iconName: "trash-2"
        text: qsTr("Move to the bin…")
        Accessible.description: root.path
        onClicked: root.removeRequested()
    }
}

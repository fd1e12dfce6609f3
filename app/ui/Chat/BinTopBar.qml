import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// The bar above a chat from the bin: what it was called and where it was.
RowLayout {
    id: root

    required property BinModel bin
    property bool hasListButton: false
    property bool isFindOpen: false

    signal listRequested
    signal findRequested

    implicitHeight: 52
    spacing: 8

    IconButton {
        Layout.leftMargin: 12
        visible: root.hasListButton
        isLarge: true
        iconName: "panel-left"
        text: qsTr("Chat list")
        keys: "Ctrl+B"
        onClicked: root.listRequested()
    }
    Label {
        Layout.leftMargin: root.hasListButton ? 0 : 24
        Layout.maximumWidth: Math.max(80, root.width - 360)
        role: Theme.h3
        elide: Text.ElideRight
        text: root.bin.shownTitle.length > 0 ? root.bin.shownTitle : qsTr("New chat")
    }
    Badge {
        isFormat: false
        iconName: "trash-2"
        text: qsTr("In the bin")
    }
    Label {
        Layout.fillWidth: true
        role: Theme.caption
        color: Theme.t3
        elide: Text.ElideRight
        text: root.bin.shownFolder.length > 0 ? qsTr("was in %1").arg(root.bin.shownFolder) : ""
    }
    IconButton {
        Layout.rightMargin: 12
        isLarge: true
        iconName: "search"
        iconSize: 17
        text: qsTr("Find in this chat")
        keys: "Ctrl+F"
        isOpen: root.isFindOpen
        onClicked: root.findRequested()
    }
}

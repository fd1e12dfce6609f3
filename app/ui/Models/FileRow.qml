import QtQuick
import Sotto.Components
import Sotto.Theme

// One file of a model on a hub: its format, its size, and the next step with it.
Item {
    id: root

    required property string type
    required property string fileName
    required property double fileBytes
    required property double bitsPerWeight
    required property bool isInstalled
    required property bool isOnItsWay
    required property double share
    required property string stateText
    required property bool canDownload
    required property string path
    required property string spokenText
    property bool isGated: false

    signal downloadRequested
    signal loadRequested
    signal unlockRequested

    implicitHeight: 36
    Accessible.role: Accessible.ListItem
    Accessible.name: spokenText

    Label {
        anchors.verticalCenter: parent.verticalCenter
        width: 90
        elide: Text.ElideMiddle
        role: Theme.codeSmall
        text: root.type
        Accessible.ignored: true

        HoverTip {
            isFocusable: false
            title: root.fileName
            text: Theme.format.fileSize(root.fileBytes)
        }
    }
    Label {
        x: 96
        anchors.verticalCenter: parent.verticalCenter
        role: Theme.caption
        color: Theme.t2
        text: Theme.format.fileSize(root.fileBytes)
        Accessible.ignored: true
    }
    Label {
        x: 176
        anchors.verticalCenter: parent.verticalCenter
        visible: root.bitsPerWeight > 0
        role: Theme.caption
        color: Theme.t3
        text: Theme.format.fixed(root.bitsPerWeight, 2)
        Accessible.ignored: true
    }
    Row {
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        spacing: 8

        Icon {
            anchors.verticalCenter: parent.verticalCenter
            visible: root.isInstalled
            name: "check"
            size: 14
            stroke: 2
            color: Theme.measured
        }
        Label {
            anchors.verticalCenter: parent.verticalCenter
            visible: root.isInstalled
            role: Theme.caption
            color: Theme.measured
            text: qsTr("Installed")
            Accessible.ignored: true
        }
        Button {
            visible: root.isInstalled
            isSmall: true
            kind: Button.Quiet
            text: qsTr("Load")
            onClicked: root.loadRequested()
        }
        Label {
            anchors.verticalCenter: parent.verticalCenter
            visible: root.isOnItsWay && text.length > 0
            role: Theme.caption
            color: Theme.t3
            text: root.stateText
            Accessible.ignored: true
        }
        Meter {
            anchors.verticalCenter: parent.verticalCenter
            visible: root.isOnItsWay && root.share > 0
            width: 56
            thickness: 4
            hasLimit: false
            value: root.share
            name: root.spokenText
        }
        Label {
            anchors.verticalCenter: parent.verticalCenter
            visible: root.isOnItsWay && root.share > 0
            role: Theme.caption
            color: Theme.t3
            text: Theme.format.percent(root.share)
            Accessible.ignored: true
        }
        Button {
            visible: root.canDownload && root.isGated
            isSmall: true
            iconName: "key-round"
            text: qsTr("Unlock")
            onClicked: root.unlockRequested()
        }
        IconButton {
            objectName: "downloadFile"
            visible: root.canDownload
            iconName: "download"
            iconColor: Theme.t1
            text: qsTr("Download %1, %2").arg(root.type).arg(Theme.format.fileSize(root.fileBytes))
            onClicked: root.downloadRequested()
        }
    }
}

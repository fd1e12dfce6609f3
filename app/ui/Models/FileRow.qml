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
    required property bool hasForecast
    required property bool isForecasting
    required property bool canForecast
    required property string forecastProblem
    required property double weightsBytes
    required property double kvBytes
    required property double scratchBytes
    required property double neededBytes
    required property double availableBytes
    required property bool isOver
    required property bool isTight
    required property string memoryText
    required property string forecastNote
    required property bool isAtLeast
    required property double predictedSpeed
    required property double speedLimit
    required property string spokenText
    property bool isGated: false
    property bool isWide: true

    readonly property real forecastX: isWide ? 240 : 170
    readonly property real forecastWidth: width - forecastX - 108 // as much is left to the next step

    signal forecastRequested
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
        x: 170
        anchors.verticalCenter: parent.verticalCenter
        visible: root.isWide && root.bitsPerWeight > 0
        role: Theme.caption
        color: Theme.t3
        text: Theme.format.fixed(root.bitsPerWeight, 2)
        Accessible.ignored: true
    }
    FileForecast {
        x: root.forecastX
        width: root.forecastWidth
        anchors.verticalCenter: parent.verticalCenter
        visible: root.hasForecast && width > 200
        weightsBytes: root.weightsBytes
        kvBytes: root.kvBytes
        scratchBytes: root.scratchBytes
        neededBytes: root.neededBytes
        availableBytes: root.availableBytes
        isOver: root.isOver
        isTight: root.isTight
        memoryText: root.memoryText
        forecastNote: root.forecastNote
        isAtLeast: root.isAtLeast
        predictedSpeed: root.predictedSpeed
        speedLimit: root.speedLimit
        name: root.spokenText
    }
    Label {
        x: root.forecastX
        width: Math.min(root.forecastWidth, actions.x - x - 8)
        anchors.verticalCenter: parent.verticalCenter
        visible: root.isForecasting || root.forecastProblem.length > 0
        role: Theme.caption
        color: Theme.t3
        elide: Text.ElideRight
        text: root.isForecasting ? qsTr("Reading its header") : root.forecastProblem
        Accessible.ignored: true

        HoverTip {
            isFocusable: false
            title: qsTr("No forecast")
            text: root.forecastProblem
        }
    }
    Button {
        x: root.forecastX - 10
        anchors.verticalCenter: parent.verticalCenter
        visible: root.canForecast
        isSmall: true
        kind: Button.Quiet
        text: qsTr("Will it fit?")
        Accessible.description: root.spokenText
        onClicked: root.forecastRequested()
    }
    Row {
        id: actions
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
        Button {
            visible: root.isInstalled
            isSmall: true
            kind: Button.Quiet
            text: qsTr("Load")
            Accessible.description: root.spokenText
            onClicked: root.loadRequested()
        }
        Label {
            anchors.verticalCenter: parent.verticalCenter
            width: Math.min(implicitWidth, 104)
            elide: Text.ElideRight
            visible: root.isOnItsWay && text.length > 0
            role: Theme.caption
            color: Theme.t3
            text: root.stateText
            Accessible.ignored: true
        }
        Meter {
            anchors.verticalCenter: parent.verticalCenter
            visible: root.isOnItsWay && root.share > 0 && root.stateText.length === 0
            width: 56
            thickness: 4
            hasLimit: false
            value: root.share
            name: root.spokenText
        }
        Label {
            anchors.verticalCenter: parent.verticalCenter
            visible: root.isOnItsWay && root.share > 0 && root.stateText.length === 0
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
            Accessible.description: root.spokenText
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

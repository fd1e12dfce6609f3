import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// The head of the Models page: how much is installed, and what there is no column for in a narrow window.
Item {
    id: root

    required property AppFacade app
    property bool hasTabs: false
    property bool isInstalledTab: false
    property bool hasDownloadsButton: false
    property bool isDownloadsOpen: false

    signal tabChosen(bool isInstalled)
    signal addFileRequested
    signal downloadsRequested
    signal quantizeRequested

    implicitHeight: 55

    RowLayout {
        anchors.fill: parent
        anchors.leftMargin: 24
        anchors.rightMargin: 24
        spacing: 12

        Label {
            role: Theme.h1
            text: qsTr("Models")
            Accessible.role: Accessible.Heading
            Accessible.name: text
        }
        Label {
            Layout.fillWidth: true
            Layout.topMargin: 4
            role: Theme.caption
            color: Theme.t3
            elide: Text.ElideRight
            text: qsTr("%n installed, %1", "", root.app.models.list.count).arg(Theme.format.sizeSum(root.app.models.list.bytes))
        }
        Select {
            objectName: "forecastContext"
            isSmall: true
            implicitWidth: 148
            name: qsTr("Context that models are loaded with")
            displayText: qsTr("Context: %1").arg(currentText)
            model: root.app.settings.contextChoices
            chosenValue: root.app.settings.contextTokens
            onActivated: root.app.settings.contextTokens = currentValue

            HoverTip {
                isFocusable: false
                title: qsTr("Context")
                text: qsTr("Memory and speed on this page are for this context. Models without settings of their own are loaded with it.")
            }
        }
        Row {
            objectName: "networkLine"
            spacing: 8
            visible: root.app.hub.isThere && !root.hasTabs
            Icon {
                anchors.verticalCenter: parent.verticalCenter
                name: root.app.hub.isOffline ? "unplug" : "globe"
                size: 15
                color: root.app.hub.isOffline ? Theme.t3 : Theme.warn
            }
            Label {
                role: Theme.label
                color: Theme.t2
                text: root.app.hub.isOffline ? qsTr("Offline") : qsTr("Online: asks %1").arg(root.app.hub.host)
            }
        }
        SegmentedControl {
            objectName: "modelTabs"
            visible: root.hasTabs
            isSmall: true
            name: qsTr("Models")
            model: [{
                    "text": qsTr("Installed"),
                    "value": true
                }, {
                    "text": qsTr("Discover"),
                    "value": false
                }]
            currentValue: root.isInstalledTab
            onActivated: value => root.tabChosen(value)
        }
        Button {
            objectName: "downloadsButton"
            visible: root.hasDownloadsButton
            iconName: "download"
            text: root.app.hub.downloads.runningCount > 0 ? qsTr("Downloads, %n running", "", root.app.hub.downloads.runningCount) : qsTr("Downloads")
            onClicked: root.downloadsRequested()
        }
        Button {
            objectName: "addModelFile"
            iconName: "folder-open"
            text: qsTr("Add file")
            onClicked: root.addFileRequested()
        }
        Button {
            objectName: "quantizeAny"
            visible: !root.hasTabs // there it is in the menu of a model
            iconName: "layers"
            text: qsTr("Quantize")
            onClicked: root.quantizeRequested()
        }
    }
}

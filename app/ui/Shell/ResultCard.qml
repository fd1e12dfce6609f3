pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components
import Sotto.Theme

// What came back, and what did not by its name.
StartCard {
    id: root

    required property RescueController rescue
    readonly property var missing: rescue.missing

    kind: Glyph.Good
    iconName: "check"
    title: qsTr("%1 of %n chat(s) are back", "", Math.max(rescue.chats, rescue.doneChats)).arg(Theme.format.count(rescue.doneChats))
    text: missing.length > 0 ? qsTr("What is missing is named, so that you know.") : qsTr("Nothing is missing.")
    problem: rescue.problem

    Card {
        Layout.fillWidth: true
        visible: root.missing.length > 0
        implicitHeight: Math.min(list.contentHeight, 150) + 20

        ListView {
            id: list
            anchors.fill: parent
            anchors.margins: 10
            anchors.leftMargin: 16
            anchors.rightMargin: 16
            clip: true
            model: root.missing
            boundsBehavior: Flickable.StopAtBounds
            activeFocusOnTab: true
            Accessible.role: Accessible.List
            Accessible.name: qsTr("Chats that are not whole")
            T.ScrollBar.vertical: ScrollBar {
            }
            delegate: Item {
                id: row
                required property var modelData
                required property int index
                readonly property bool isLost: modelData.messages === 0
                width: ListView.view.width
                height: 30
                Divider {
                    width: parent.width
                    visible: row.index > 0
                }
                StartFact {
                    anchors.fill: parent
                    name: row.modelData.title.length > 0 ? row.modelData.title : qsTr("A chat without a name")
                    nameColor: Theme.t1
                    valueRole: Theme.caption
                    value: row.isLost ? qsTr("could not be read") : qsTr("%1 of %n message(s)", "", row.modelData.totalMessages).arg(Theme.format.count(row.modelData.messages))
                    valueColor: row.isLost ? Theme.err : Theme.t3
                }
            }
        }
    }
    Label {
        Layout.fillWidth: true
        Layout.topMargin: 6
        color: Theme.t2
        wrapMode: Text.Wrap
        text: root.rescue.asideName.length > 0 ? qsTr("The damaged file is kept as %1 until you remove it.").arg(root.rescue.asideName) : ""
    }
    Label {
        Layout.fillWidth: true
        visible: !root.rescue.hasAllSettings
        color: Theme.warn
        wrapMode: Text.Wrap
        text: qsTr("Some settings, folders or drafts could not be read.")
    }
    buttons: [
        Button {
            Layout.leftMargin: -12
            kind: Button.Quiet
            text: qsTr("Show in folder")
            onClicked: root.rescue.showInFolder()
        },
        Item {
            Layout.fillWidth: true
        },
        Button {
            objectName: "fromBackup"
            visible: root.rescue.canTakeFromBackup
            enabled: !root.rescue.isBusy
            text: qsTr("Get it from the backup of %1").arg(Theme.format.day(root.rescue.backupTime))
            onClicked: root.rescue.takeFromBackup()
        },
        Button {
            objectName: "startPrimary"
            kind: Button.Primary
            focus: true
            enabled: !root.rescue.isBusy
            text: qsTr("Go on")
            onClicked: root.rescue.goOn()
        }
    ]
}

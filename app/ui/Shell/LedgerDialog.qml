pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components
import Sotto.Theme

// Every connection that the program made, newest first: when, to whom, why, how much, and how it ended.
Dialog {
    id: root

    required property LedgerModel ledger

    title: qsTr("Connections")
    subtitle: qsTr("What was looked for is not written down. Connections of the last 400 days are kept, 10,000 at most.")
    width: Math.min(944, parent ? parent.width - 48 : 944)
    onAboutToShow: ledger.load()
    onOpened: list.forceActiveFocus(Qt.OtherFocusReason)

    ColumnLayout {
        width: parent ? parent.width : 0
        spacing: 8

        Notice {
            objectName: "ledgerUnwritten"
            Layout.fillWidth: true
            visible: root.ledger.unwritten.length > 0
            text: root.ledger.unwritten
        }
        Repeater {
            model: root.ledger.hosts
            delegate: Label {
                required property var modelData
                Layout.fillWidth: true
                role: Theme.caption
                color: Theme.t2
                elide: Text.ElideRight
                text: qsTr("%1: %n connection(s), %2 sent, %3 received", "", modelData.requests).arg(modelData.host).arg(Theme.format.sizeSum(modelData.sentBytes)).arg(Theme.format.sizeSum(modelData.receivedBytes))
            }
        }
        ListView {
            id: list
            objectName: "ledgerList"
            Layout.fillWidth: true
            Layout.preferredHeight: 360
            clip: true
            activeFocusOnTab: true
            boundsBehavior: Flickable.StopAtBounds
            model: root.ledger
            Accessible.role: Accessible.List
            Accessible.name: root.title
            Keys.onUpPressed: flick(0, 600)
            Keys.onDownPressed: flick(0, -600)
            T.ScrollBar.vertical: ScrollBar {
            }

            delegate: LedgerRow {
                width: list.width
            }

            Label {
                anchors.centerIn: parent
                visible: root.ledger.isLoaded && root.ledger.count === 0
                color: Theme.t3
                text: qsTr("There was no connection yet.")
            }
            FocusRing {
                isInside: true
                visible: list.activeFocus
            }
        }
    }
    buttons: [
        Button {
            objectName: "forgetLedger"
            enabled: root.ledger.count > 0
            kind: Button.Danger
            text: qsTr("Forget all")
            onClicked: root.ledger.forget()
        },
        Button {
            text: qsTr("Close")
            onClicked: root.accept()
        }
    ]
}

import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// What leaves this computer, and who decides it: how much was sent, the switch, whose hub, the access token, the ledger.
SettingGroup {
    id: root

    required property AppFacade app
    readonly property NetworkController network: app.network

    title: qsTr("Privacy")
    onVisibleChanged: if (visible) {
        root.network.needToken();
    }
    Component.onCompleted: if (visible) {
        root.network.needToken();
    }

    RowLayout {
        Layout.fillWidth: true
        Layout.topMargin: 12
        Layout.bottomMargin: 12
        spacing: 12
        Icon {
            Layout.alignment: Qt.AlignTop
            Layout.topMargin: 2
            name: "shield-check"
            size: 18
            color: Theme.measured
        }
        ColumnLayout {
            Layout.fillWidth: true
            spacing: 1
            Label {
                Layout.fillWidth: true
                wrapMode: Text.Wrap
                text: qsTr("Sotto has no telemetry.")
            }
            Label {
                Layout.fillWidth: true
                role: Theme.caption
                color: Theme.t3
                wrapMode: Text.Wrap
                text: qsTr("No account, no usage data, no crash reports. It goes online only for searches and downloads that you start; a download that is not whole goes on at the next start.")
            }
            Label {
                Layout.fillWidth: true
                role: Theme.caption
                wrapMode: Text.Wrap
                objectName: "bytesSent"
                text: qsTr("%1 bytes sent since start.").arg(Theme.format.count(root.app.bytesSent)) // qmllint disable type
            }
        }
    }

    Notice {
        Layout.fillWidth: true
        Layout.bottomMargin: 12
        visible: !root.network.isAvailable && text.length > 0
        text: root.network.problem
    }
    SettingRow {
        title: qsTr("Block all network use")
        detail: qsTr("Switches off model search and downloads")
        Switch {
            objectName: "offlineSwitch"
            enabled: root.network.isAvailable
            text: qsTr("Block all network use")
            checked: root.network.isOffline
            onToggled: {
                root.network.isOffline = checked;
                // What was decided shows, not what was clicked.
                checked = Qt.binding(() => root.network.isOffline);
            }
        }
    }
    SettingRow {
        title: qsTr("Model hub")
        detail: root.network.endpointProblem.length > 0 ? root.network.endpointProblem : qsTr("Hugging Face, or a mirror of it")
        TextField {
            // Not a binding: what is no address stays to be corrected.
            readonly property string address: root.network.endpoint
            objectName: "hubEndpoint"
            onAddressChanged: text = address
            implicitWidth: 232
            enabled: root.network.isAvailable
            isMono: true
            name: qsTr("Model hub")
            placeholderText: "https://huggingface.co"
            inputMethodHints: Qt.ImhUrlCharactersOnly | Qt.ImhNoPredictiveText
            // By Enter only: half an address is none.
            onAccepted: {
                if (root.network.setEndpoint(text))
                    text = address;
            }
            onActiveFocusChanged: {
                if (!activeFocus)
                    text = address;
            }
        }
    }
    SettingRow {
        title: qsTr("Hugging Face token")
        detail: root.network.tokenProblem.length > 0 ? root.network.tokenProblem : root.network.tokenText
        Label {
            objectName: "tokenHint"
            visible: text.length > 0
            anchors.verticalCenter: parent.verticalCenter
            role: Theme.codeSmall
            color: Theme.t2
            text: root.network.tokenHint
        }
        Button {
            objectName: "changeToken"
            isSmall: true
            enabled: root.network.isAvailable
            text: root.network.tokenPlace === NetworkController.NoToken ? qsTr("Enter") : qsTr("Replace")
            Accessible.description: qsTr("Hugging Face token")
            onClicked: tokenDialog.open()
        }
    }
    SettingRow {
        title: qsTr("Connections")
        detail: root.network.ledger.unwritten.length > 0 ? root.network.ledger.unwritten : qsTr("When, to whom, why, and how much")
        Button {
            objectName: "showLedger"
            isSmall: true
            text: qsTr("Show")
            Accessible.description: qsTr("Connections")
            onClicked: ledgerDialog.open()
        }
    }

    LedgerDialog {
        id: ledgerDialog
        objectName: "ledgerDialog"
        ledger: root.network.ledger
    }
    TokenDialog {
        id: tokenDialog
        objectName: "tokenDialog"
        network: root.network
    }
}

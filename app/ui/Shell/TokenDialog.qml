import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// Enters the access token for gated models, or takes it away.
Dialog {
    id: root

    required property NetworkController network
    property bool isRefused: false // it opens again, with what was entered

    title: qsTr("Access token")
    subtitle: qsTr("Some models are given out only to an account that accepted their terms. The token is sent to %1 and to nobody else.").arg(network.endpoint)
    canAccept: field.text.trim().length > 0
    onAboutToShow: {
        if (!isRefused)
            field.clear();
        isRefused = false;
    }
    onOpened: field.forceActiveFocus(Qt.TabFocusReason)
    onAccepted: isRefused = !network.setToken(field.text)
    onClosed: {
        if (isRefused)
            open();
    }

    ColumnLayout {
        width: parent ? parent.width : 0
        spacing: 8
        TextField {
            id: field
            objectName: "tokenField"
            Layout.fillWidth: true
            name: root.title
            isMono: true
            echoMode: TextInput.Password
            inputMethodHints: Qt.ImhHiddenText | Qt.ImhSensitiveData | Qt.ImhNoPredictiveText
            placeholderText: "hf_…"
        }
        Label {
            Layout.fillWidth: true
            visible: text.length > 0
            role: Theme.caption
            color: Theme.err
            wrapMode: Text.Wrap
            text: root.network.tokenProblem
        }
    }
    buttons: [
        Button {
            objectName: "removeToken"
            visible: root.network.tokenPlace !== NetworkController.NoToken
            kind: Button.Danger
            text: qsTr("Remove the token")
            onClicked: {
                root.network.removeToken();
                root.reject();
            }
        },
        Button {
            objectName: "keepToken"
            kind: Button.Primary
            enabled: root.canAccept
            text: qsTr("Use this token")
            onClicked: root.accept()
        }
    ]
}

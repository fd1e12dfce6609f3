import QtQuick
import Sotto.App
import Sotto.Components
import Sotto.Theme

// The lower row of the composer: thinking, context, stop, send.
Item {
    id: root

    required property ChatController chat
    property bool isNarrow: false
    property bool canSend: false
    property bool enterSends: true

    readonly property string thinkingText: chat.settings.thinkingMode === 1 ? qsTr("Thinking: on") : chat.settings.thinkingMode === 2 ? qsTr("Thinking: off") : qsTr("Thinking: auto")

    signal sendRequested
    signal inspectRequested

    readonly property int tokens: chat.usedTokens + chat.draftTokens

    implicitHeight: 32

    Button {
        id: thinking
        visible: root.chat.modelHasThinking && !root.isNarrow
        kind: Button.Quiet
        leftPadding: 8
        rightPadding: 8
        iconName: "lightbulb"
        text: root.thinkingText
        onClicked: root.chat.settings.thinkingMode = (root.chat.settings.thinkingMode + 1) % 3

        HoverTip {
            isFocusable: false
            text: qsTr("Whether the model thinks before it answers. Auto leaves it to the model.")
        }
    }
    IconButton {
        visible: root.chat.modelHasThinking && root.isNarrow
        isLarge: true
        iconName: "lightbulb"
        iconColor: root.chat.settings.thinkingMode === 1 ? Theme.measured : Theme.t3
        text: root.thinkingText
        onClicked: root.chat.settings.thinkingMode = (root.chat.settings.thinkingMode + 1) % 3
    }
    Row {
        anchors.right: parent.right
        spacing: 8

        ContextMeter {
            id: meter
            objectName: "contextMeter"
            anchors.verticalCenter: parent.verticalCenter
            isSliding: root.chat.overflow.way === OverflowController.Sinks
            isOpen: contextPopup.visible
            onClicked: contextPopup.open()
            used: isSliding ? Math.min(root.chat.contextTokens, root.tokens) : root.tokens
            capacity: root.chat.contextTokens
            isNarrow: root.isNarrow

            ContextPopup {
                id: contextPopup
                objectName: "contextPopup"
                x: meter.width - width
                y: -height - 12
                chat: root.chat
                onInspectRequested: root.inspectRequested()
            }
        }
        Button {
            visible: root.chat.isBusy
            leftPadding: 30
            rightPadding: 12
            text: qsTr("Stop")
            Accessible.name: qsTr("Stop the answer")
            onClicked: root.chat.stop()

            Rectangle {
                x: 11
                anchors.verticalCenter: parent.verticalCenter
                width: 10
                height: 10
                radius: 2.5
                color: Theme.t1
            }
            HoverTip {
                isFocusable: false
                text: qsTr("Stop the answer (Esc)")
            }
        }
        SendButton {
            enabled: root.canSend && !root.chat.overflow.isOpen
            keys: root.enterSends ? "Enter" : "Shift+Enter"
            onClicked: root.sendRequested()
        }
    }
}

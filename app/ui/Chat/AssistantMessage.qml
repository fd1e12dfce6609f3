import QtQuick
import Sotto.App
import Sotto.Chat
import Sotto.Components

// What the model wrote: thinking, blocks, what went wrong, actions and numbers; each only when it is
// there.
Column {
    id: root

    required property ChatController chat
    property bool hasText: false
    property TextSelection selection: null
    property int messageRow: -1
    property BlockListModel blocks: null
    property int messageState: MessageListModel.Done
    property string thinkingText
    property real thinkingSeconds: 0
    property int thinkingTokens: 0
    property bool isThinkingOpen: false
    property string errorText
    property string endNote // empty: nothing is to be said below it
    property bool canAsk: false
    property bool canContinue: false
    property bool isEditing: false
    property string editText
    property string originalText
    property bool takesFocus: false // by the editor
    property bool canChange: true
    property bool isReadOnly: false // never to be changed
    property int versionCount: 1

    readonly property bool isThinking: messageState === MessageListModel.Thinking
    readonly property bool isWriting: messageState === MessageListModel.Writing
    readonly property bool isWaiting: messageState <= MessageListModel.Reading || isWriting && !hasText
    readonly property bool isEnded: messageState >= MessageListModel.Done

    signal linkOpened(string link)
    signal copyRequested(string text)
    signal editAccepted(string text)
    signal editCancelled
    signal editTyped(string text)
    signal retryRequested
    signal continueRequested
    signal thinkingToggled

    Loader {
        active: root.thinkingText.length > 0 || root.isThinking
        visible: active
        width: root.width
        height: active ? implicitHeight + 6 : 0
        // qmllint disable unqualified
        sourceComponent: ThinkingBlock {
            text: root.thinkingText
            selection: root.selection
            messageRow: root.messageRow
            seconds: root.thinkingSeconds
            tokens: root.thinkingTokens
            isRunning: root.isThinking
            isOpen: root.isThinkingOpen
            onToggled: root.thinkingToggled()
        }
        // qmllint enable unqualified
    }
    Loader {
        active: !root.isEditing && root.hasText
        visible: active
        width: root.width
        // qmllint disable unqualified
        sourceComponent: MessageBlocks {
            blocks: root.blocks
            isWriting: !root.isEnded
            selection: root.selection
            messageRow: root.messageRow
            onLinkOpened: link => root.linkOpened(link)
            onCopyRequested: text => root.copyRequested(text)
        }
        // qmllint enable unqualified
    }
    // Below the text of an answer that is carried on.
    Loader {
        active: root.isWaiting && !root.isEditing
        visible: active
        width: root.width
        // qmllint disable unqualified
        sourceComponent: WaitingNote {
            chat: root.chat
            messageState: root.messageState
        }
        // qmllint enable unqualified
    }
    Loader {
        active: root.isEditing
        visible: active
        width: root.width
        // qmllint disable unqualified
        sourceComponent: MessageEditor {
            originalText: root.originalText
            startText: root.editText
            takesFocus: root.takesFocus
            canSave: root.canChange
            versionCount: root.versionCount
            isUser: false
            onAccepted: text => root.editAccepted(text)
            onCancelled: root.editCancelled()
            onTyped: text => root.editTyped(text)
        }
        // qmllint enable unqualified
    }
    Loader {
        active: root.messageState === MessageListModel.Failed
        visible: active
        width: root.width
        height: active ? implicitHeight + 12 : 0
        // qmllint disable unqualified
        sourceComponent: Item {
            implicitHeight: card.height + 12
            ErrorCard {
                id: card
                y: 12
                width: Math.min(parent.width, 560)
                title: root.hasText ? qsTr("The answer broke off") : qsTr("There is no answer")
                text: root.hasText ? qsTr("%1 The text so far is kept.").arg(root.errorText) : root.errorText
                Button {
                    visible: !root.isReadOnly
                    kind: Button.Primary
                    text: qsTr("Try again")
                    onClicked: root.retryRequested()
                }
            }
        }
        // qmllint enable unqualified
    }
    Loader {
        active: root.endNote.length > 0 && !root.isEditing
        visible: active
        width: root.width
        // qmllint disable unqualified
        sourceComponent: EndNote {
            text: root.endNote
            isReadOnly: root.isReadOnly
            canAsk: root.canAsk
            canContinue: root.canContinue
            onAskRequested: root.retryRequested()
            onContinueRequested: root.continueRequested()
        }
        // qmllint enable unqualified
    }
    // The place of the actions is kept, so that nothing moves when they come under the pointer.
    Item {
        width: root.width
        height: !root.isEditing && (root.versionCount > 1 || root.hasText && root.isEnded) ? 34 : 0
    }
}

import QtQuick
import Sotto.App
import Sotto.Chat
import Sotto.Theme

// One message of the conversation: bubble or answer, centred in the message column. Actions are made
// only under the pointer, for the last message, and for the one chosen by keyboard.
Item {
    id: root

    required property int index
    required property int messageRole
    required property string shownText
    required property bool hasText
    required property BlockListModel blocks
    required property int messageState
    required property string thinkingText
    required property double thinkingSeconds
    required property int thinkingTokens
    required property int versionIndex
    required property int versionCount
    required property int writtenCount
    required property list<string> figures
    required property bool isCutShort
    required property string endNote
    required property string errorText
    required property string modelName
    required property bool isLast
    required property bool isEditing
    required property string editText
    required property string originalText
    required property bool isUnfolded
    required property bool isDamaged
    required property double readableBytes
    required property double totalBytes
    required property bool isDropped // it is not sent any more
    required property string dropMark

    required property ChatController chat
    property TextSelection selection: null
    property bool isReadOnly: false // lies in the bin
    property bool isChosen: false // by the arrow keys
    property bool takesFocus: false // the editor, when it was opened here and now

    readonly property bool isUser: messageRole === MessageListModel.User
    property bool isMenuOpen: false // of its actions, which stay until it closes
    readonly property bool showsActions: hover.hovered || isChosen || isMenuOpen || (isLast && !isUser)
    readonly property bool canChange: chat.canChange && !isReadOnly
    readonly property int nextGap: isUser || isDamaged ? 12 : 6

    signal thinkingOpened
    signal inspectRequested // its prompt
    signal editorLeft // the one that had taken the focus

    // An answer is asked for again, a question is written again by its author.
    function writeAgain(): void {
        if (isUser || index === 0)
            beginEdit();
        else
            chat.regenerateAt(index);
    }
    function remove(): void {
        if (canChange)
            chat.removeMessage(index);
    }
    function beginEdit(): void {
        if (!canChange)
            return;
        takesFocus = true;
        chat.messages.beginEdit(index);
    }

    implicitHeight: body.height + nextGap + (mark.active ? mark.height : 0)
    onIsEditingChanged: if (!isEditing && takesFocus) {
        takesFocus = false;
        editorLeft();
    }

    HoverHandler {
        id: hover
    }
    Rectangle {
        x: body.x - 12
        y: -6
        width: body.width + 24
        height: body.height + 12
        radius: Theme.radiusCard
        visible: root.isChosen
        color: "transparent"
        border.width: 2
        border.color: Theme.measured
    }
    Loader {
        id: body
        anchors.horizontalCenter: parent.horizontalCenter
        width: Math.min(ChatStyle.columnWidth, root.width - 48)
        opacity: root.isDropped ? ChatStyle.droppedOpacity : 1
        sourceComponent: root.isDamaged && !root.isEditing ? damagedComponent : root.isUser ? userComponent : answerComponent
    }
    // qmllint disable unqualified
    Component {
        id: damagedComponent
        DamagedMessage {
            text: root.shownText
            selection: root.selection
            messageRow: root.index
            isFolded: !root.isUnfolded
            onFoldRequested: isFolded => root.chat.messages.setUnfolded(root.index, !isFolded)
            readableBytes: root.readableBytes
            totalBytes: root.totalBytes
            canChange: root.canChange
            isReadOnly: root.isReadOnly
            onKeepRequested: root.chat.keepReadable(root.index)
            onRewriteRequested: root.writeAgain()
            onRemoveRequested: root.chat.takeOut(root.index)
        }
    }
    Component {
        id: userComponent
        UserMessage {
            text: root.shownText
            originalText: root.originalText
            selection: root.selection
            messageRow: root.index
            versionIndex: root.versionIndex
            versionCount: root.versionCount
            showsActions: root.showsActions
            canChange: root.canChange
            isReadOnly: root.isReadOnly
            isEditing: root.isEditing
            editText: root.editText
            takesFocus: root.takesFocus
            isUnanswered: root.isLast && root.chat.state === ChatController.Idle
            canAsk: root.chat.canSend
            onAskRequested: root.chat.regenerateAt(root.index)
            onRemoveRequested: root.remove()
            isFolded: !root.isUnfolded
            onFoldRequested: isFolded => root.chat.messages.setUnfolded(root.index, !isFolded)
            onCopyRequested: root.chat.copyMessage(root.index)
            onEditRequested: root.beginEdit()
            onEditAccepted: text => root.chat.edit(root.index, text)
            onEditCancelled: root.chat.messages.cancelEdit(root.index)
            onEditTyped: text => root.chat.messages.setEditText(root.index, text)
            onVersionRequested: offset => root.chat.showVersion(root.index, offset)
        }
    }
    Component {
        id: answerComponent
        AssistantMessage {
            hasText: root.hasText
            originalText: root.originalText
            selection: root.selection
            messageRow: root.index
            blocks: root.blocks
            messageState: root.messageState
            thinkingText: root.thinkingText
            thinkingSeconds: root.thinkingSeconds
            thinkingTokens: root.thinkingTokens
            errorText: root.errorText
            chat: root.chat
            endNote: root.endNote
            canAsk: root.chat.canSend
            canContinue: root.isLast && root.chat.canContinue
            isEditing: root.isEditing
            editText: root.editText
            takesFocus: root.takesFocus
            canChange: root.canChange
            isReadOnly: root.isReadOnly
            versionCount: root.versionCount
            onLinkOpened: link => root.chat.openLink(link)
            onCopyRequested: text => root.chat.copyText(text)
            onEditAccepted: text => root.chat.edit(root.index, text)
            onEditCancelled: root.chat.messages.cancelEdit(root.index)
            onEditTyped: text => root.chat.messages.setEditText(root.index, text)
            onRetryRequested: root.chat.regenerateAt(root.index)
            onContinueRequested: root.chat.continueAnswer()
            isThinkingOpen: root.isUnfolded
            onThinkingToggled: {
                root.chat.messages.setUnfolded(root.index, !root.isUnfolded);
                if (root.isUnfolded)
                    root.thinkingOpened();
            }
        }
    }
    Loader {
        id: mark
        active: root.dropMark.length > 0
        x: body.x
        y: body.height + root.nextGap - 4
        width: body.width
        sourceComponent: DropMark {
            text: root.dropMark
            canChange: root.canChange
            onTakeBackRequested: root.chat.overflow.takeBack()
        }
    }
    // qmllint enable unqualified
    Loader {
        active: !root.isUser && !root.isDamaged && (root.showsActions || root.versionCount > 1) && !root.isEditing && (root.versionCount > 1 || root.hasText && root.messageState >= MessageListModel.Done)
        x: body.x - 6
        y: body.height - 28
        // qmllint disable unqualified
        sourceComponent: MessageActions {
            showsAll: root.showsActions
            versionIndex: root.versionIndex
            versionCount: root.versionCount
            writtenCount: root.writtenCount
            isWritten: root.messageState < MessageListModel.Done
            canChange: root.canChange
            answersDiffer: root.chat.answersDiffer
            onIsMenuOpenChanged: root.isMenuOpen = isMenuOpen
            isReadOnly: root.isReadOnly
            canContinue: root.isLast && root.chat.canContinue && root.isCutShort
            isLast: root.isLast
            figures: root.figures
            modelName: root.modelName
            onCopyRequested: root.chat.copyMessage(root.index)
            onEditRequested: root.beginEdit()
            onRegenerateRequested: nAnswers => root.chat.regenerateAt(root.index, nAnswers)
            onContinueRequested: root.chat.continueAnswer()
            onRemoveRequested: root.remove()
            onInspectRequested: root.inspectRequested()
            onVersionRequested: offset => root.chat.showVersion(root.index, offset)
        }
        // qmllint enable unqualified
    }
}

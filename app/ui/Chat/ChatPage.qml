import QtQuick
import Sotto.App
import Sotto.Components
import Sotto.Theme

// The chat page: top bar, conversation, composer, and the live panel, docked at the right or over the page.
FocusScope {
    id: root

    required property AppFacade app
    property bool isListDocked: true
    property bool isLiveDocked: Window.width >= 1360 // the window is wide enough for the panel beside the page
    property bool isLiveOverPage: false

    readonly property ContextInspector inspector: app.chat.inspector
    readonly property OverflowController overflow: app.chat.overflow
    readonly property bool isInspectorOpen: inspector.isOpen
    readonly property bool isInspectorShown: isLiveDocked && isInspectorOpen // beside the page
    readonly property bool isLiveShown: isLiveDocked && app.settings.isLiveOpen && !isInspectorOpen
    readonly property bool isEmpty: app.chat.state === ChatController.Empty
    readonly property bool isNarrow: width < 960
    readonly property bool isInBin: app.bin.isShown
    readonly property Item foot: isInBin ? binBar : composer

    signal parametersRequested(string path)
    signal listRequested
    signal deleteRequested(double chatId) // for good; the window asks first

    function focusComposer(): void {
        if (isInBin)
            binBar.focusText();
        else
            composer.focusText();
    }
    function openModelPicker(): void {
        topBar.openPicker();
    }
    function openSampling(): void {
        topBar.openSampling();
    }
    function editLast(): void {
        view.editLastQuestion();
    }
    function openFind(): void {
        findBar.open();
    }
    function toggleLive(): void {
        if (isLiveDocked)
            app.settings.isLiveOpen = !app.settings.isLiveOpen;
        else
            isLiveOverPage = !isLiveOverPage;
    }
    function toggleInspector(): void {
        if (isInspectorOpen)
            closeInspector();
        else
            inspect(-1);
    }
    // The prompt of the answer in this row; -1: of the last one.
    function inspect(row: int): void {
        isLiveOverPage = false;
        inspector.open(row);
        (inspectorPanel.item as InspectorPanel)?.takeFocus();
    }
    function closeInspector(): void {
        inspector.close();
        focusComposer();
    }
    // Opens the branch of the shown chat that has this message, and scrolls to it.
    function showMessage(messageId: double): void {
        app.chat.openMessage(app.chat.chatId, messageId); // qmllint disable type
    }
    // Esc: stop, then close, then clear the selection. False when there was nothing to do.
    function handleEscape(): bool {
        if (app.chat.isBusy)
            app.chat.stop();
        else if (overflow.isOpen)
            overflow.dismiss();
        else if (topBar.hasPopup)
            topBar.closePopups();
        else if (findBar.visible)
            findBar.close();
        else if (isInspectorOpen)
            closeInspector();
        else if (isLiveOverPage)
            isLiveOverPage = false;
        else if (!view.leaveText())
            return false;
        return true;
    }

    // What is typed while something that takes no text has the focus is meant for the composer.
    function takeTyping(event: var): void {
        const isCommand = (event.modifiers & (Qt.ControlModifier | Qt.AltModifier | Qt.MetaModifier)) !== 0;
        event.accepted = composer.visible && !isCommand && event.text >= " " && event.key !== Qt.Key_Delete;
        if (event.accepted)
            composer.typeText(event.text);
    }

    onIsLiveDockedChanged: isLiveOverPage = false
    Binding {
        target: ChatStyle
        property: "formulas"
        value: root.app.formulas
    }
    Keys.onEscapePressed: event => event.accepted = handleEscape()
    Keys.onPressed: event => takeTyping(event)

    Item {
        id: area
        width: root.width - (root.isInspectorShown ? inspectorPanel.width : root.isLiveShown ? panel.width : 0)
        height: root.height

        ChatTopBar {
            id: topBar
            width: parent.width
            visible: !root.isInBin
            app: root.app
            hasListButton: !root.isListDocked
            hasLiveChip: !root.isLiveShown
            isLiveOpen: root.isLiveOverPage
            isFindOpen: findBar.visible
            onListRequested: root.listRequested()
            onFindRequested: root.openFind()
            onLiveRequested: root.toggleLive()
            onParametersRequested: path => root.parametersRequested(path)
        }
        BinTopBar {
            width: parent.width
            height: topBar.height
            visible: root.isInBin
            bin: root.app.bin
            hasListButton: !root.isListDocked
            isFindOpen: findBar.visible
            onListRequested: root.listRequested()
            onFindRequested: root.openFind()
        }
        MessageView {
            id: view
            y: topBar.height + (findBar.visible ? findBar.height + 8 : 0)
            width: parent.width
            height: root.foot.y - 8 - y - (notices.height > 0 ? notices.height + 8 : 0) - (overflowPanel.active ? overflowPanel.height + 8 : 0)
            visible: !root.isEmpty
            chat: root.app.chat
            isReadOnly: root.isInBin
            hits: findBar.hits
            onFocusLeft: root.focusComposer()
            onUndoRequested: root.app.chats.undo()
            onFindRequested: root.openFind()
            onInspectRequested: row => root.inspect(row)
        }
        FocusRing {
            anchors.fill: view
            isInside: true
            visible: view.visible && root.Window.activeFocusItem === view && view.currentIndex < 0 && !view.isPointedAt
        }
        Loader {
            active: root.isEmpty
            anchors.horizontalCenter: parent.horizontalCenter
            y: Math.max(topBar.height + 16, Math.round((composer.y - height) * 0.46))
            width: Math.min(ChatStyle.columnWidth, parent.width - 48)
            // qmllint disable unqualified
            sourceComponent: EmptyChat {
                isTemporary: root.app.chat.isTemporary
                suggestions: root.app.chat.suggestions
                isDemo: root.app.models.isDemo
                canAsk: root.app.chat.canSend
                onAsked: text => root.app.chat.send(text)
            }
            // qmllint enable unqualified
        }
        // Screen readers hear a paragraph when it ends: a changed name of an alert is spoken.
        Item {
            id: announcer
            objectName: "announcer"
            property string sentence
            Accessible.role: Accessible.AlertMessage
            Accessible.name: sentence
        }
        Connections {
            target: root.app.chat
            function onParagraphFinished(plainText: string): void {
                announcer.sentence = plainText;
            }
        }
        JumpPill {
            anchors.horizontalCenter: parent.horizontalCenter
            y: root.foot.y - height - 16
            visible: !root.isEmpty && !view.isFollowing && !view.isAtEnd
            onClicked: view.jumpToEnd()
        }
        FindBar {
            id: findBar
            anchors.right: parent.right
            anchors.rightMargin: 16
            y: topBar.height + 4
            chat: root.app.chat
            onHitRequested: view.showHit()
            onClosed: root.focusComposer()
        }
        Column {
            id: notices
            anchors.horizontalCenter: parent.horizontalCenter
            y: (overflowPanel.active ? overflowPanel.y : composer.y) - height - 8
            spacing: 8

            Notice {
                objectName: "promptNotice"
                width: composer.width
                visible: text.length > 0 && !root.isInBin
                iconColor: Theme.t3
                text: root.app.chat.promptNotice
                IconButton {
                    iconName: "x"
                    text: qsTr("Dismiss")
                    onClicked: root.app.chat.dismissPromptNotice()
                }
            }
            TemporaryNotice {
                anchors.horizontalCenter: parent.horizontalCenter
                visible: root.app.chat.isTemporary && !root.isEmpty
            }
        }
        Composer {
            id: composer
            objectName: "composer"
            anchors.horizontalCenter: parent.horizontalCenter
            y: parent.height - height - 8
            width: Math.min(ChatStyle.composerWidth, parent.width - 32)
            visible: !root.isInBin
            focus: true
            chat: root.app.chat
            settings: root.app.settings
            isNarrow: root.isNarrow
            onEditLastRequested: view.editLastQuestion()
            onModelRequested: root.openModelPicker()
            onComparisonStopRequested: root.app.compare.stop()
            onInspectRequested: root.inspect(-1)
        }
        Loader {
            id: overflowPanel
            objectName: "overflowPanel"
            active: root.overflow.isOpen && !root.isInBin
            anchors.horizontalCenter: parent.horizontalCenter
            y: composer.y - height - 8
            width: composer.width
            height: active ? implicitHeight : 0
            onLoaded: if (root.visible && !root.overflow.isOffer)
                (item as OverflowPanel).takeFocus()
            onActiveChanged: if (!active && root.visible)
                root.focusComposer()
            // qmllint disable unqualified
            sourceComponent: OverflowPanel {
                overflow: root.overflow
                longestHeight: composer.y - topBar.height - 24
            }
            // qmllint enable unqualified
        }
        BinBar {
            id: binBar
            anchors.horizontalCenter: parent.horizontalCenter
            y: parent.height - height - 16
            width: Math.min(ChatStyle.composerWidth, parent.width - 32)
            visible: root.isInBin
            bin: root.app.bin
            onDeleteRequested: root.deleteRequested(root.app.bin.shownChatId)
        }
    }
    MouseArea {
        anchors.fill: parent
        visible: root.isLiveOverPage || root.isInspectorOpen && !root.isInspectorShown
        onPressed: {
            root.isLiveOverPage = false;
            if (root.isInspectorOpen)
                root.closeInspector();
        }
    }
    Loader {
        id: panel
        active: root.visible && (root.isLiveShown || root.isLiveOverPage)
        anchors.right: parent.right
        width: 320
        height: parent.height
        // qmllint disable unqualified
        sourceComponent: LivePanel {
            live: root.app.live
            onCloseRequested: root.toggleLive()
        }
        // qmllint enable unqualified
    }

    Loader {
        id: inspectorPanel
        active: root.visible && root.isInspectorOpen
        anchors.right: parent.right
        width: 624
        height: parent.height
        // qmllint disable unqualified
        sourceComponent: InspectorPanel {
            objectName: "inspectorPanel"
            inspector: root.inspector
            onCloseRequested: root.closeInspector()
            onCopyRequested: text => root.app.chat.copyText(text)
        }
        // qmllint enable unqualified
    }

    Notice {
        objectName: "chatProblem"
        anchors.horizontalCenter: area.horizontalCenter
        y: topBar.height + 8
        width: Math.min(560, area.width - 48)
        visible: text.length > 0
        iconName: "triangle-alert"
        iconColor: Theme.err
        text: root.app.chat.problem
        Button {
            isSmall: true
            text: qsTr("Close")
            onClicked: root.app.chat.dismissProblem()
        }
    }
}

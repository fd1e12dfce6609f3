import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components
import Sotto.System
import Sotto.Theme

// The window: rail, one page at a time (WindowPages), overlays, keys. main() passes the root object.
T.ApplicationWindow {
    id: root

    required property AppFacade app
    property WindowPages pages: WindowPages {
        app: root.app
    }
    property string page: pages.all[0].name
    readonly property alias commands: windowCommands
    readonly property Item overlay: T.Overlay.overlay

    function showPage(name: string): void {
        page = name;
        stack.focusPage();
    }
    // Nothing on screen takes keys: what had the focus is gone, or a mere frame has it. While something lies
    // over the page, or is on its way out, the focus is its to give back.
    function isFocusIdle(): bool {
        const item = activeFocusItem;
        if (item === null || item === contentItem.parent)
            return !overlay.visible;
        return item instanceof FocusScope || item.parent === stack;
    }
    width: 1440
    height: 900
    minimumWidth: 960
    minimumHeight: 600
    title: app.chat.title.length > 0 ? app.chat.title + " – Sotto" : "Sotto"
    color: Theme.bg2
    palette {
        window: Theme.bg2
        windowText: Theme.t1
        light: Theme.bg3
        midlight: Theme.bg4
        mid: Theme.line2
        dark: Theme.line2
        shadow: "black"
        base: Theme.bg3
        brightText: Theme.t1
        text: Theme.t1
        button: Theme.bg4
        buttonText: Theme.t1
        highlight: Theme.measuredDim
        highlightedText: Theme.t1
        link: Theme.blue
        placeholderText: Theme.t3
    }
    onClosing: close => close.accepted = app.closeGuard.request()
    Component.onCompleted: stack.focusPage()
    onActiveFocusItemChanged: idleFocus.restart()

    Connections {
        target: root.overlay
        function onVisibleChanged(): void {
            idleFocus.restart();
        }
    }
    Timer {
        id: idleFocus // behind whoever is about to take the focus
        interval: 0
        onTriggered: if (root.isFocusIdle())
            stack.focusPage()
    }

    PopupFocus {
        overlay: root.overlay
        page: root.contentItem
    }
    Translation {
        id: translation
        setting: root.app.settings.language
    }
    Binding {
        target: Theme
        property: "isDark"
        value: root.app.settings.isDark
    }
    Binding {
        target: Theme
        property: "language"
        value: translation.current
    }
    Binding {
        target: Theme
        property: "textSize"
        value: root.app.settings.textSize
    }
    Binding {
        target: Theme
        property: "reducedMotion"
        value: root.app.settings.reducedMotion
    }

    FileDialogColours {
        overlay: root.T.Overlay.overlay
    }
    WindowKeys {
        commands: windowCommands
    }
    WindowCommands {
        id: windowCommands
        app: root.app
        pages: root.pages
        isChatPage: root.page === root.pages.chat.name && !root.app.settings.isFirstRun
        searchChats.onTriggered: search.openWith(false)
        search.onTriggered: search.openWith(true)
        shortcuts.onTriggered: shortcuts.open()
        jobs.onTriggered: jobsPopover.toggle()
    }

    RowLayout {
        anchors.fill: parent
        spacing: 0

        Rail {
            objectName: "rail"
            Layout.fillHeight: true
            pages: root.pages
            currentPage: root.page
            jobs: root.app.jobs
            isJobsOpen: jobsPopover.opened
            onJobsRequested: jobsPopover.toggle()

            JobsPopover {
                id: jobsPopover
                x: 64
                y: parent.height - height - 16
                jobs: root.app.jobs
                mostHeight: root.height - 32
            }
        }
        Item {
            Layout.fillWidth: true
            Layout.fillHeight: true

            StorageBanner {
                id: banner
                objectName: "storageProblem"
                width: parent.width
                isToldElsewhere: closeDialog.visible && root.app.closeGuard.tellsCause
                health: root.app.health
            }
            PageStack {
                id: stack
                anchors.fill: parent
                anchors.topMargin: banner.height
                app: root.app
                commands: windowCommands
                pages: root.pages
                current: root.page
                onPageRequested: name => root.showPage(name)
            }
            Toast {
                id: toast
                objectName: "toast"
                foot: stack.currentPage?.foot ?? 0
                middle: stack.currentPage?.middle ?? parent.width / 2
                onActionTriggered: root.app.chats.undo()
            }
        }
    }

    SearchOverlay {
        id: search
        app: root.app
        commands: windowCommands.list
        onMessageRequested: (chatId, messageId) => {
            root.showPage(root.pages.chat.name);
            root.app.chat.openMessage(chatId, messageId);
        }
    }
    ShortcutsOverlay {
        id: shortcuts
        groups: opened ? windowCommands.list.groups() : []
    }
    CloseDialog {
        id: closeDialog
        objectName: "closeDialog"
        guard: root.app.closeGuard
    }
    Connections {
        target: root.app.jobs
        function onDownloadsRequested(): void {
            jobsPopover.close();
            root.showPage(root.pages.models.name);
            stack.showDownloads();
        }
    }
    Connections {
        target: root.app.closeGuard
        function onMayClose(): void {
            root.close();
        }
    }
    Connections {
        target: root.app.chats
        function onCanUndoChanged(): void {
            if (root.app.chats.canUndo)
                toast.show(root.app.chats.undoText, qsTr("Undo"));
            else
                toast.hide();
        }
        function onUndoTextChanged(): void {
            if (toast.isShown && root.app.chats.canUndo)
                toast.text = root.app.chats.undoText;
        }
    }
}

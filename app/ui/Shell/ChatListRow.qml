import QtQuick
import Sotto.App
import Sotto.Components
import Sotto.Theme

// One row of the chat list: a section heading, a folder, or a chat. Chats can be dragged onto folders, and
// onto headings to leave their folder.
Item {
    id: root

    required property AppFacade app
    required property int index
    required property int kind
    required property int section
    required property string title
    required property double chatId
    required property double folderId
    required property bool isPinned
    required property bool isExpanded
    required property int count
    required property bool isCurrent
    required property bool isWriting
    required property date time
    required property int depth

    property bool isRenaming: false
    property string renamingText // in place of the title, when it could not be stored
    property bool takesFocus: true // the field
    property bool isFocused: false
    property bool isMenuOpen: false

    readonly property bool isSection: kind === ChatListModel.Section
    readonly property bool isFolder: kind === ChatListModel.Folder
    readonly property bool isChat: kind === ChatListModel.Chat
    readonly property string shownTitle: title.length > 0 ? title : qsTr("New chat")
    readonly property bool isHovered: hover.hovered || isMenuOpen

    signal opened
    signal menuRequested(real x, real y)
    signal renamingEnded(bool byKey)
    signal pressedByMouse

    function activate(): void {
        if (isFolder) {
            app.chats.toggleFolder(folderId);
        } else if (isChat) {
            app.chats.open(chatId);
            opened();
        }
    }
    function remove(): void {
        if (isFolder)
            app.chats.removeFolder(folderId);
        else if (isChat)
            app.chats.remove(chatId);
    }
    function rename(text: string, byKey: bool): void {
        renamingEnded(byKey);
        if (text.length > 0 && text !== title) {
            if (isFolder)
                app.chats.renameFolder(folderId, text);
            else
                app.chats.rename(chatId, text);
        }
    }
    implicitHeight: isSection ? 36 : 32
    Accessible.role: isSection ? Accessible.Heading : Accessible.ListItem
    Accessible.name: isSection ? heading.text : isWriting ? qsTr("%1, an answer is being written").arg(shownTitle) : shownTitle
    Accessible.selected: isCurrent
    Accessible.onPressAction: root.activate()

    Label {
        id: heading
        x: 16
        y: 16
        visible: root.isSection
        role: Theme.microMedium
        color: Theme.t3
        text: root.title
    }

    Rectangle {
        id: surface
        x: 8
        width: root.width - 16
        height: 32
        visible: !root.isSection
        radius: Theme.radiusControl
        color: dropArea.containsDrag ? Theme.measuredDim : root.isCurrent ? Theme.bg4 : root.isHovered ? Theme.bg3 : "transparent"
        opacity: drag.active ? 0.6 : 1

        FocusRing {
            isInside: true
            visible: root.isFocused
        }
        HoverHandler {
            id: hover
        }
        TapHandler {
            acceptedButtons: Qt.LeftButton
            onPressedChanged: if (pressed)
                root.pressedByMouse()
            onTapped: root.activate()
        }
        TapHandler {
            acceptedButtons: Qt.RightButton
            onTapped: eventPoint => root.menuRequested(eventPoint.position.x + 8, eventPoint.position.y)
        }
        DragHandler {
            id: drag
            enabled: root.isChat && !root.isRenaming
            acceptedDevices: PointerDevice.Mouse
            dragThreshold: 6
            target: ghost
            grabPermissions: PointerHandler.CanTakeOverFromAnything
            onActiveChanged: {
                if (active) {
                    ghost.x = centroid.position.x - 12;
                    ghost.y = centroid.position.y - 16;
                } else {
                    ghost.Drag.drop();
                }
            }
        }

        Row {
            x: 8 + root.depth * 22
            height: parent.height
            spacing: 8
            Icon {
                anchors.verticalCenter: parent.verticalCenter
                visible: root.isFolder
                name: root.isExpanded ? "chevron-down" : "chevron-right"
                size: 15
            }
            Icon {
                anchors.verticalCenter: parent.verticalCenter
                visible: root.isFolder || root.isPinned
                name: root.isPinned ? "pin" : root.isExpanded ? "folder-open" : "folder"
                size: 15
            }
            Label {
                anchors.verticalCenter: parent.verticalCenter
                width: Math.max(0, surface.width - parent.x - x - trailing.width - 16)
                visible: !root.isRenaming
                elide: Text.ElideRight
                color: root.isCurrent || root.isHovered ? Theme.t1 : Theme.t2
                text: root.shownTitle
            }
        }
        Item {
            id: trailing
            anchors.right: parent.right
            anchors.rightMargin: more.visible ? 2 : 8
            width: more.visible ? more.width : root.isWriting ? 7 : note.implicitWidth
            height: parent.height
            visible: !root.isRenaming

            Pulse {
                anchors.verticalCenter: parent.verticalCenter
                visible: root.isWriting && !more.visible
            }
            Label {
                id: note
                anchors.verticalCenter: parent.verticalCenter
                visible: !more.visible && !root.isWriting
                role: Theme.caption
                color: Theme.t3
                text: root.isFolder ? Theme.format.count(root.count) : root.section === ChatListModel.Today ? Theme.format.moment(root.time) : ""
            }
            IconButton {
                id: more
                anchors.verticalCenter: parent.verticalCenter
                visible: root.isHovered && !drag.active
                focusPolicy: Qt.NoFocus
                iconName: "ellipsis"
                text: qsTr("More")
                isOpen: root.isMenuOpen
                onClicked: root.menuRequested(root.width - 40, 30)
            }
        }
        Loader {
            anchors.fill: parent
            active: root.isRenaming
            // A Loader cannot make bound components in 6.4, so the linter cannot see that ids are in reach.
            // qmllint disable unqualified
            sourceComponent: TextField {
                id: field
                objectName: "nameField"
                name: qsTr("New name")
                text: root.renamingText.length > 0 ? root.renamingText : root.title
                Component.onCompleted: {
                    selectAll();
                    if (root.takesFocus)
                        forceActiveFocus(Qt.OtherFocusReason);
                }
                onTextEdited: root.app.chats.typeName(root.chatId, root.chatId === 0 ? root.folderId : 0, text) // qmllint disable type
                onAccepted: root.rename(text.trim(), true)
                onActiveFocusChanged: if (!activeFocus && root.isRenaming)
                    root.rename(text.trim(), false)
                Keys.onEscapePressed: root.renamingEnded(true)
            }
            // qmllint enable unqualified
        }
        // What moves under the pointer.
        Rectangle {
            id: ghost
            z: 100
            width: ghostLabel.implicitWidth + 24
            height: 32
            visible: drag.active
            radius: Theme.radiusControl
            color: Theme.bg5
            Drag.active: drag.active
            Drag.source: root
            Drag.hotSpot.x: 12
            Drag.hotSpot.y: 16
            Label {
                id: ghostLabel
                x: 12
                anchors.verticalCenter: parent.verticalCenter
                text: root.shownTitle
            }
        }
    }
    DropArea {
        id: dropArea
        anchors.fill: parent
        enabled: root.isFolder || root.isSection
        onDropped: drop => {
            const row = drop.source as ChatListRow;
            if (row && row !== root)
                root.app.chats.moveToFolder(row.chatId, root.isFolder ? root.folderId : 0);
        }
    }
}

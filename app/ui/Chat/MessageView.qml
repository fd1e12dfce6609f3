pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Sotto.App
import Sotto.Chat
import Sotto.Components

// The conversation. Follows the text while it is at the bottom and never otherwise; the arrow keys
// choose a message, Enter and Tab reach its actions.
ListView {
    id: root

    required property ChatController chat
    property bool isReadOnly: false // the chat lies in the bin
    property FindHits hits: null // what is looked for in it

    property bool isFollowing: true
    readonly property bool isUserScrolling: moving || bar.pressed
    readonly property bool isAtEnd: contentHeight <= height || contentY >= originY + contentHeight - height - 24

    signal focusLeft // what had it is gone or no longer wanted
    signal undoRequested
    signal findRequested
    signal inspectRequested(int row) // the prompt of this answer

    property bool isPointedAt: false // it has the focus by the pointer: no ring
    onActiveFocusChanged: if (!activeFocus)
        isPointedAt = false

    function follow(): void {
        if (isFollowing && count > 0 && !isUserScrolling)
            positionViewAtEnd();
    }
    function jumpToEnd(): void {
        cancelFlick();
        isFollowing = true;
        positionViewAtEnd();
    }
    function showRow(row: int): void {
        isFollowing = false;
        positionViewAtIndex(row, ListView.Beginning);
        contentY = Math.max(originY, contentY - 16);
    }
    // What is looked at of `hits` is in sight, a little below the upper edge.
    function showHit(): void {
        if (hits.block < 0)
            chat.messages.setUnfolded(hits.row, true);
        showRow(hits.row);
        place.tries = 0;
        place.restart();
    }
    function showHeight(y: real): void {
        const end = originY + Math.max(0, contentHeight - height);
        contentY = Math.max(originY, Math.min(end, y - 48));
    }
    function columnIn(item: Item): BlockColumn {
        if (item instanceof BlockColumn)
            return item as BlockColumn;
        for (const child of Array.from(item?.children ?? [])) {
            const found = columnIn(child as Item);
            if (found !== null)
                return found;
        }
        return null;
    }
    // About where what is looked at of `hits` stands in its message.
    function hitHeight(message: Item): real {
        const column = columnIn(message);
        const isBlock = column !== null && hits.block >= 0;
        const place = isBlock ? column.placeOf(hits.block) : Qt.rect(0, 0, 0, message.height);
        return (isBlock ? column : message).mapToItem(contentItem, 0, place.y + chosenText.hitShare() * place.height).y;
    }
    function editRow(row: int): void {
        if (row < 0)
            return;
        isFollowing = false;
        positionViewAtIndex(row, ListView.Contain);
        (itemAtIndex(row) as MessageDelegate)?.beginEdit();
    }
    function editLastQuestion(): void {
        // An answer always follows its question, so the last question is one of the last two rows.
        for (let row = count - 1; row >= Math.max(0, count - 2); --row) {
            positionViewAtIndex(row, ListView.Contain);
            if ((itemAtIndex(row) as MessageDelegate)?.isUser)
                return editRow(row);
        }
    }
    function choose(row: int): void {
        currentIndex = Math.max(0, Math.min(count - 1, row));
        positionViewAtIndex(currentIndex, ListView.Contain);
        isFollowing = isAtEnd; // of a long one its beginning is shown
    }
    function scrollBy(distance: real): void {
        const end = originY + Math.max(0, contentHeight - height);
        contentY = Math.max(originY, Math.min(end, contentY + distance));
        isFollowing = isAtEnd;
    }

    // Esc: what is selected, then which message is chosen. False when there was neither.
    function leaveText(): bool {
        const isSelected = !chosenText.isEmpty;
        const isChosen = currentIndex >= 0;
        if (isSelected)
            chosenText.clear();
        else if (isChosen) {
            currentIndex = -1;
            focusLeft();
        }
        return isSelected || isChosen;
    }
    function openMenu(row: int, link: string, at: point): void {
        menu.row = row;
        menu.link = link;
        menu.isUser = chat.messages.data(chat.messages.index(row, 0), MessageListModel.MessageRoleRole) === MessageListModel.User;
        menu.popup(root, at.x, at.y);
    }

    model: chat.messages
    clip: true
    currentIndex: -1
    highlightFollowsCurrentItem: false
    keyNavigationEnabled: false
    activeFocusOnTab: true
    boundsBehavior: Flickable.StopAtBounds
    cacheBuffer: 400
    topMargin: 8
    bottomMargin: 12
    flickDeceleration: 6000
    maximumFlickVelocity: 6000
    Accessible.role: Accessible.List
    Accessible.name: qsTr("Conversation")

    // Whoever scrolls away reads; whoever comes back to the bottom follows again.
    onIsUserScrollingChanged: if (!isUserScrolling)
        isFollowing = isAtEnd
    onContentYChanged: if (isUserScrolling)
        isFollowing = isAtEnd

    Keys.onUpPressed: choose(currentIndex < 0 ? count - 1 : currentIndex - 1)
    Keys.onDownPressed: choose(currentIndex < 0 ? count - 1 : currentIndex + 1)
    Keys.onPressed: event => {
        event.accepted = true;
        if (event.key === Qt.Key_Home)
            choose(0);
        else if (event.key === Qt.Key_End) {
            choose(count - 1);
            jumpToEnd();
        } else if (event.key === Qt.Key_PageUp)
            scrollBy(24 - height);
        else if (event.key === Qt.Key_PageDown)
            scrollBy(height - 24);
        else if (event.key === Qt.Key_Delete && currentItem)
            (currentItem as MessageDelegate).remove();
        else if (event.matches(StandardKey.Undo))
            undoRequested();
        else if (event.matches(StandardKey.Copy))
            chosenText.copy();
        else if (event.matches(StandardKey.SelectAll))
            chosenText.selectMessage(chosenText.row() >= 0 ? chosenText.row() : Math.max(0, currentIndex));
        else if (event.key === Qt.Key_Menu && count > 0)
            openMenu(Math.max(0, currentIndex >= 0 ? currentIndex : chosenText.row()), "", Qt.point(width / 2, height / 3));
        else
            event.accepted = false;
    }

    T.ScrollBar.vertical: ScrollBar {
        id: bar
    }
    TextSelection {
        id: chosenText
        messages: root.chat.messages
        hits: root.hits
    }
    SelectionSurface {
        // Where the list is looked at: below the messages, but above the list, which would flick.
        parent: root.contentItem
        y: root.contentY
        z: -1
        width: root.width
        height: root.height
        selection: chosenText
        viewport: root
        onPressed: {
            root.forceActiveFocus(Qt.MouseFocusReason);
            root.isPointedAt = true;
        }
        onScrollRequested: distance => root.scrollBy(distance)
        onMenuRequested: (row, link, at) => root.openMenu(row, link, at)
    }
    TextMenu {
        id: menu
        chat: root.chat
        selection: chosenText
        isReadOnly: root.isReadOnly
        onFindRequested: root.findRequested()
        onEditRequested: row => root.editRow(row)
    }
    Timer {
        id: place // when the message has been laid out

        property int tries: 0

        interval: 16
        onTriggered: {
            const word = chosenText.hitIn(root.contentItem);
            if (word.height > 0) {
                chosenText.showHitSideways();
                return root.showHeight(word.y);
            }
            const message = root.itemAtIndex(root.hits?.row ?? -1);
            if (message === null || tries++ === 10)
                return;
            // Of what is long only what is near is made: there about, then there.
            root.showHeight(root.hitHeight(message));
            restart();
        }
    }
    ReadingPlace {
        list: root
        selection: chosenText
        isAtEnd: root.isFollowing
        onEndMoved: root.follow()
    }

    delegate: MessageDelegate {
        width: ListView.view.width
        chat: root.chat
        selection: chosenText
        isReadOnly: root.isReadOnly
        isChosen: ListView.isCurrentItem && root.activeFocus
        // Its head stays where it was clicked.
        onThinkingOpened: root.isFollowing = false
        onInspectRequested: root.inspectRequested(index)
        onEditorLeft: root.focusLeft()
    }

    Connections {
        target: root.chat
        function onChatChanged(): void {
            root.currentIndex = -1;
            root.isFollowing = true;
        }
        function onScrollToRow(row: int): void {
            root.showRow(row);
        }
    }
}

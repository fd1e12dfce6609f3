pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components
import Sotto.Theme

// The answer as it is written, plain: what is common with the reference dimmed, the first difference marked, the words
// behind it that the reference has not in its colour. It follows the writing while it stands at its end. Where other
// ways are marked, ← and → go from one to the next.
Flickable {
    id: root

    required property string name
    required property string answer
    required property int commonLength
    required property var mark
    required property var changes
    required property var otherWays // places that are marked as where another model would have said something else
    required property string foot
    required property bool isWriting

    property bool isFollowing: true
    property int seenCursor: 0
    readonly property bool isUserScrolling: moving || bar.pressed

    function isAtEnd(): bool {
        return contentY >= contentHeight - height - 24;
    }
    // A text that is written sets the cursor to its beginning with every part that comes: that is no move of it.
    function followCursor(): void {
        const isMoved = text.cursorPosition !== seenCursor;
        seenCursor = text.cursorPosition;
        if (!isMoved || isWriting || !text.activeFocus)
            return;
        const place = text.cursorRectangle;
        contentY = Math.max(Math.min(contentY, place.y), place.y + place.height + 2 * text.y - height);
        isFollowing = isAtEnd();
    }

    clip: true
    contentWidth: width
    contentHeight: text.height + 28
    boundsBehavior: Flickable.StopAtBounds
    onContentHeightChanged: if (isFollowing && !isUserScrolling && contentHeight > height)
        contentY = contentHeight - height
    onHeightChanged: contentY = Math.max(0, Math.min(contentY, contentHeight - height))
    onIsUserScrollingChanged: if (!isUserScrolling)
        isFollowing = isAtEnd()
    onContentYChanged: if (isUserScrolling)
        isFollowing = isAtEnd()
    onAnswerChanged: if (answer.length === 0)
        isFollowing = true // the next run's begins
    T.ScrollBar.vertical: ScrollBar {
        id: bar
    }

    TextEdit {
        id: text
        objectName: "columnAnswer"
        x: 20
        y: 14
        width: root.width - 40
        readOnly: true
        activeFocusOnTab: true
        selectByMouse: true
        selectByKeyboard: true
        font: Theme.read.font
        color: Theme.t1
        selectionColor: Theme.measuredDim
        selectedTextColor: Theme.t1
        wrapMode: TextEdit.Wrap
        textFormat: TextEdit.PlainText
        renderType: Text.NativeRendering
        text: root.answer
        onCursorRectangleChanged: root.followCursor()
        Accessible.role: Accessible.StaticText
        Accessible.name: qsTr("Answer of %1").arg(root.name)
        Accessible.description: tip.text.length > 0 ? tip.text : root.foot
        KeyNavigation.priority: KeyNavigation.BeforeItem
        Keys.onTabPressed: nextItemInFocusChain(true).forceActiveFocus(Qt.TabFocusReason)
        Keys.onBacktabPressed: nextItemInFocusChain(false).forceActiveFocus(Qt.BacktabFocusReason)
        Keys.onLeftPressed: event => event.accepted = event.modifiers === Qt.NoModifier && tip.go(false)
        Keys.onRightPressed: event => event.accepted = event.modifiers === Qt.NoModifier && tip.go(true)

        AnswerMarks {
            id: marks
            document: text.textDocument
            commonLength: root.commonLength
            mark: root.mark
            changes: root.changes
            otherWays: root.otherWays
            commonColor: Theme.t3
            markColor: Theme.diff
            markFill: Theme.diffDim
        }
        ReadOnlyKeys {
            area: text
        }
        OtherWayTip {
            id: tip
            objectName: "otherWayTip"
            area: text
            marks: marks
            ways: root.otherWays
        }
        FocusRing {
            anchors.margins: -6
            isInside: true
            visible: text.activeFocus
        }
    }
    Rectangle {
        readonly property rect end: text.positionToRectangle(text.length)
        x: text.x + end.x + 3
        y: text.y + end.y + 3
        width: 9
        height: 16
        radius: 2
        color: Theme.measured
        visible: root.isWriting
    }
}

pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Sotto.Theme

// Several lines of text in a field that scrolls. `name` is what it is for; editingFinished comes when
// the focus leaves it.
Rectangle {
    id: root

    property string name
    property string placeholderText
    property alias text: area.text
    property alias area: area

    signal editingFinished

    implicitWidth: 320
    implicitHeight: 96
    radius: Theme.radiusControl
    color: Theme.bg3
    border.width: area.activeFocus ? 2 : 1
    border.color: area.activeFocus ? Theme.measured : hover.hovered ? Theme.line2 : Theme.line

    HoverHandler {
        id: hover
    }

    Flickable {
        id: flick
        anchors.fill: parent
        anchors.margins: 2
        clip: true
        contentWidth: width
        contentHeight: area.implicitHeight
        boundsBehavior: Flickable.StopAtBounds
        T.ScrollBar.vertical: ScrollBar {
        }

        T.TextArea {
            id: area
            width: flick.width
            height: Math.max(implicitHeight, flick.height)
            implicitHeight: contentHeight + topPadding + bottomPadding
            leftPadding: 9
            rightPadding: 12
            topPadding: 6
            bottomPadding: 6
            font: Theme.body.font
            color: Theme.t1
            selectionColor: Theme.measuredDim
            selectedTextColor: Theme.t1
            selectByMouse: true
            wrapMode: TextEdit.Wrap
            textFormat: TextEdit.PlainText
            renderType: Text.NativeRendering
            Accessible.name: root.name
            Accessible.role: Accessible.EditableText
            Accessible.multiLine: true
            KeyNavigation.priority: KeyNavigation.BeforeItem
            Keys.onTabPressed: nextItemInFocusChain(true).forceActiveFocus(Qt.TabFocusReason)
            Keys.onBacktabPressed: nextItemInFocusChain(false).forceActiveFocus(Qt.BacktabFocusReason)
            onActiveFocusChanged: if (!activeFocus)
                root.editingFinished()
            onCursorRectangleChanged: {
                if (cursorRectangle.y < flick.contentY)
                    flick.contentY = Math.max(0, cursorRectangle.y - topPadding);
                else if (cursorRectangle.y + cursorRectangle.height > flick.contentY + flick.height)
                    flick.contentY = cursorRectangle.y + cursorRectangle.height + bottomPadding - flick.height;
            }
            cursorDelegate: TextCaret {
                isActive: area.activeFocus
            }

            Label {
                x: area.leftPadding
                y: area.topPadding - 2
                width: area.width - area.leftPadding - area.rightPadding
                visible: area.length === 0 && area.preeditText.length === 0
                wrapMode: Text.Wrap
                color: Theme.t3
                text: root.placeholderText
                Accessible.ignored: true
            }
        }
    }
}

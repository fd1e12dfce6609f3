import QtQuick
import QtQuick.Templates as T
import Sotto.Chat
import Sotto.Components
import Sotto.Theme

// The text field of composer and editor: message type, own caret, keeps its cursor in view of the
// Flickable it lies in. Tab moves on, as everywhere else.
T.TextArea {
    id: root

    required property Flickable flickable
    property TypeRole role: Theme.read
    readonly property bool isComposing: inputMethodComposing

    // Another text than the one that is being written, with the cursor behind it.
    function show(text: string): void {
        lines.showText(text);
        cursorPosition = length;
    }
    function openMenu(at: point): void {
        menu.popup(root, at.x, at.y);
    }
    function pasteText(): void {
        lines.paste(selectionStart, selectionEnd);
    }

    implicitHeight: contentHeight
    height: Math.max(role.line, contentHeight)
    font: role.font
    color: Theme.t1
    placeholderTextColor: Theme.t3
    selectionColor: Theme.measuredDim
    selectedTextColor: Theme.t1
    selectByMouse: true
    wrapMode: TextEdit.Wrap
    textFormat: TextEdit.PlainText
    renderType: Text.NativeRendering
    padding: 0
    topPadding: -Math.floor((role.line - role.size * 1.21) / 2)
    bottomPadding: -topPadding
    Accessible.role: Accessible.EditableText
    Accessible.multiLine: true
    KeyNavigation.priority: KeyNavigation.BeforeItem
    Keys.onTabPressed: nextItemInFocusChain(true).forceActiveFocus(Qt.TabFocusReason)
    Keys.onBacktabPressed: nextItemInFocusChain(false).forceActiveFocus(Qt.BacktabFocusReason)
    onPressed: event => {
        if (event.button === Qt.RightButton)
            openMenu(Qt.point(event.x, event.y));
    }
    Keys.onMenuPressed: openMenu(Qt.point(cursorRectangle.x, cursorRectangle.y + cursorRectangle.height))
    Keys.onShortcutOverride: event => event.accepted = event.matches(StandardKey.Paste)
    Keys.onPressed: event => {
        if (event.matches(StandardKey.Paste)) {
            event.accepted = true;
            pasteText();
        }
    }
    onCursorRectangleChanged: {
        const top = Math.max(0, cursorRectangle.y);
        const bottom = Math.min(height, cursorRectangle.y + cursorRectangle.height + 4);
        if (top < flickable.contentY)
            flickable.contentY = top;
        else if (bottom > flickable.contentY + flickable.height)
            flickable.contentY = bottom - flickable.height;
    }
    // qmllint disable unqualified
    cursorDelegate: TextCaret {
        isActive: root.activeFocus
    }

    // qmllint enable unqualified
    TextLines {
        id: lines
        document: root.textDocument
        lineHeight: root.role.line
    }
    EditMenu {
        id: menu
        area: root
        onPasteRequested: root.pasteText()
    }
    Label {
        visible: root.length === 0 && root.preeditText.length === 0
        x: 2
        width: root.width - x
        role: root.role
        color: Theme.t3
        elide: Text.ElideRight
        text: root.placeholderText
        Accessible.ignored: true
    }
}

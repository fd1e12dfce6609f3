pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components
import Sotto.Theme

// Search over all chats, with commands above the hits when it was opened by Ctrl+K. Enter opens the row,
// Esc closes.
T.Popup {
    id: root

    required property AppFacade app
    required property CommandList commands
    property bool hasCommands: true

    readonly property int nRows: commands.count + app.search.count
    property int current: 0

    signal messageRequested(double chatId, double messageId)

    function openWith(withCommands: bool): void {
        hasCommands = withCommands;
        commands.isSearched = withCommands;
        field.text = "";
        current = 0;
        open();
        field.forceActiveFocus(Qt.OtherFocusReason);
    }
    function activate(row: int): void {
        if (row >= 0 && row < commands.count) {
            close();
            commands.trigger(row);
        } else {
            app.search.choose(row - commands.count);
        }
    }
    function openHit(chatId: double, messageId: double): void {
        close();
        messageRequested(chatId, messageId);
    }
    function moveBy(offset: int): void {
        if (nRows > 0)
            current = (current + offset + nRows) % nRows;
    }

    parent: T.Overlay.overlay
    x: parent ? Math.round((parent.width - width) / 2) : 0
    y: 88
    width: Math.min(640, parent ? parent.width - 48 : 640)
    height: Math.min(implicitHeight, parent ? parent.height - y - 48 : implicitHeight)
    implicitHeight: 8 + 36 + 8 + Math.max(56, column.implicitHeight) + 8
    padding: 8
    modal: true
    focus: true
    closePolicy: T.Popup.CloseOnEscape | T.Popup.CloseOnPressOutside
    onOpenedChanged: if (!opened)
        app.search.query = ""

    Connections {
        target: root.app.search
        function onChosen(chatId: double, messageId: double): void {
            root.openHit(chatId, messageId);
        }
    }

    T.Overlay.modal: Rectangle {
        color: Theme.scrim
    }
    background: Rectangle {
        radius: Theme.radiusDialog
        color: Theme.bg3
        border.color: Theme.line2
        Shadow {
            z: -1
            isDialog: true
        }
    }
    contentItem: Item {
        Accessible.role: Accessible.Dialog
        Accessible.name: field.name

        TextField {
            id: field
            objectName: "searchField"
            width: parent.width
            height: 36
            iconName: "search"
            placeholderText: root.hasCommands ? qsTr("Search chats and commands") : qsTr("Search all chats")
            onTextChanged: {
                root.app.search.query = text;
                root.commands.query = text;
                root.current = 0;
            }
            Keys.onDownPressed: root.moveBy(1)
            Keys.onUpPressed: root.moveBy(-1)
            onAccepted: root.activate(root.current)
        }
        Flickable {
            id: flick
            y: 44
            width: parent.width
            height: parent.height - y
            contentHeight: column.implicitHeight
            clip: true
            boundsBehavior: Flickable.StopAtBounds
            T.ScrollBar.vertical: ScrollBar {
            }

            Column {
                id: column
                width: flick.width

                Repeater {
                    model: root.visible ? root.commands : null // what can be done changes often
                    delegate: MenuItem {
                        required property int index
                        required text
                        required iconName
                        required keys
                        width: column.width
                        focusPolicy: Qt.NoFocus
                        highlighted: root.current === index
                        onTriggered: root.activate(index)
                    }
                }
                Repeater {
                    id: hits
                    model: root.app.search
                    delegate: SearchHitRow {
                        width: column.width
                        isCurrent: root.current === root.commands.count + index
                        onClicked: root.openHit(chatId, messageId) // what is seen, also while another text is looked for
                        onIsCurrentChanged: if (isCurrent)
                            flick.contentY = Math.max(Math.min(flick.contentY, y), y + height - flick.height)
                    }
                }
                Label {
                    objectName: "searchIsCut"
                    visible: root.app.search.isCut && !root.app.search.isSearching && root.app.search.count > 0
                    width: column.width
                    topPadding: 8
                    bottomPadding: 8
                    leftPadding: 12
                    role: Theme.caption
                    color: Theme.t2
                    text: qsTr("More hits than shown. Type more to narrow them down.")
                }
            }
        }
        Label {
            anchors.horizontalCenter: parent.horizontalCenter
            y: 64
            visible: root.nRows === 0
            color: Theme.t2
            text: field.length === 0 ? qsTr("Titles and messages are searched.") : root.app.search.isSearching ? qsTr("Searching") : root.app.search.isCut ? qsTr("Nothing found in the time a search may take. Type more to narrow it down.") : qsTr("Nothing found for “%1”").arg(field.text.trim())
        }
    }
    enter: Transition {
        NumberAnimation {
            property: "opacity"
            from: 0
            to: 1
            duration: Theme.hoverTime
            easing.type: Easing.OutCubic
        }
    }
}

pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components
import Sotto.Theme

// Where the user writes: 1 to 10 lines, the draft kept by the chat, thinking, context, send and stop.
FocusScope {
    id: root

    required property ChatController chat
    required property SettingsController settings
    property bool isNarrow: false

    readonly property bool canSend: chat.canSend && area.text.trim().length > 0
    readonly property bool isBlocked: chat.blockedReason.length > 0

    signal editLastRequested
    signal modelRequested
    signal comparisonStopRequested
    signal inspectRequested

    function focusText(): void {
        area.forceActiveFocus(Qt.OtherFocusReason);
    }
    function typeText(text: string): void {
        focusText();
        area.remove(area.selectionStart, area.selectionEnd);
        area.insert(area.cursorPosition, text);
    }
    function submit(): void {
        if (canSend)
            chat.send(area.text);
    }
    // Enter sends and Shift+Enter breaks the line, or the other way round; Ctrl+Enter always sends. What an
    // input method takes never arrives here; Alt+Enter belongs to the page.
    function takeReturn(event: var): void {
        if (area.isComposing || event.modifiers & Qt.AltModifier)
            return void (event.accepted = false);
        const isShifted = (event.modifiers & Qt.ShiftModifier) !== 0;
        event.accepted = true;
        if (event.modifiers & Qt.ControlModifier || isShifted !== settings.enterSends)
            submit();
        else
            area.insert(area.cursorPosition, "\n");
    }

    implicitHeight: column.height + 22
    Accessible.role: Accessible.Grouping
    Accessible.name: qsTr("Composer")

    Rectangle {
        anchors.fill: parent
        radius: Theme.radiusDialog
        color: Theme.bg3
        border.width: 1
        border.color: Theme.line2
    }
    Column {
        id: column
        x: 16
        y: 12
        width: root.width - 28
        spacing: 8

        Flickable {
            id: flick
            width: parent.width
            height: Math.min(area.height, Theme.read.line * 10)
            contentHeight: area.height
            clip: contentHeight > height
            boundsBehavior: Flickable.StopAtBounds
            T.ScrollBar.vertical: ScrollBar {
            }

            InputArea {
                id: area
                width: flick.width - 4
                flickable: flick
                focus: true
                placeholderText: qsTr("Write a message")
                Accessible.name: qsTr("Message")
                Accessible.description: root.chat.blockedReason
                onTextChanged: if (root.chat.draft !== text)
                    root.chat.draft = text
                Keys.onReturnPressed: event => root.takeReturn(event)
                Keys.onEnterPressed: event => root.takeReturn(event)
                Keys.onUpPressed: event => {
                    event.accepted = length === 0 && !isComposing && event.modifiers === Qt.NoModifier;
                    if (event.accepted)
                        root.editLastRequested();
                }
            }
            MouseArea {
                anchors.fill: parent
                z: -1
                cursorShape: Qt.IBeamCursor
                onPressed: root.focusText()
            }
        }
        Row {
            visible: root.isBlocked
            spacing: 8
            Icon {
                anchors.verticalCenter: parent.verticalCenter
                name: "info"
                size: 15
                color: Theme.warn
            }
            Label {
                anchors.verticalCenter: parent.verticalCenter
                role: Theme.caption
                color: Theme.t2
                text: root.chat.blockedReason
            }
            Button {
                isSmall: true
                visible: !root.chat.isCompared
                text: qsTr("Choose a model")
                onClicked: root.modelRequested()
            }
            Button {
                objectName: "stopComparison"
                isSmall: true
                visible: root.chat.isCompared
                text: qsTr("Stop the comparison")
                onClicked: root.comparisonStopRequested()
            }
        }
        ComposerTools {
            x: -6
            width: parent.width + 6
            chat: root.chat
            isNarrow: root.isNarrow
            canSend: root.canSend
            enterSends: root.settings.enterSends
            onSendRequested: root.submit()
            onInspectRequested: root.inspectRequested()
        }
    }

    // The draft belongs to the chat: it changes here when another chat is opened, a message was sent, or
    // could not be sent. While typing both are equal, so nothing goes round.
    Connections {
        target: root.chat
        function onDraftChanged(): void {
            if (area.text !== root.chat.draft)
                area.show(root.chat.draft);
        }
    }
    Component.onCompleted: area.show(chat.draft)
}

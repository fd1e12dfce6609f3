import QtQuick
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components
import Sotto.Theme

// The question that all columns get. Enter runs, Shift+Enter is a new line, Esc stops.
FocusScope {
    id: root

    required property CompareController compare

    function focusText(): void {
        area.forceActiveFocus(Qt.OtherFocusReason);
    }
    function enter(event: KeyEvent): void {
        event.accepted = !(event.modifiers & Qt.ShiftModifier);
        if (event.accepted && compare.canRun)
            compare.run();
    }

    implicitHeight: Math.max(52, Math.min(area.implicitHeight, 120) + 24)

    Rectangle {
        anchors.fill: parent
        radius: Theme.radiusCard
        color: Theme.bg3
        border.color: area.activeFocus ? Theme.measured : Theme.line2
    }
    Flickable {
        id: flick
        x: 16
        y: 14
        width: tools.x - x - 12
        height: parent.height - 2 * y
        clip: true
        contentWidth: width
        contentHeight: area.implicitHeight
        boundsBehavior: Flickable.StopAtBounds
        T.ScrollBar.vertical: ScrollBar {
        }

        T.TextArea {
            id: area
            objectName: "comparePrompt"
            width: flick.width
            implicitHeight: contentHeight
            focus: true
            padding: 0
            font: Theme.read.font
            color: Theme.t1
            selectionColor: Theme.measuredDim
            selectedTextColor: Theme.t1
            selectByMouse: true
            wrapMode: TextEdit.Wrap
            textFormat: TextEdit.PlainText
            renderType: Text.NativeRendering
            readOnly: root.compare.isRunning
            Accessible.name: qsTr("Question to all columns")
            Accessible.role: Accessible.EditableText
            Accessible.multiLine: true
            KeyNavigation.priority: KeyNavigation.BeforeItem
            Keys.onTabPressed: nextItemInFocusChain(true).forceActiveFocus(Qt.TabFocusReason)
            Keys.onBacktabPressed: nextItemInFocusChain(false).forceActiveFocus(Qt.BacktabFocusReason)
            Keys.onReturnPressed: event => root.enter(event)
            Keys.onEnterPressed: event => root.enter(event)
            onTextChanged: root.compare.prompt = text
            Component.onCompleted: text = root.compare.prompt
            onCursorRectangleChanged: {
                const bottom = cursorRectangle.y + cursorRectangle.height;
                if (cursorRectangle.y < flick.contentY)
                    flick.contentY = cursorRectangle.y;
                else if (bottom > flick.contentY + flick.height)
                    flick.contentY = bottom - flick.height;
            }
            // qmllint disable unqualified
            cursorDelegate: TextCaret {
                isActive: area.activeFocus
            }

            // qmllint enable unqualified
            ReadOnlyKeys {
                area: area
            }
            Connections {
                target: root.compare
                function onChanged(): void {
                    if (area.text !== root.compare.prompt)
                        area.text = root.compare.prompt;
                }
            }
            Label {
                visible: area.length === 0 && area.preeditText.length === 0
                x: 2
                width: area.width - x
                role: Theme.read
                color: Theme.t3
                elide: Text.ElideRight
                text: qsTr("Ask all of them one question")
                Accessible.ignored: true
            }
        }
    }
    Row {
        id: tools
        anchors.right: parent.right
        anchors.rightMargin: 10
        y: 10
        spacing: 12
        Label {
            anchors.verticalCenter: parent.verticalCenter
            visible: root.compare.promptTokens > 0
            role: Theme.caption
            color: Theme.t3
            text: Theme.format.tokens(root.compare.promptTokens)
        }
        Button {
            objectName: "compareRun"
            visible: !root.compare.isRunning
            enabled: root.compare.canRun
            kind: Button.Primary
            iconName: "play"
            text: qsTr("Run")
            onClicked: root.compare.run()
        }
        Button {
            objectName: "compareStop"
            visible: root.compare.isRunning
            leftPadding: 30
            rightPadding: 12
            text: qsTr("Stop all")
            onClicked: root.compare.stop()

            Rectangle {
                x: 11
                anchors.verticalCenter: parent.verticalCenter
                width: 10
                height: 10
                radius: 2.5
                color: Theme.t1
            }
        }
    }
}

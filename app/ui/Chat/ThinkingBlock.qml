import QtQuick
import QtQuick.Templates as T
import Sotto.Chat
import Sotto.Components
import Sotto.Theme

// What the model thought before it answered: one line with its time, closed until asked for; open it
// stands behind a rule at the left.
Item {
    id: root

    property string text
    property TextSelection selection: null
    property int messageRow: -1
    property real seconds: 0
    property int tokens: 0
    property bool isRunning: false
    property bool isOpen: false

    signal toggled

    implicitHeight: isOpen ? head.height + 4 + body.implicitHeight : head.height

    T.AbstractButton {
        id: head
        x: root.isOpen ? 16 : 0
        implicitWidth: row.implicitWidth
        implicitHeight: 28
        hoverEnabled: true
        focusPolicy: Qt.TabFocus
        text: root.isRunning ? qsTr("Thinking… %1 s").arg(Theme.format.count(Math.floor(root.seconds))) : qsTr("Thought for %1").arg(Theme.format.duration(root.seconds))
        Accessible.role: Accessible.Button
        Accessible.name: text
        Accessible.description: root.isOpen ? qsTr("Hide the thinking") : qsTr("Show the thinking")
        Keys.onReturnPressed: root.toggled()
        onClicked: root.toggled()

        contentItem: Item {
            implicitWidth: row.implicitWidth
            Row {
                id: row
                anchors.verticalCenter: parent.verticalCenter
                spacing: 8
                Icon {
                    anchors.verticalCenter: parent.verticalCenter
                    name: root.isOpen ? "chevron-down" : "chevron-right"
                    size: 15
                    color: label.color
                }
                Label {
                    id: label
                    color: head.hovered ? Theme.t2 : Theme.t3
                    text: head.text
                }
                Label {
                    visible: root.tokens > 0
                    color: label.color
                    text: Theme.format.tokens(root.tokens)
                }
                Pulse {
                    anchors.verticalCenter: parent.verticalCenter
                    visible: root.isRunning
                }
            }
        }
        background: FocusRing {
            visible: head.visualFocus
        }
    }
    Rectangle {
        visible: root.isOpen
        width: 2
        height: root.height
        color: Theme.line2
    }
    Loader {
        id: body
        active: root.isOpen
        x: 16
        y: head.height + 4
        width: root.width - 16
        // qmllint disable unqualified
        sourceComponent: TypedText {
            style: ChatStyle.bodyText
            color: Theme.t2
            text: root.text
            selection: root.selection
            messageRow: root.messageRow
            messageBlock: TextSelection.Thinking
        }
        // qmllint enable unqualified
    }
}

pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// At the context meter: what the context of this chat holds, and what becomes of it when it is full.
Popup {
    id: root

    required property ChatController chat

    readonly property OverflowController overflow: chat.overflow
    readonly property string usedText: Theme.format.count(overflow.systemTokens + overflow.messageTokens)
    readonly property string contextText: Theme.format.count(chat.contextTokens)

    signal inspectRequested

    component Option: RadioButton {
        property int way: OverflowController.Ask
        property string note

        Layout.fillWidth: true
        implicitHeight: 32
        checked: root.overflow.way === way
        Accessible.description: note
        onClicked: root.overflow.way = way

        Label {
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            role: Theme.caption
            color: Theme.t3
            text: parent.note
        }
    }

    width: 360
    padding: 0
    topPadding: 14
    bottomPadding: 10
    leftPadding: 16
    rightPadding: 16
    focus: true
    onAboutToShow: overflow.look()

    contentItem: ColumnLayout {
        spacing: 0

        RowLayout {
            Layout.fillWidth: true
            spacing: 4
            Label {
                Layout.fillWidth: true
                role: Theme.h3
                text: qsTr("Context of this chat")
            }
            Label {
                role: Theme.caption
                text: root.usedText
            }
            Label {
                role: Theme.caption
                color: Theme.limit
                text: qsTr("of %1").arg(root.contextText)
            }
        }
        StackBar {
            Layout.fillWidth: true
            Layout.topMargin: 10
            Layout.preferredHeight: 8
            total: root.chat.contextTokens
            name: qsTr("%1 of %2 tokens of context used.").arg(root.usedText).arg(root.contextText)
            segments: [{
                    "name": qsTr("System prompt"),
                    "value": root.overflow.systemTokens,
                    "color": Theme.kvShared
                }, {
                    "name": qsTr("Messages"),
                    "value": root.overflow.messageTokens,
                    "color": Theme.measured
                }]
            Rectangle {
                x: parent.width - 2
                y: -3
                width: 2
                height: 14
                color: Theme.limit
            }
        }
        RowLayout {
            Layout.topMargin: 6
            Layout.bottomMargin: 10
            spacing: 6
            Rectangle {
                implicitWidth: 8
                implicitHeight: 8
                radius: Theme.radiusCell
                color: Theme.kvShared
            }
            Label {
                Layout.rightMargin: 8
                role: Theme.caption
                color: Theme.t2
                text: qsTr("system prompt %1").arg(Theme.format.count(root.overflow.systemTokens))
            }
            Rectangle {
                implicitWidth: 8
                implicitHeight: 8
                radius: Theme.radiusCell
                color: Theme.measured
            }
            Label {
                role: Theme.caption
                color: Theme.t2
                text: qsTr("messages %1").arg(Theme.format.count(root.overflow.messageTokens))
            }
        }
        Divider {
            Layout.fillWidth: true
        }
        Label {
            Layout.topMargin: 8
            Layout.bottomMargin: 4
            role: Theme.micro
            color: Theme.t3
            text: qsTr("When it is full, in this chat")
        }
        Option {
            objectName: "wayAsk"
            way: OverflowController.Ask
            text: qsTr("Ask")
        }
        Option {
            objectName: "wayGrow"
            way: OverflowController.Grow
            text: qsTr("Grow")
            note: root.overflow.longestContext > 0 ? qsTr("up to %1").arg(Theme.format.count(root.overflow.longestContext)) : ""
        }
        Option {
            objectName: "wayDrop"
            way: OverflowController.Drop
            text: qsTr("Drop the oldest turns")
            note: root.overflow.droppedTokens > 0 ? qsTr("%1 so far").arg(Theme.format.count(root.overflow.droppedTokens)) : ""
        }
        Option {
            objectName: "waySinks"
            way: OverflowController.Sinks
            text: qsTr("Slide, with sinks")
        }
        Divider {
            Layout.fillWidth: true
            Layout.topMargin: 6
            Layout.bottomMargin: 6
        }
        RowLayout {
            Layout.fillWidth: true
            Button {
                objectName: "openInspector"
                kind: Button.Quiet
                isSmall: true
                leftPadding: 0
                rightPadding: 0
                textColor: Theme.measured
                text: qsTr("Open the context inspector")
                onClicked: {
                    root.close();
                    root.inspectRequested();
                }
            }
            Item {
                Layout.fillWidth: true
            }
            Label {
                role: Theme.micro
                color: Theme.t3
                text: "Ctrl Shift I"
                Accessible.ignored: true
            }
        }
    }
}

import QtQuick
import Sotto.App
import Sotto.Chat
import Sotto.Components

// What can be done with what is selected, a link, and the message that was pointed at.
Menu {
    id: root

    required property ChatController chat
    required property TextSelection selection
    property bool isReadOnly: false
    property int row: -1
    property bool isUser: false
    property string link // empty: none was pointed at

    signal findRequested
    signal editRequested(int row)

    MenuItem {
        iconName: "copy"
        text: qsTr("Copy")
        keys: "Ctrl+C"
        enabled: !root.selection.isEmpty
        onTriggered: root.selection.copy()
    }
    MenuItem {
        iconName: "file-text"
        text: qsTr("Copy as Markdown")
        enabled: !root.selection.isEmpty
        onTriggered: root.selection.copy(true)
    }
    MenuItem {
        isCheckable: true
        text: qsTr("Select all of this message")
        keys: "Ctrl+A"
        onTriggered: root.selection.selectMessage(root.row)
    }
    MenuItem {
        visible: root.link.length > 0
        iconName: "globe"
        text: qsTr("Open link")
        onTriggered: root.chat.openLink(root.link)
    }
    MenuItem {
        visible: root.link.length > 0
        isCheckable: true
        text: qsTr("Copy link")
        onTriggered: root.chat.copyText(root.link)
    }
    MenuSeparator {
    }
    MenuItem {
        iconName: "copy"
        text: root.isUser ? qsTr("Copy the message") : qsTr("Copy the answer")
        onTriggered: root.chat.copyMessage(root.row)
    }
    MenuItem {
        visible: !root.isReadOnly
        iconName: "pencil"
        enabled: root.chat.canChange
        text: root.isUser ? qsTr("Edit the message") : qsTr("Edit the answer")
        onTriggered: root.editRequested(root.row)
    }
    MenuItem {
        visible: !root.isReadOnly && !root.isUser
        iconName: "refresh-cw"
        enabled: root.chat.canChange
        text: qsTr("Write the answer again")
        onTriggered: root.chat.regenerateAt(root.row)
    }
    AnswersMenu {
        title: qsTr("Write several answers")
        enabled: !root.isReadOnly && !root.isUser && root.chat.canChange
        hasOne: false
        answersDiffer: root.chat.answersDiffer
        onAnswersRequested: nAnswers => root.chat.regenerateAt(root.row, nAnswers)
    }
    MenuSeparator {
    }
    MenuItem {
        iconName: "search"
        text: qsTr("Find in this chat")
        keys: "Ctrl+F"
        onTriggered: root.findRequested()
    }
}

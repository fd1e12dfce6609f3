import QtQuick
import Sotto.App
import Sotto.Components

// What else can be done with this conversation.
Menu {
    id: root

    required property ChatController chat
    property bool hasFind: true
    property bool hasAnswer: true

    signal findRequested
    signal settingsRequested

    MenuItem {
        iconName: "copy"
        text: qsTr("Copy the last answer")
        keys: "Ctrl+Shift+C"
        enabled: root.hasAnswer
        onTriggered: root.chat.copyLastAnswer()
    }
    MenuItem {
        iconName: "message-square"
        text: qsTr("Copy the conversation")
        enabled: root.hasAnswer
        onTriggered: root.chat.copyText(root.chat.messages.asMarkdown())
    }
    MenuItem {
        iconName: "search"
        text: qsTr("Find in this chat")
        keys: "Ctrl+F"
        onTriggered: root.findRequested()
    }
    MenuItem {
        iconName: "sliders-horizontal"
        text: qsTr("System prompt and sampling")
        onTriggered: root.settingsRequested()
    }
    MenuSeparator {
    }
    MenuItem {
        iconName: "refresh-cw"
        text: qsTr("Write the answer again")
        keys: "Ctrl+R"
        enabled: root.chat.canRegenerate
        onTriggered: root.chat.regenerate()
    }
    AnswersMenu {
        title: qsTr("Write several answers")
        enabled: root.chat.canRegenerate
        hasOne: false
        answersDiffer: root.chat.answersDiffer
        onAnswersRequested: nAnswers => root.chat.regenerate(nAnswers)
    }
    MenuItem {
        iconName: "play"
        text: qsTr("Continue the answer")
        keys: "Alt+Enter"
        enabled: root.chat.canContinue
        onTriggered: root.chat.continueAnswer()
    }
}

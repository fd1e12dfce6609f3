pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Sotto.Components
import Sotto.Theme

// Under an answer: copy, edit, write again or several, continue, versions, and its numbers.
Row {
    id: root

    property int versionIndex: 1
    property int versionCount: 1
    property int writtenCount: 0 // so many of its versions are being written now
    property bool isWritten: false // this one is
    property bool canChange: true // nothing is being written
    property bool answersDiffer: true
    property bool isReadOnly: false // can only be copied
    property bool canContinue: false
    property bool isLast: false
    property bool showsAll: true // else only which version it is, in its place
    property list<string> figures
    property string modelName
    readonly property bool isMenuOpen: answers.visible

    signal copyRequested
    signal editRequested
    signal regenerateRequested(int nAnswers)
    signal continueRequested
    signal removeRequested
    signal versionRequested(int offset)
    signal inspectRequested // what the model was given

    component Action: IconButton {
        opacity: root.showsAll ? 1 : 0
        enabled: root.showsAll && !root.isWritten
    }

    height: 28
    Accessible.role: Accessible.ToolBar
    Accessible.name: qsTr("Actions of this answer")

    Action {
        iconName: copied.running ? "check" : "copy"
        iconColor: copied.running ? Theme.measured : Theme.t3
        text: copied.running ? qsTr("Copied") : qsTr("Copy the answer")
        keys: root.isLast ? "Ctrl+Shift+C" : ""
        onClicked: {
            root.copyRequested();
            copied.restart();
        }
        Timer {
            id: copied
            interval: 2000
        }
    }
    Action {
        objectName: "editAnswer"
        visible: !root.isReadOnly
        iconName: "pencil"
        text: qsTr("Edit the answer")
        enabled: root.canChange && root.showsAll
        onClicked: root.editRequested()
    }
    Action {
        objectName: "writeAgain"
        visible: !root.isReadOnly
        iconName: "refresh-cw"
        text: qsTr("Write the answer again")
        keys: root.isLast ? "Ctrl+R" : ""
        enabled: root.canChange && root.showsAll
        onClicked: root.regenerateRequested(1)
    }
    Action {
        objectName: "writeSeveral"
        width: 20
        visible: !root.isReadOnly
        iconName: "chevron-down"
        iconSize: 13
        text: qsTr("Write several answers")
        isOpen: root.isMenuOpen
        enabled: root.canChange && root.showsAll
        onClicked: answers.popup(this, 0, height + 4)

        AnswersMenu {
            id: answers
            isLast: root.isLast
            answersDiffer: root.answersDiffer
            onAnswersRequested: nAnswers => root.regenerateRequested(nAnswers)
        }
    }
    Action {
        visible: root.canContinue
        iconName: "play"
        text: qsTr("Continue the answer")
        keys: "Alt+Enter"
        onClicked: root.continueRequested()
    }
    Action {
        objectName: "removeAnswer"
        visible: !root.isReadOnly
        iconName: "trash-2"
        text: qsTr("Remove the answer")
        keys: "Del"
        enabled: root.canChange && root.showsAll
        onClicked: root.removeRequested()
    }
    VersionSwitcher {
        visible: root.versionCount > 1
        versionIndex: root.versionIndex
        versionCount: root.versionCount
        enabled: root.canChange || root.writtenCount > 0
        onVersionRequested: offset => root.versionRequested(offset)
    }
    Row {
        visible: root.writtenCount > (root.isWritten ? 1 : 0)
        height: 28
        leftPadding: 6
        spacing: 8
        Pulse {
            anchors.verticalCenter: parent.verticalCenter
        }
        Label {
            objectName: "beingWritten"
            anchors.verticalCenter: parent.verticalCenter
            role: Theme.caption
            color: Theme.t3
            text: qsTr("%n answer(s) being written", "", root.writtenCount)
        }
    }
    Item {
        width: 10
        height: 1
    }
    T.AbstractButton {
        id: numbers
        objectName: "answerFigures"
        visible: root.showsAll && !root.isWritten && root.figures.length > 0
        width: stats.width
        height: 28
        hoverEnabled: true
        text: qsTr("%1. Show the prompt").arg(stats.sentence)
        Accessible.role: Accessible.Button
        Accessible.name: text
        onClicked: root.inspectRequested()

        StatRow {
            id: stats
            anchors.verticalCenter: parent.verticalCenter
            stats: root.figures
            color: numbers.hovered ? Theme.t2 : Theme.t3
            Accessible.ignored: true
        }
        HoverTip {
            isFocusable: false
            title: root.modelName
            text: qsTr("Speed: tokens written over the time of writing. TTFT: from sending to the first token. Both measured on this computer. A click shows the prompt: what the model was given, and what of it had to be read.")
        }
        FocusRing {
            visible: numbers.visualFocus
        }
    }
}

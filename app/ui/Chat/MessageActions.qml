pragma ComponentBehavior: Bound
import QtQuick
import Sotto.Components
import Sotto.Theme

// Under an answer: copy, edit, write again, continue, versions, and its numbers.
Row {
    id: root

    property int versionIndex: 1
    property int versionCount: 1
    property bool canChange: true // nothing is being written
    property bool isReadOnly: false // can only be copied
    property bool canContinue: false
    property bool isLast: false
    property bool showsAll: true // else only which version it is, in its place
    property list<string> figures
    property string modelName

    signal copyRequested
    signal editRequested
    signal regenerateRequested
    signal continueRequested
    signal removeRequested
    signal versionRequested(int offset)

    component Action: IconButton {
        opacity: root.showsAll ? 1 : 0
        enabled: root.showsAll
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
        onClicked: root.regenerateRequested()
    }
    Action {
        visible: root.canContinue
        iconName: "play"
        text: qsTr("Continue the answer")
        keys: "Alt+Enter"
        onClicked: root.continueRequested()
    }
    IconButton {
        objectName: "removeAnswer"
        visible: !root.isReadOnly
        iconName: "trash-2"
        text: qsTr("Remove the answer")
        keys: "Del"
        enabled: root.canChange
        onClicked: root.removeRequested()
    }
    VersionSwitcher {
        visible: root.versionCount > 1
        versionIndex: root.versionIndex
        versionCount: root.versionCount
        enabled: root.canChange
        onVersionRequested: offset => root.versionRequested(offset)
    }
    Item {
        width: 10
        height: 1
    }
    Item {
        visible: root.showsAll
        width: stats.width
        height: 28

        StatRow {
            id: stats
            anchors.verticalCenter: parent.verticalCenter
            stats: root.figures
        }
        HoverTip {
            isFocusable: false
            title: root.modelName
            text: qsTr("Speed: tokens written over the time of writing. TTFT: from sending to the first token. Both measured on this computer.")
        }
    }
}

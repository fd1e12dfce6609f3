import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// What stands where published importance matrices would: nothing was asked yet, it is being asked, there are none,
// why not, or how far the chosen one is.
Item {
    id: root

    required property ImportanceFinder published

    implicitHeight: 160

    EmptyState {
        objectName: "importanceIdle"
        anchors.centerIn: parent
        width: parent.width
        visible: root.published.state === ImportanceFinder.Idle
        iconName: "globe"
        title: qsTr("Others have measured many models")
        text: qsTr("An importance matrix tells which weights matter. Looking for one sends the name above to %1, and nothing before you ask.").arg(root.published.host)
    }
    Column {
        objectName: "importanceLooking"
        anchors.centerIn: parent
        visible: root.published.state === ImportanceFinder.Looking
        spacing: 12
        Spinner {
            anchors.horizontalCenter: parent.horizontalCenter
            size: 20
        }
        Label {
            text: qsTr("Looking on %1").arg(root.published.host)
        }
    }
    EmptyState {
        objectName: "importanceNone"
        anchors.centerIn: parent
        width: parent.width
        visible: root.published.state === ImportanceFinder.NoneFound
        iconName: "search"
        title: qsTr("None found for “%1”").arg(root.published.model)
        text: qsTr("Try the name that the original model has on the hub, or have one measured first on the built-in text.")
    }
    EmptyState {
        objectName: "importanceFailed"
        anchors.centerIn: parent
        width: parent.width
        visible: root.published.state === ImportanceFinder.Failed || root.published.state === ImportanceFinder.Stopped
        iconName: root.published.isOfflineProblem ? "globe" : "triangle-alert"
        title: root.published.problemTitle
        text: root.published.problem
        Button {
            objectName: "importanceTryAgain"
            text: qsTr("Try again")
            onClicked: root.published.tryAgain()
        }
    }
    ColumnLayout {
        objectName: "importanceFetching"
        anchors.centerIn: parent
        width: parent.width
        visible: root.published.state === ImportanceFinder.Fetching
        spacing: 10
        RowLayout {
            Layout.fillWidth: true
            Label {
                Layout.fillWidth: true
                role: Theme.codeSmall
                elide: Text.ElideMiddle
                text: root.published.fetchedName
            }
            Label {
                role: Theme.caption
                color: Theme.t3
                text: root.published.paceText
            }
        }
        Meter {
            Layout.fillWidth: true
            hasLimit: false
            value: root.published.share
            name: root.published.progressText
        }
        Label {
            Layout.fillWidth: true
            role: Theme.caption
            color: Theme.t2
            text: root.published.progressText
        }
    }
}

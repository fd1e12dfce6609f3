pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components
import Sotto.Theme

// Models that lie on this computer twice: looks for them when it opens, and says what would become free.
Dialog {
    id: root

    required property AppFacade app

    readonly property TwinListModel twins: app.installed.twins

    property string askedName // of the row that is to go

    signal removeRequested(string path, string name)

    // A file that was written to meanwhile is no duplicate any more.
    function askToRemove(path: string, name: string): void {
        askedName = name;
        twins.confirm(path);
    }

    objectName: "twinsDialog"
    width: Math.min(640, parent ? parent.width - 48 : 640)
    title: qsTr("Duplicates")
    subtitle: twins.state === TwinListModel.Found ? qsTr("%1 can become free. Each of these files has the same content as the others below its name.").arg(Theme.format.fileSize(twins.freedBytes)) : ""
    onAboutToShow: twins.search()
    onOpened: list.forceActiveFocus(Qt.OtherFocusReason)
    onClosed: twins.stop()

    Connections {
        target: root.twins
        function onConfirmed(path: string): void {
            if (root.visible)
                root.removeRequested(path, root.askedName);
        }
    }
    Item {
        width: parent ? parent.width : 0
        height: parent ? parent.height : 0
        implicitHeight: list.visible ? Math.min(420, list.contentHeight) : 132

        ListView {
            id: list
            objectName: "twinList"
            anchors.fill: parent
            visible: root.twins.count > 0
            activeFocusOnTab: true
            clip: true
            boundsBehavior: Flickable.StopAtBounds
            model: root.twins
            Accessible.role: Accessible.List
            Accessible.name: root.title
            Keys.onUpPressed: flick(0, 600)
            Keys.onDownPressed: flick(0, -600)
            T.ScrollBar.vertical: ScrollBar {
            }

            delegate: TwinRow {
                width: ListView.view.width - 12
                onRemoveRequested: root.askToRemove(path, name)
            }
        }
        FocusRing {
            anchors.fill: list
            anchors.margins: -10
            isInside: true
            visible: list.visible && list.activeFocus
        }
        Column {
            anchors.centerIn: parent
            width: parent.width
            visible: root.twins.state === TwinListModel.Searching
            spacing: 12
            Label {
                anchors.horizontalCenter: parent.horizontalCenter
                text: root.twins.totalBytes > 0 ? qsTr("Reading %1 of files that are as large as another one").arg(Theme.format.sizeSum(root.twins.totalBytes)) : qsTr("Comparing the sizes of the files")
            }
            Meter {
                anchors.horizontalCenter: parent.horizontalCenter
                width: 280
                thickness: 4
                hasLimit: false
                value: root.twins.share
                name: qsTr("Looking for duplicates")
            }
        }
        EmptyState {
            objectName: "noTwins"
            anchors.centerIn: parent
            width: parent.width
            visible: root.twins.state === TwinListModel.None
            iconName: "check"
            title: qsTr("No duplicates")
            text: qsTr("Each model file is there once. Links to one file take no room.")
        }
        EmptyState {
            anchors.centerIn: parent
            width: parent.width
            visible: root.twins.state === TwinListModel.Failed || root.twins.state === TwinListModel.Idle
            iconName: root.twins.state === TwinListModel.Failed ? "triangle-alert" : "copy"
            title: root.twins.state === TwinListModel.Failed ? qsTr("The files could not be compared") : qsTr("Stopped")
            text: root.twins.problem
            Button {
                text: qsTr("Look again")
                onClicked: root.twins.search()
            }
        }
    }
    buttons: [
        Button {
            objectName: "stopTwins"
            visible: root.twins.state === TwinListModel.Searching
            text: qsTr("Stop")
            onClicked: root.twins.stop()
        },
        Button {
            text: qsTr("Close")
            onClicked: root.accept()
        }
    ]
}

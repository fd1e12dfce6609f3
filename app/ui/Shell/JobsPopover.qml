pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components
import Sotto.Theme

// One list for downloads, quantizing, compare and import, beside the rail. Arrows choose, Alt+↑ and Alt+↓ move
// what waits, Space pauses and resumes, Del cancels, Enter leads to a download, Esc closes.
Popup {
    id: root

    required property JobListModel jobs
    property int mostHeight: 684 // of the window

    function toggle(): void {
        if (opened)
            close();
        else
            open();
    }

    objectName: "jobsPopover"
    width: 440
    padding: 1
    margins: 8
    focus: true
    closePolicy: T.Popup.CloseOnEscape | T.Popup.CloseOnPressOutsideParent
    onVisibleChanged: if (visible) {
        list.currentIndex = list.count > 0 ? 0 : -1;
        list.forceActiveFocus(Qt.PopupFocusReason);
    }

    contentItem: Column {
        Accessible.role: Accessible.Pane
        Accessible.name: qsTr("Jobs")

        Item {
            width: parent.width
            height: 44
            Row {
                anchors.verticalCenter: parent.verticalCenter
                x: 16
                spacing: 8
                Label {
                    id: heading
                    role: Theme.h2
                    text: qsTr("Jobs")
                }
                Label {
                    y: heading.baselineOffset - baselineOffset
                    role: Theme.caption
                    color: Theme.t3
                    text: root.jobs.summary
                }
            }
            Button {
                anchors.right: parent.right
                anchors.rightMargin: 8
                anchors.verticalCenter: parent.verticalCenter
                visible: root.jobs.canPauseAll
                kind: Button.Quiet
                isSmall: true
                iconName: "pause"
                text: qsTr("Pause all")
                onClicked: root.jobs.pauseAll()
            }
        }
        Divider {
            width: parent.width
        }
        ListView {
            id: list
            objectName: "jobList"
            width: parent.width
            height: Math.min(contentHeight, root.mostHeight - 124)
            clip: true
            model: root.jobs
            boundsBehavior: Flickable.StopAtBounds
            highlightMoveDuration: 0
            keyNavigationEnabled: true
            cacheBuffer: 2000
            activeFocusOnTab: true
            T.ScrollBar.vertical: ScrollBar {
            }
            Accessible.role: Accessible.List
            Accessible.name: qsTr("Jobs")

            delegate: JobRow {
                width: ListView.view.width
                onPauseRequested: root.jobs.pause(jobId)
                onResumeRequested: root.jobs.resume(jobId)
                onCancelRequested: root.jobs.cancel(jobId)
                onEarlierRequested: root.jobs.moveEarlier(jobId)
                onLaterRequested: root.jobs.moveLater(jobId)
                onOpenRequested: root.jobs.downloadsRequested()
                onEntered: if (isDownload)
                    root.jobs.downloadsRequested()
            }
        }
        Label {
            visible: root.jobs.count === 0
            width: parent.width
            padding: 16
            color: Theme.t3
            wrapMode: Text.Wrap
            text: qsTr("Nothing is being done. What takes long appears here.")
        }
        Divider {
            width: parent.width
            visible: root.jobs.finishedCount > 0
        }
        Item {
            width: parent.width
            height: 40
            visible: root.jobs.finishedCount > 0
            Button {
                anchors.right: parent.right
                anchors.rightMargin: 8
                anchors.verticalCenter: parent.verticalCenter
                kind: Button.Quiet
                isSmall: true
                textColor: Theme.measured
                text: root.jobs.finishedCount === 1 ? qsTr("Clear the finished one") : qsTr("Clear the finished ones")
                onClicked: root.jobs.clearFinished()
            }
        }
    }
}

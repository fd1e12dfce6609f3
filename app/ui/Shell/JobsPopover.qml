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
    function chosen(): JobRow {
        return list.currentItem as JobRow;
    }
    function pauseOrResume(row: JobRow): void {
        if (row !== null && row.canPause)
            jobs.pause(row.jobId);
        else if (row !== null && row.canResume)
            jobs.resume(row.jobId);
    }
    function openDownload(row: JobRow): void {
        if (row !== null && row.isDownload)
            jobs.downloadsRequested();
    }
    function move(row: JobRow, isEarlier: bool): void {
        if (row === null)
            return;
        if (isEarlier && row.canMoveEarlier)
            jobs.moveEarlier(row.jobId);
        else if (!isEarlier && row.canMoveLater)
            jobs.moveLater(row.jobId);
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
            Keys.onPressed: event => {
                list.forceLayout(); // a row that was just moved is chosen where it is now
                const isUp = event.key === Qt.Key_Up;
                if ((isUp || event.key === Qt.Key_Down) && event.modifiers === Qt.AltModifier)
                    root.move(root.chosen(), isUp);
                else if (event.key === Qt.Key_Space)
                    root.pauseOrResume(root.chosen());
                else if (event.key === Qt.Key_Delete && root.chosen() !== null)
                    root.jobs.cancel(root.chosen().jobId);
                else if (event.key === Qt.Key_Return || event.key === Qt.Key_Enter)
                    root.openDownload(root.chosen());
                else
                    return;
                event.accepted = true;
            }

            delegate: JobRow {
                required property int index
                width: ListView.view.width
                isFirst: index === 0
                hasRing: ListView.isCurrentItem && ListView.view.activeFocus
                onPauseRequested: root.jobs.pause(jobId)
                onResumeRequested: root.jobs.resume(jobId)
                onCancelRequested: root.jobs.cancel(jobId)
                onEarlierRequested: root.jobs.moveEarlier(jobId)
                onLaterRequested: root.jobs.moveLater(jobId)
                onOpenRequested: root.jobs.downloadsRequested()
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

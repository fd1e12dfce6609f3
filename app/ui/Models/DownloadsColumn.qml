pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components
import Sotto.Theme

// What is on its way to this computer. Arrows choose, Space pauses and resumes, Alt with an arrow changes the
// order, Del takes away, Enter loads what is whole.
FocusScope {
    id: root

    required property AppFacade app

    readonly property DownloadListModel downloads: app.hub.downloads

    function askToRemove(row: DownloadRow): void {
        if (row.keptText.length > 0)
            removeDialog.askFor(row);
        else
            downloads.remove(row.downloadId);
    }

    signal compareRequested(string path, string other)
    signal removeSourceRequested(string path)

    implicitWidth: 320
    Accessible.role: Accessible.Pane
    Accessible.name: qsTr("Downloads")

    Rectangle {
        anchors.fill: parent
        radius: 1
        color: Theme.bg1
    }
    Row {
        x: 20
        y: 14
        spacing: 8
        Label {
            id: heading
            role: Theme.h3
            text: qsTr("Downloads")
            Accessible.role: Accessible.Heading
            Accessible.name: text
        }
        Label {
            y: heading.baselineOffset - baselineOffset
            role: Theme.caption
            color: Theme.t3
            text: root.downloads.summary
        }
    }
    IconButton {
        objectName: "pauseAll"
        x: parent.width - width - 12
        y: 10
        visible: root.downloads.canPauseAll
        iconName: "pause"
        text: qsTr("Pause all")
        onClicked: root.downloads.pauseAll()
    }
    Column {
        id: problem
        objectName: "downloadProblem"
        x: 20
        y: 48
        width: parent.width - 32
        visible: root.downloads.problem.length > 0
        bottomPadding: 8
        Label {
            width: parent.width - 8
            role: Theme.caption
            color: Theme.err
            wrapMode: Text.Wrap
            text: root.downloads.problem
            Accessible.role: Accessible.AlertMessage
            Accessible.name: text
        }
        Button {
            x: -10
            isSmall: true
            kind: Button.Quiet
            text: qsTr("Understood")
            onClicked: root.downloads.forgetProblem()
        }
    }
    QuantizationRows {
        id: quantizations
        y: 48 + (problem.visible ? problem.height : 0)
        width: parent.width
        height: Math.min(implicitHeight, (foot.y - y) / 2)
        app: root.app
        onCompareRequested: (source, path) => root.compareRequested(source, path)
        onRemoveSourceRequested: path => root.removeSourceRequested(path)
    }
    ListView {
        id: list
        objectName: "downloadList"
        y: quantizations.y + quantizations.height
        width: parent.width
        height: parent.height - y - foot.height
        focus: true
        activeFocusOnTab: true
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        highlightMoveDuration: 0
        model: root.downloads
        Accessible.role: Accessible.List
        Accessible.name: qsTr("Downloads")
        T.ScrollBar.vertical: ScrollBar {
        }

        delegate: DownloadRow {
            id: row
            width: ListView.view.width
            onPauseRequested: root.downloads.pause(downloadId)
            onResumeRequested: root.downloads.resume(downloadId)
            onRemoveRequested: root.askToRemove(row)
            onEarlierRequested: root.downloads.moveEarlier(downloadId)
            onLaterRequested: root.downloads.moveLater(downloadId)
            onLoadRequested: root.app.models.choose(path)
        }
    }
    EmptyState {
        anchors.centerIn: list
        width: parent.width - 48
        visible: list.count === 0 && quantizations.count === 0
        iconName: "download"
        title: qsTr("No downloads")
        text: qsTr("What you download stays here until it is whole and checked.")
    }
    Item {
        id: foot
        y: parent.height - height
        width: parent.width
        height: clear.visible ? 84 : 52

        Divider {
            width: parent.width
        }
        Label {
            x: 20
            y: 18
            role: Theme.label
            color: Theme.t2
            text: qsTr("Speed limit")
            Accessible.ignored: true
        }
        Select {
            objectName: "speedLimit"
            anchors.right: parent.right
            anchors.rightMargin: 12
            y: 12
            width: 108
            isSmall: true
            enabled: root.app.hub.isThere
            name: qsTr("Speed limit")
            model: root.downloads.speedLimits
            chosenValue: root.downloads.speedLimit
            onActivated: root.downloads.speedLimit = currentValue
        }
        Button {
            id: clear
            x: 10
            y: 46
            visible: root.downloads.finishedCount > 0
            kind: Button.Quiet
            isSmall: true
            textColor: Theme.measured
            text: qsTr("Clear the finished ones")
            onClicked: root.downloads.clearFinished()
        }
    }
    RemoveDialog {
        id: removeDialog
        downloads: root.downloads
    }
}

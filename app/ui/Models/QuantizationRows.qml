pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components

// The quantizations above the downloads. Arrows choose, Space pauses and resumes, Del cancels or takes from the
// list, Enter loads what is made.
ListView {
    id: root

    required property AppFacade app

    signal compareRequested(string source, string path)
    signal removeSourceRequested(string path)

    function load(path: string): void {
        if (app.quantize.madePath === path)
            app.quantize.dismissMade();
        app.models.choose(path);
    }
    function pauseOrResume(row: JobRow): void {
        if (row.canPause)
            app.jobs.pause(row.jobId);
        else if (row.canResume)
            app.jobs.resume(row.jobId);
    }

    objectName: "quantizationList"
    implicitHeight: contentHeight
    visible: count > 0
    activeFocusOnTab: true
    clip: true
    boundsBehavior: Flickable.StopAtBounds
    highlightMoveDuration: 0
    model: QuantizationList {
        jobs: root.app.jobs
        models: root.app.models.list
    }
    Accessible.role: Accessible.List
    Accessible.name: qsTr("Quantizations")
    Keys.onSpacePressed: if (currentItem)
        pauseOrResume(currentItem as JobRow)
    Keys.onDeletePressed: if (currentItem)
        app.jobs.cancel((currentItem as JobRow).jobId)
    Keys.onReturnPressed: (currentItem as QuantizationRow)?.loadIfMade()
    Keys.onEnterPressed: (currentItem as QuantizationRow)?.loadIfMade()
    T.ScrollBar.vertical: ScrollBar {
    }

    delegate: QuantizationRow {
        required property int index
        width: ListView.view.width
        isFirst: index === 0
        hasRing: ListView.isCurrentItem && ListView.view.activeFocus
        onPauseRequested: root.app.jobs.pause(jobId)
        onResumeRequested: root.app.jobs.resume(jobId)
        onCancelRequested: root.app.jobs.cancel(jobId)
        onLoadRequested: root.load(madePath)
        onCompareRequested: root.compareRequested(sourcePath, madePath)
        onRemoveSourceRequested: root.removeSourceRequested(sourcePath)
    }
}

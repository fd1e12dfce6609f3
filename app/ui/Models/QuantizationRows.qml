pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components

// The quantizations above the downloads. Arrows choose, Alt+↑ and Alt+↓ move what waits, Space pauses and resumes,
// Del cancels or takes from the list, Enter loads what is made.
ListView {
    id: root

    required property AppFacade app
    property double chosenId: 0 // of the current row's job

    signal compareRequested(string source, string path)
    signal removeSourceRequested(string path)

    function load(path: string): void {
        if (app.quantize.madePath === path)
            app.quantize.dismissMade();
        app.models.choose(path);
    }

    // Its model tells of a move only that the order is another one.
    function keepChosen(): void {
        forceLayout();
        for (let row = 0; row < count; ++row) {
            if ((itemAtIndex(row) as JobRow)?.jobId !== chosenId)
                continue;
            currentIndex = row;
            return;
        }
    }

    objectName: "quantizationList"
    implicitHeight: contentHeight
    visible: count > 0
    activeFocusOnTab: true
    clip: true
    boundsBehavior: Flickable.StopAtBounds
    highlightMoveDuration: 0
    cacheBuffer: 2000
    onCurrentIndexChanged: chosenId = (currentItem as JobRow)?.jobId ?? 0
    model: QuantizationList {
        id: quantizations
        jobs: root.app.jobs
        models: root.app.models.list
    }
    Accessible.role: Accessible.List
    Accessible.name: qsTr("Quantizations")
    T.ScrollBar.vertical: ScrollBar {
    }

    Connections {
        target: quantizations
        function onLayoutChanged(): void {
            keeper.restart();
        }
    }
    // When the list has taken the new order.
    Timer {
        id: keeper
        interval: 0
        onTriggered: root.keepChosen()
    }

    delegate: QuantizationRow {
        width: ListView.view.width
        onPauseRequested: root.app.jobs.pause(jobId)
        onResumeRequested: root.app.jobs.resume(jobId)
        onCancelRequested: root.app.jobs.cancel(jobId)
        onEarlierRequested: {
            root.chosenId = jobId;
            root.app.jobs.moveEarlier(jobId);
        }
        onLaterRequested: {
            root.chosenId = jobId;
            root.app.jobs.moveLater(jobId);
        }
        onEntered: loadIfMade()
        onLoadRequested: root.load(madePath)
        onCompareRequested: root.compareRequested(sourcePath, madePath)
        onRemoveSourceRequested: root.removeSourceRequested(sourcePath)
    }
}

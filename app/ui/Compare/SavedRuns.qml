pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components

// The runs that were kept, newest first. Enter opens one, Del removes it.
FocusScope {
    id: root

    required property SavedComparisons saved

    Accessible.role: Accessible.Pane
    Accessible.name: qsTr("Saved runs")

    ListView {
        id: list
        objectName: "savedRuns"
        anchors.fill: parent
        anchors.leftMargin: 16
        anchors.rightMargin: 16
        anchors.topMargin: 12
        focus: true
        activeFocusOnTab: true
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        model: root.saved
        onCountChanged: if (currentIndex < 0 && count > 0)
            currentIndex = 0
        Accessible.role: Accessible.List
        Accessible.name: qsTr("Saved runs")
        Keys.onReturnPressed: root.saved.open(currentIndex)
        Keys.onEnterPressed: root.saved.open(currentIndex)
        Keys.onDeletePressed: root.saved.remove(currentIndex)
        T.ScrollBar.vertical: ScrollBar {
        }

        delegate: SavedRow {
            width: ListView.view.width
            hasRing: ListView.isCurrentItem && ListView.view.activeFocus
            onClicked: root.saved.open(index)
            onRemoveRequested: root.saved.remove(index)
        }
    }
    EmptyState {
        anchors.centerIn: parent
        width: Math.min(440, parent.width - 48)
        visible: root.saved.count === 0
        iconName: "columns-3"
        title: qsTr("No runs kept yet")
        text: qsTr("Each run that has answers is kept here by itself, on this computer only.")
    }
}

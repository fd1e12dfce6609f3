pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components

// Loads a model with parameters of one's choice: what it would take of the memory, and how fast it would be,
// stands beside them before it is loaded.
Dialog {
    id: root

    required property AppFacade app

    readonly property LoadPlanner planner: app.loadPlanner
    property int opening: 0 // which opening of the planner is this dialog's

    function openFor(path: string): void {
        opening = planner.open(path);
        open();
        parameters.begin();
    }
    function isInside(item: Item): bool {
        for (let outer = item; outer !== null; outer = outer.parent)
            if (outer === columns)
                return true;
        return false;
    }
    // What the keyboard is at does not stay out of sight in a low window.
    function showFocused(item: Item): void {
        if (!isInside(item))
            return;
        const y = item.mapToItem(columns, 0, 0).y;
        const last = Math.max(0, flickable.contentHeight - flickable.height);
        flickable.contentY = Math.max(0, Math.min(last, y - 8, Math.max(flickable.contentY, y + item.height + 8 - flickable.height)));
    }

    objectName: "loadDialog"
    width: Math.min(944, parent ? parent.width - 48 : 944)
    title: qsTr("Load “%1”").arg(planner.name)
    canAccept: planner.canLoad
    onAccepted: planner.load(parameters.isKept)
    onClosed: planner.close(opening)

    Flickable {
        id: flickable

        // Back in this window, other programs may have given memory back.
        readonly property bool isWindowActive: Window.active
        readonly property Item focused: Window.activeFocusItem

        width: parent ? parent.width : 0
        height: parent ? parent.height : 0
        implicitHeight: columns.implicitHeight
        contentHeight: columns.implicitHeight
        clip: contentHeight > height
        boundsBehavior: Flickable.StopAtBounds
        T.ScrollBar.vertical: ScrollBar {
        }
        onFocusedChanged: root.showFocused(focused)
        onIsWindowActiveChanged: if (isWindowActive && root.visible)
            root.planner.lookAgain()

        Item {
            id: columns

            readonly property real half: Math.floor((width - 49) / 2)

            width: flickable.width
            implicitHeight: Math.max(parameters.implicitHeight, outcome.implicitHeight)

            LoadParameters {
                id: parameters
                width: columns.half
                planner: root.planner
                onAccepted: if (root.canAccept)
                    root.accept()
            }
            Divider {
                x: columns.half + 24
                height: columns.implicitHeight
            }
            LoadOutcome {
                id: outcome
                x: columns.half + 49
                width: columns.half
                planner: root.planner
            }
        }
    }
    buttons: [
        Button {
            text: qsTr("Cancel")
            onClicked: root.reject()
        },
        Button {
            objectName: "loadWith"
            kind: Button.Primary
            enabled: root.canAccept
            text: qsTr("Load")
            onClicked: root.accept()
        }
    ]
}

pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components

// The columns side by side, as many as are shown at once; the others scroll.
Flickable {
    id: root

    required property CompareController compare
    required property ForcedAnswers forced
    property int shownColumns: 3

    readonly property real gap: 16
    readonly property int nShown: Math.min(columns.count, shownColumns)
    readonly property real columnWidth: (width - 48 - gap * (nShown - 1)) / Math.max(1, nShown)

    // That shows every answer whole.
    function wholeHeight(): real {
        let most = 320;
        for (let index = 0; index < columns.count; ++index)
            most = Math.max(most, columns.itemAt(index)?.implicitHeight ?? most);
        return most;
    }

    function reveal(item: Item): void {
        if (item.x < contentX)
            contentX = item.x;
        else if (item.x + item.width + 48 > contentX + width)
            contentX = item.x + item.width + 48 - width;
    }

    clip: true
    contentWidth: row.width + 48
    contentHeight: height
    flickableDirection: Flickable.HorizontalFlick
    boundsBehavior: Flickable.StopAtBounds
    T.ScrollBar.horizontal: ScrollBar {
        parent: root
        y: root.height - height
        width: root.width
    }

    Row {
        id: row
        x: 24
        spacing: root.gap
        Repeater {
            id: columns
            model: root.compare.columns
            delegate: CompareColumn {
                id: column
                objectName: "compareColumn" + index
                width: root.columnWidth
                height: root.height - (root.contentWidth > root.width ? 12 : 0)
                compare: root.compare
                forced: root.forced
                onActiveFocusChanged: if (activeFocus)
                    root.reveal(column)
            }
        }
    }
}

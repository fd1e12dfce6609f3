import QtQuick
import Sotto.App
import Sotto.Components

// Over a text that has marked places: tells what would have been said in the one under the pointer, or in the one that
// the keyboard has selected.
Item {
    id: root

    required property TextEdit area // the text, which this lies in
    required property AnswerMarks marks
    property var ways: [] // of {begin, length, text}

    readonly property int hovered: hover.hovered ? wayUnder(hover.point.position) : -1
    readonly property int focused: area.activeFocus && ways.length > 0 ? marks.otherWayAt(area.selectionStart) : -1
    readonly property int way: focused >= 0 ? focused : hovered
    readonly property string text: way >= 0 && way < ways.length ? ways[way].text : ""

    // Selects the next one, or the one before, so that it is seen and heard. False: there is none.
    function go(isForward: bool): bool {
        const next = marks.otherWayBeyond(area.selectionStart - (isForward && focused < 0 ? 1 : 0), isForward);
        if (next < 0)
            return false;
        area.select(ways[next].begin, ways[next].begin + ways[next].length);
        return true;
    }
    // A position lies between two characters, so that of the mark may be the one before.
    function wayUnder(point: point): int {
        const position = area.positionAt(point.x, point.y);
        for (const way of [marks.otherWayAt(position), marks.otherWayAt(position - 1)]) {
            if (way < 0 || way >= ways.length)
                continue;
            const begin = area.positionToRectangle(ways[way].begin);
            const end = area.positionToRectangle(ways[way].begin + ways[way].length);
            const isInLine = begin.y !== end.y || (point.x >= begin.x && point.x <= end.x);
            if (isInLine && point.y >= begin.y && point.y <= end.y + end.height)
                return way;
        }
        return -1;
    }

    anchors.fill: parent

    HoverHandler {
        id: hover
        enabled: root.ways.length > 0
    }
    Item {
        id: place
        readonly property rect begin: root.text.length > 0 ? root.area.positionToRectangle(root.ways[root.way].begin) : Qt.rect(0, 0, 0, 0)
        x: begin.x
        y: begin.y
        width: 1
        height: begin.height

        Tooltip {
            x: 0
            visible: root.text.length > 0
            delay: root.focused >= 0 ? 0 : 300
            text: root.text
        }
    }
}

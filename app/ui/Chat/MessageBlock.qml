import QtQuick
import Sotto.App

// One block of an answer: loads the delegate of its kind, which reads what it needs from here. A row
// never changes its kind (BlockListModel replaces it), so the choice is made once.
Item {
    id: root

    required property int index
    required property int kind
    required property string html
    required property string text
    required property int level
    required property string marker
    required property string language
    required property bool isOpen
    required property int columns
    required property var cells
    required property var alignments
    property int previousKind: -1
    property bool hasCaret: false // it is the end of what is being written

    readonly property int gap: gapAfter(previousKind)

    signal linkOpened(string link)
    signal copyRequested(string text)

    function gapAfter(previous: int): int {
        if (index === 0)
            return 0;
        if (kind === BlockListModel.Heading)
            return previous === BlockListModel.Heading ? 8 : 20;
        if (previous === BlockListModel.Heading)
            return 6;
        return kind === BlockListModel.ListItem && previous === BlockListModel.ListItem ? 4 : 12;
    }

    function file(): string {
        switch (kind) {
        case BlockListModel.Code:
            return "CodeBlock.qml";
        case BlockListModel.Table:
            return "TableBlock.qml";
        case BlockListModel.Quote:
            return "QuoteBlock.qml";
        case BlockListModel.ListItem:
            return "ListItemBlock.qml";
        case BlockListModel.Rule:
            return "RuleBlock.qml";
        case BlockListModel.Math:
            return "MathBlock.qml";
        }
        return "TextBlock.qml";
    }

    implicitHeight: gap + loader.height

    Loader {
        id: loader
        y: root.gap
        width: root.width
    }
    Component.onCompleted: loader.setSource(file(), {
            "block": root
        })
}

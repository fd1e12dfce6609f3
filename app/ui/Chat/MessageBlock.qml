pragma ComponentBehavior: Bound
import QtQuick
import Sotto.App
import Sotto.Chat

// One block of an answer, inside the quotes and list items around it: loads the delegate of its kind,
// which reads what it needs from here. A row never changes its kind (BlockListModel replaces it), so the
// choice is made once.
Item {
    id: root

    required property int row
    required property real blockTop
    required property int gap // px above it, part of its height
    required property var containersBefore // of the block before it
    required property int kind
    required property inlineText content
    required property var containers // outermost first
    required property bool isRightToLeft
    required property int level
    required property string language
    required property var alignments
    required property BlockListModel blocks
    property TextSelection selection: null
    property int messageRow: -1
    property bool hasCaret: false // it is the end of what is being written

    readonly property bool isItem: containers.some(around => !around.isQuote)
    readonly property bool isQuoted: containers.some(around => around.isQuote)

    signal linkOpened(string link)
    signal copyRequested(string text)
    signal measured // it is as high as it says

    // For copying; made on demand, since it is the whole text.
    function source(): string {
        return blocks.data(blocks.index(row, 0), BlockListModel.TextRole);
    }
    function file(): string {
        switch (kind) {
        case BlockListModel.Code:
            return "CodeBlock.qml";
        case BlockListModel.Table:
            return "TableBlock.qml";
        case BlockListModel.Rule:
            return "RuleBlock.qml";
        case BlockListModel.Math:
            return "MathBlock.qml";
        }
        return "TextBlock.qml";
    }
    // What the containers before this one take of a side.
    function inset(upTo: int, isRight: bool): int {
        let taken = 0;
        for (let depth = 0; depth < upTo; ++depth) {
            if (containers[depth].isRightToLeft === isRight)
                taken += containers[depth].isQuote ? 16 : 24;
        }
        return taken;
    }

    y: blockTop
    implicitHeight: gap + loader.height
    onHeightChanged: measured()

    Repeater {
        model: root.containers
        delegate: BlockFrame {
            required property int index
            required property var modelData
            width: root.width
            height: root.height
            around: modelData
            inset: root.inset(index, modelData.isRightToLeft)
            gap: root.gap
            drop: (loader.item as TextBlock)?.firstDrop ?? 0
            // The quote goes on between its blocks.
            goesOn: root.containersBefore[index]?.isQuote ?? false
        }
    }
    Loader {
        id: loader
        x: root.inset(root.containers.length, false)
        y: root.gap
        width: root.width - x - root.inset(root.containers.length, true)
    }
    Component.onCompleted: {
        loader.setSource(file(), {
                "block": root
            });
        measured();
    }
}

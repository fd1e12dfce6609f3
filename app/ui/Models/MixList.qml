pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components
import Sotto.Theme

// All mixes under the heads of their columns. Arrows choose.
FocusScope {
    id: root

    required property QuantizeController quantize

    readonly property MixColumns columns: MixColumns {
        width: root.width - 12 // of the scroll bar
    }

    function follow(): void {
        list.currentIndex = quantize.chosenRow;
    }
    // To the next one that can be made.
    function step(by: int): void {
        const row = quantize.nextRow(by);
        if (row >= 0)
            quantize.type = quantize.mixes.typeAt(row);
        list.positionViewAtIndex(list.currentIndex, ListView.Contain);
    }

    component Head: Label {
        y: 4
        role: Theme.caption
        color: Theme.t3
        elide: Text.ElideRight
    }

    implicitHeight: 28 + list.contentHeight
    Connections {
        target: root.quantize
        function onChanged(): void {
            root.follow();
        }
    }

    Head {
        x: 40
        text: qsTr("Format")
    }
    Head {
        x: root.columns.bits
        width: root.columns.size - x - 6
        text: qsTr("Bits/weight")
    }
    Head {
        x: root.columns.size
        text: qsTr("File size")
    }
    Row {
        x: root.columns.memory
        spacing: 4
        Head {
            text: root.quantize.mixes.availableBytes > 0 ? qsTr("Memory,") : qsTr("Memory")
        }
        Head {
            visible: root.quantize.mixes.availableBytes > 0
            color: Theme.limit
            text: qsTr("%1 available").arg(Theme.format.memory(root.quantize.mixes.availableBytes))
        }
    }
    Head {
        x: root.columns.speed
        width: root.columns.quality - x - 6
        text: qsTr("tok/s, against its limit")
        HoverTip {
            isFocusable: false
            title: qsTr("Predicted, not measured")
            text: qsTr("From what this computer reads per second, with one chat and a short context.")
        }
    }
    Head {
        x: root.columns.quality
        width: root.width - x
        text: root.quantize.sourceType.length > 0 ? qsTr("Expected KL from %1").arg(root.quantize.sourceType) : qsTr("Expected KL")
        HoverTip {
            isFocusable: false
            title: qsTr("Predicted, not measured")
            text: qsTr("Nats per token, as Llama 3 8B loses them at the same format. Smaller models lose more, larger ones less.")
        }
    }
    ListView {
        id: list
        objectName: "mixList"
        y: 28
        width: parent.width
        height: parent.height - y
        focus: true
        activeFocusOnTab: true
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        highlightMoveDuration: 0
        cacheBuffer: 0
        model: root.quantize.mixes
        Accessible.role: Accessible.List
        Accessible.name: qsTr("Format")
        Keys.onUpPressed: root.step(-1)
        Keys.onDownPressed: root.step(1)
        T.ScrollBar.vertical: ScrollBar {
        }

        delegate: MixRow {
            width: ListView.view.width - 12
            visible: y + height - 12 < list.contentY + list.height && y + 12 > list.contentY // dashes are not clipped everywhere
            columns: root.columns
            isChosen: root.quantize.type === type
            hasRing: isChosen && ListView.view.activeFocus
            onClicked: {
                root.quantize.type = type;
                list.forceActiveFocus(Qt.MouseFocusReason);
            }
        }
    }
}

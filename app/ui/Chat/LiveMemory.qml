import QtQuick
import Sotto.App
import Sotto.Components
import Sotto.Theme

// Who holds the memory of this computer, or of the card that the model lies on.
LiveSection {
    id: root

    required property LiveStats live

    readonly property double held: live.memoryTotal - live.memoryFree

    function partText(bytes: double): string {
        return live.memoryTotal > 0 ? Theme.format.memoryPart(bytes) : "–";
    }

    name: live.isCardMemory ? qsTr("VRAM") : qsTr("RAM")
    value: live.memoryTotal > 0 ? Theme.format.fixed(held / 1073741824, 1) : "" // GiB
    limitText: qsTr("of %1").arg(Theme.format.memory(live.memoryTotal))

    StackBar {
        width: parent.width
        total: root.live.memoryTotal
        name: qsTr("Memory: %1 of %2 held.").arg(Theme.format.memory(root.held)).arg(Theme.format.memory(root.live.memoryTotal))
        segments: [{
                "name": qsTr("Weights"),
                "value": root.live.memoryWeights,
                "color": Theme.weights
            }, {
                "name": qsTr("KV cache"),
                "value": root.live.memoryKv,
                "color": Theme.kv
            }, {
                "name": qsTr("Scratch"),
                "value": root.live.memoryScratch,
                "color": Theme.scratch
            }, {
                "name": qsTr("Other apps"),
                "value": root.live.memoryOther,
                "color": Theme.otherApps
            }]

        HoverTip {
            title: qsTr("Memory in GiB")
            text: root.live.isCardMemory ? qsTr("Weights and KV cache are what the engine has allocated on the card; scratch is the rest that it holds there. Other apps and free are what the driver reports.") : qsTr("Weights, KV cache and scratch are what the engine has allocated. Other apps and free are what the system reports.")
        }
    }
    Item {
        width: 1
        height: 10
    }
    StackLegend {
        width: parent.width
        segments: [{
                "name": qsTr("Weights"),
                "text": root.partText(root.live.memoryWeights),
                "color": Theme.weights
            }, {
                "name": qsTr("Other apps"),
                "text": root.partText(root.live.memoryOther),
                "color": Theme.otherApps
            }, {
                "name": qsTr("KV cache"),
                "text": root.partText(root.live.memoryKv),
                "color": Theme.kv
            }, {
                "name": qsTr("Free"),
                "text": root.partText(root.live.memoryFree),
                "color": Theme.free
            }, {
                "name": qsTr("Scratch"),
                "text": root.partText(root.live.memoryScratch),
                "color": Theme.scratch
            }]
    }
}

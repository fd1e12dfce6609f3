import QtQuick
import Sotto.App
import Sotto.Components
import Sotto.Theme

// The pool of KV blocks: a map by lightness, and its counts below.
LiveSection {
    id: root

    required property LiveStats live

    readonly property string usedText: Theme.format.count(live.kvBlocksUsed)
    readonly property string totalText: Theme.format.count(live.kvBlocksTotal)
    readonly property string keptText: Theme.format.count(live.kvBlocksCached)
    readonly property string sentence: live.kvBlocksCached > 0 ? qsTr("%1 of %2 KV blocks held by chats, %3 kept.").arg(usedText).arg(totalText).arg(keptText) : qsTr("%1 of %2 KV blocks held by chats.").arg(usedText).arg(totalText)

    name: qsTr("KV blocks")
    value: live.kvBlocksTotal > 0 ? usedText : ""
    tail: qsTr("of %1 held").arg(totalText)

    KvMap {
        width: parent.width
        height: 78
        total: root.live.kvBlocksTotal
        used: root.live.kvBlocksUsed
        cached: root.live.kvBlocksCached
        usedColor: Theme.kvChat
        cachedColor: Theme.kvCached
        freeColor: Theme.kvFree
        Accessible.role: Accessible.Chart
        Accessible.name: root.sentence

        HoverTip {
            title: root.sentence
            text: qsTr("A block holds keys and values of %1 tokens. One cell is 1/256 of the pool. What is kept need not be read again when a chat goes on, and makes room when it is needed.").arg(Theme.format.count(root.live.kvBlockTokens))
        }
    }
    Item {
        width: 1
        height: 10
    }
    StackLegend {
        width: parent.width
        segments: [{
                "name": qsTr("Chats"),
                "text": root.live.kvBlocksTotal > 0 ? root.usedText : "–",
                "color": Theme.kvChat
            }, {
                "name": qsTr("Kept"),
                "text": root.live.kvBlocksTotal > 0 ? root.keptText : "–",
                "color": Theme.kvCached
            }, {
                "name": qsTr("Free"),
                "text": root.live.kvBlocksTotal > 0 ? Theme.format.count(root.live.kvBlocksTotal - root.live.kvBlocksUsed - root.live.kvBlocksCached) : "–",
                "color": Theme.kvFree
            }]
    }
    // An answer gives its blocks back when it ends, often before one could look.
    Label {
        width: parent.width
        visible: root.live.lastKvBlocks > 0
        topPadding: 6
        role: Theme.micro
        color: Theme.t3
        text: qsTr("the last answer held %1 blocks", "", root.live.lastKvBlocks).arg(Theme.format.count(root.live.lastKvBlocks))
    }
}

import QtQuick
import Sotto.App
import Sotto.Components
import Sotto.Theme

// The speed of writing, large, against what the memory would allow, with its last 30 seconds.
Column {
    id: root

    required property LiveStats live

    readonly property bool isKnown: live.tokensPerSecond > 0
    readonly property bool hasLimit: live.limitTokensPerSecond > 0
    readonly property string limitSpeed: Theme.format.speedValue(live.limitTokensPerSecond)
    readonly property string provenance: hasLimit ? qsTr("Counted while writing, over the last second. The limit is %1: measured read bandwidth of this computer over %2 read for each token.").arg(limitSpeed).arg(Theme.format.fileSize(live.bytesPerToken)) : qsTr("Counted while writing, over the last second. No limit is shown before the read bandwidth has been measured, nor for a model so small that it stays in the processor's cache.")

    spacing: 0

    Item {
        width: parent.width
        height: 62

        Label {
            id: figure
            role: Theme.hero
            color: root.isKnown ? Theme.t1 : Theme.t3
            text: root.isKnown ? Theme.format.speedValue(root.live.tokensPerSecond) : "–"
        }
        Label {
            x: figure.width + 8
            y: 26
            color: Theme.t2
            text: qsTr("tok/s")
        }
        Column {
            anchors.right: parent.right
            y: 12
            visible: root.isKnown && root.hasLimit
            Label {
                anchors.right: parent.right
                role: Theme.h3
                color: Theme.measured
                text: Theme.format.percent(root.live.share)
            }
            Label {
                anchors.right: parent.right
                role: Theme.caption
                color: Theme.t3
                text: qsTr("of the limit")
            }
        }
        HoverTip {
            anchors.bottomMargin: 8
            title: root.isKnown ? root.hasLimit ? qsTr("%1 tokens per second, %2 of the limit").arg(Theme.format.speedValue(root.live.tokensPerSecond)).arg(Theme.format.percent(root.live.share)) : qsTr("%1 tokens per second").arg(Theme.format.speedValue(root.live.tokensPerSecond)) : qsTr("Speed: not measured yet")
            text: root.provenance
        }
    }
    Sparkline {
        width: parent.width
        height: 72
        values: root.live.sparkline
        limit: root.live.limitTokensPerSecond
        lineColor: Theme.measured
        limitColor: Theme.limit
        baseColor: Theme.line2
        isLive: root.live.isGenerating
        Accessible.role: Accessible.Chart
        Accessible.name: qsTr("Tokens per second over the last 30 seconds")
        // Made once per answer, not with each point.
        Accessible.description: root.live.averageSpeed > 0 ? qsTr("The last answer: %1 on average, from %2 to %3.").arg(Theme.format.speedValue(root.live.averageSpeed)).arg(Theme.format.speedValue(root.live.lowestSpeed)).arg(Theme.format.speedValue(root.live.highestSpeed)) : ""
    }
    Item {
        width: parent.width
        height: 22
        Label {
            y: 6
            role: Theme.micro
            color: Theme.t3
            text: qsTr("last 30 s")
        }
        Label {
            anchors.right: parent.right
            y: 6
            visible: root.hasLimit
            role: Theme.micro
            color: Theme.limit
            text: qsTr("limit %1").arg(root.limitSpeed)
        }
    }
}

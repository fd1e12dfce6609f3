import QtQuick
import Sotto.App
import Sotto.Components
import Sotto.Theme

// The live panel in one line: tok/s, its meter against the limit, its share.
BarButton {
    id: root

    required property LiveStats live

    readonly property bool isKnown: live.tokensPerSecond > 0
    readonly property string sentence: !isKnown ? qsTr("No speed measured yet.") : live.limitTokensPerSecond > 0 ? qsTr("%1 tokens per second of %2 possible, %3.").arg(Theme.format.speedValue(live.tokensPerSecond)).arg(Theme.format.speedValue(live.limitTokensPerSecond)).arg(Theme.format.percent(live.share)) : qsTr("%1 tokens per second.").arg(Theme.format.speedValue(live.tokensPerSecond))

    hasFrame: true
    rightPadding: 12
    text: qsTr("Live numbers. %1").arg(sentence)
    tip: sentence
    keys: "Ctrl+J"

    Pulse {
        anchors.verticalCenter: parent.verticalCenter
        visible: root.live.isGenerating
    }
    Label {
        anchors.verticalCenter: parent.verticalCenter
        role: Theme.h3
        text: root.isKnown ? Theme.format.speedValue(root.live.tokensPerSecond) : "–"
    }
    Label {
        anchors.verticalCenter: parent.verticalCenter
        leftPadding: -4
        role: Theme.caption
        color: Theme.t3
        text: qsTr("tok/s")
    }
    Meter {
        anchors.verticalCenter: parent.verticalCenter
        width: 56
        thickness: 6
        value: root.isKnown && root.live.limitTokensPerSecond > 0 ? root.live.share : -1
        name: root.sentence
    }
    Label {
        anchors.verticalCenter: parent.verticalCenter
        visible: root.isKnown && root.live.share > 0
        role: Theme.caption
        color: Theme.t3
        text: Theme.format.percent(root.live.share)
    }
}

import QtQuick
import Sotto.Components
import Sotto.Theme

// The heads of the columns that FileRow has.
Item {
    id: root

    property bool isWide: true
    property bool isOnCard: false
    property int contextTokens: 0

    readonly property real forecastX: isWide ? 240 : 170

    implicitHeight: 18

    component Head: Label {
        role: Theme.microMedium
        color: Theme.t3
        Accessible.ignored: true
    }

    Head {
        text: qsTr("Format")
    }
    Head {
        x: 96
        text: qsTr("Size")
    }
    Head {
        x: 170
        visible: root.isWide
        text: qsTr("bits/weight")
    }
    Head {
        x: root.forecastX
        visible: root.contextTokens > 0
        text: root.isOnCard ? qsTr("VRAM for %1 tokens").arg(Theme.format.count(root.contextTokens)) : qsTr("RAM for %1 tokens").arg(Theme.format.count(root.contextTokens))
    }
    Head {
        x: root.width - 108 - 84
        visible: root.contextTokens > 0
        text: qsTr("tok/s")
    }
}

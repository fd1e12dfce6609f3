import QtQuick
import Sotto.Components
import Sotto.Theme

// The heads of the columns that FileRow has.
Item {
    id: root

    property bool isWide: true
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
        text: root.contextTokens > 0 ? qsTr("Memory for %1 tokens").arg(Theme.format.count(root.contextTokens)) : qsTr("Memory")
    }
    Head {
        x: root.width - 108 - 88
        visible: root.isWide
        text: qsTr("tok/s")
    }
}

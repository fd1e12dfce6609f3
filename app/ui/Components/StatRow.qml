pragma ComponentBehavior: Bound
import QtQuick
import Sotto.Theme

// A caption row of figures with dots between: "172 tok/s · TTFT 21 ms · 642 tokens".
Row {
    id: root

    property var stats: [] // of string
    property color color: Theme.t3
    readonly property string sentence: stats.join(", ")

    spacing: 0
    Accessible.role: Accessible.StaticText
    Accessible.name: sentence

    Repeater {
        model: root.stats
        delegate: Row {
            id: stat
            required property string modelData
            required property int index
            Label {
                visible: stat.index > 0
                width: 18
                horizontalAlignment: Text.AlignHCenter
                role: Theme.caption
                color: Theme.t4
                text: "·"
            }
            Label {
                role: Theme.caption
                color: root.color
                text: stat.modelData
            }
        }
    }
}

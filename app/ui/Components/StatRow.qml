pragma ComponentBehavior: Bound
import QtQuick
import Sotto.Theme

// A caption row of figures with dots between: "172 tok/s · TTFT 21 ms · 642 tokens".
Row {
    id: root

    property var stats: [] // of string; empty ones are left out
    readonly property var shown: stats.filter(text => text.length > 0)

    spacing: 0
    Accessible.role: Accessible.StaticText
    Accessible.name: shown.join(", ")

    Repeater {
        model: root.shown
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
                color: Theme.t3
                text: stat.modelData
            }
        }
    }
}

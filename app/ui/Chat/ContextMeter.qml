import QtQuick
import Sotto.Components
import Sotto.Theme

// How much of the context the conversation and the draft take: normal, from 80 %, full.
Row {
    id: root

    property int used: 0
    property int capacity: 0
    property bool isNarrow: false

    readonly property real share: capacity > 0 ? used / capacity : 0
    readonly property string sentence: used > capacity ? qsTr("The context is full: %1 of %2 tokens.").arg(Theme.format.count(used)).arg(Theme.format.count(capacity)) : qsTr("%1 of %2 tokens of context used.").arg(Theme.format.count(used)).arg(Theme.format.count(capacity))

    spacing: 10
    visible: capacity > 0

    Meter {
        anchors.verticalCenter: parent.verticalCenter
        width: root.isNarrow ? 72 : 96
        thickness: 4
        hasLimit: false
        value: Math.min(1, root.share)
        fill: root.share >= 1 ? Theme.err : root.share >= 0.8 ? Theme.warn : Theme.measured
        name: root.sentence
    }
    Label {
        anchors.verticalCenter: parent.verticalCenter
        role: Theme.caption
        color: root.share > 1 ? Theme.err : Theme.t3
        text: qsTr("%1 of %2").arg(Theme.format.count(root.used)).arg(Theme.format.count(root.capacity))

        HoverTip {
            isFocusable: false
            title: root.sentence
            text: root.share >= 0.8 ? qsTr("Counted with the model's own tokenizer, with your draft. When the context is full, the answer stops there; a new chat starts empty.") : qsTr("Counted with the model's own tokenizer, with your draft and the system prompt.")
        }
    }
}

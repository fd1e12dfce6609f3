import QtQuick
import QtQuick.Templates as T
import Sotto.Components
import Sotto.Theme

// How much of the context the conversation and the draft take: normal, from 80 %, full. A click opens
// what of it is what.
T.AbstractButton {
    id: root

    property int used: 0
    property int capacity: 0
    property bool isNarrow: false
    property bool isSliding: false // full is as it should be
    property bool isOpen: false

    readonly property real share: capacity > 0 ? used / capacity : 0
    readonly property string sentence: used > capacity ? qsTr("The context is full: %1 of %2 tokens.").arg(Theme.format.count(used)).arg(Theme.format.count(capacity)) : qsTr("%1 of %2 tokens of context used.").arg(Theme.format.count(used)).arg(Theme.format.count(capacity))

    implicitWidth: row.width + 16
    implicitHeight: 28
    visible: capacity > 0
    hoverEnabled: true
    focusPolicy: Qt.TabFocus
    text: qsTr("Context of this chat")
    Accessible.role: Accessible.Button
    Accessible.name: text

    background: Rectangle {
        radius: Theme.radiusControl
        color: root.hovered || root.isOpen ? Theme.bg4 : "transparent"
        FocusRing {
            visible: root.visualFocus
        }
    }
    Row {
        id: row
        x: 8
        height: parent.height
        spacing: 10

        Meter {
            anchors.verticalCenter: parent.verticalCenter
            width: root.isNarrow ? 72 : 96
            thickness: 4
            hasLimit: false
            value: Math.min(1, root.share)
            fill: root.isSliding ? Theme.measured : root.share >= 1 ? Theme.err : root.share >= 0.8 ? Theme.warn : Theme.measured
            name: root.sentence
        }
        Label {
            anchors.verticalCenter: parent.verticalCenter
            role: Theme.caption
            color: root.share > 1 && !root.isSliding ? Theme.err : Theme.t3
            text: qsTr("%1 of %2").arg(Theme.format.count(root.used)).arg(Theme.format.count(root.capacity))

            HoverTip {
                isFocusable: false
                title: root.sentence
                text: root.share >= 0.8 ? qsTr("Counted with the model's own tokenizer, with your draft. When the context is full, this chat asks what is to become of it.") : qsTr("Counted with the model's own tokenizer, with your draft and the system prompt.")
            }
        }
    }
}

pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Sotto.Components
import Sotto.Theme

// One way on for a chat that outgrows its context: what it does, what it takes, what it costs.
T.RadioButton {
    id: root

    required property var choice // a row of OverflowController.choices

    readonly property bool isMemory: (choice.limit ?? 0) > 0
    readonly property bool hasBar: choice.isOffered && (isMemory || (choice.rest ?? 0) > 0)
    readonly property bool isWide: width >= 600
    readonly property var segments: isMemory ? [{
            "name": qsTr("Weights"),
            "value": choice.weights,
            "color": Theme.weights
        }, {
            "name": qsTr("KV cache"),
            "value": choice.kv,
            "color": Theme.kv
        }, {
            "name": qsTr("Scratch"),
            "value": choice.scratch,
            "color": Theme.scratch
        }, {
            "name": qsTr("Other apps"),
            "value": choice.others,
            "color": Theme.otherApps
        }] : [{
            "name": qsTr("Kept"),
            "value": choice.kept ?? 0,
            "color": Theme.kvShared
        }, {
            "name": qsTr("Not sent"),
            "value": choice.gone ?? 0,
            "color": Theme.otherApps
        }, {
            "name": qsTr("Sent"),
            "value": choice.rest ?? 0,
            "color": Theme.measured
        }]

    implicitHeight: Math.max(60, words.implicitHeight + 16)
    enabled: choice.isOffered
    focusPolicy: checked || activeFocus ? Qt.TabFocus : Qt.NoFocus // one of the group
    autoExclusive: false
    hoverEnabled: true
    text: choice.title
    Accessible.role: Accessible.RadioButton
    Accessible.name: choice.title
    Accessible.description: choice.text
    Accessible.checked: checked

    background: Rectangle {
        radius: Theme.radiusControl
        color: root.checked ? Theme.measuredDim : root.hovered && root.enabled ? Theme.bg4 : Theme.bg2
        border.width: 1
        border.color: root.checked ? Theme.measured : Theme.line
        FocusRing {
            visible: root.visualFocus
        }
    }
    indicator: Rectangle {
        x: 13
        y: Math.round((root.height - height) / 2)
        width: 16
        height: 16
        radius: 8
        color: "transparent"
        border.width: 1.5
        border.color: !root.enabled ? Theme.t4 : root.checked ? Theme.measured : Theme.t3
        Rectangle {
            anchors.centerIn: parent
            width: 8
            height: 8
            radius: 4
            visible: root.checked
            color: Theme.measured
        }
    }
    contentItem: Item {
        Column {
            id: words
            x: 40
            anchors.verticalCenter: parent.verticalCenter
            width: (bar.visible ? bar.x : parent.width) - x - 12
            Label {
                width: parent.width
                role: Theme.bodyMedium
                wrapMode: Text.Wrap
                color: root.enabled ? Theme.t1 : Theme.t3
                text: root.choice.title
            }
            Label {
                width: parent.width
                role: Theme.caption
                wrapMode: Text.Wrap
                color: root.checked ? Theme.t2 : Theme.t3
                text: root.choice.text
            }
        }
        Column {
            id: bar
            visible: root.hasBar && root.isWide
            x: root.width - 12 - 128 - 12 - width
            anchors.verticalCenter: parent.verticalCenter
            width: 132
            spacing: 6
            StackBar {
                width: parent.width
                height: 8
                total: root.choice.limit ?? 0
                name: root.choice.note ?? ""
                segments: root.segments
                Rectangle {
                    visible: root.isMemory
                    x: parent.width - 2
                    y: -3
                    width: 2
                    height: 14
                    color: Theme.limit
                }
            }
            Label {
                width: parent.width
                role: Theme.micro
                color: root.checked ? Theme.t2 : Theme.t3
                elide: Text.ElideRight
                text: root.choice.note ?? ""
            }
        }
        Column {
            visible: root.choice.isOffered && root.isWide
            x: root.width - 12 - width
            anchors.verticalCenter: parent.verticalCenter
            width: 128
            Label {
                width: parent.width
                horizontalAlignment: Text.AlignRight
                text: root.choice.figure ?? ""
            }
            Label {
                width: parent.width
                role: Theme.caption
                color: root.checked ? Theme.t2 : Theme.t3
                horizontalAlignment: Text.AlignRight
                wrapMode: Text.Wrap
                text: root.choice.figureNote ?? ""
            }
        }
    }
}

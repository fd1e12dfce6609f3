pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// How long the prompt is in its context, and how much of it came from where.
Column {
    id: root

    required property ContextInspector inspector

    readonly property bool isKnown: inspector.thenTokens > 0 && !inspector.isChanged
    readonly property string promptText: Theme.format.count(inspector.promptTokens)
    readonly property string contextText: Theme.format.count(inspector.contextTokens)
    readonly property var origins: [{
            "name": qsTr("Reused from memory"),
            "value": inspector.reusedTokens,
            "color": Theme.kvShared
        }, {
            "name": qsTr("Restored from disk"),
            "value": inspector.restoredTokens,
            "color": Theme.blue
        }, {
            "name": qsTr("Read now"),
            "value": inspector.readTokens,
            "color": Theme.measured
        }]

    spacing: 0

    Item {
        width: parent.width
        height: 20
        Label {
            role: Theme.label
            color: Theme.t2
            text: root.inspector.isOlder ? qsTr("Prompt of this answer") : qsTr("Prompt of the last answer")
        }
        Row {
            anchors.right: parent.right
            spacing: 4
            Label {
                role: Theme.caption
                text: root.promptText
            }
            Label {
                role: Theme.caption
                color: Theme.limit
                text: qsTr("of %1").arg(root.contextText)
            }
        }
    }
    Item {
        width: 1
        height: 8
    }
    StackBar {
        width: parent.width
        total: root.inspector.contextTokens
        name: qsTr("The prompt has %1 of %2 tokens.").arg(root.promptText).arg(root.contextText)
        segments: root.isKnown ? root.origins : [{
                "name": qsTr("Prompt"),
                "value": root.inspector.promptTokens,
                "color": Theme.otherApps
            }]
    }
    Item {
        width: 1
        height: 12
    }
    RowLayout {
        width: parent.width
        spacing: 12
        Repeater {
            model: root.origins.concat([{
                        "name": qsTr("Not sent"),
                        "value": root.inspector.leftOutTokens,
                        "color": Theme.otherApps
                    }])
            delegate: Item {
                id: figure
                required property var modelData
                required property int index
                readonly property string valueText: root.isKnown || index === 3 ? Theme.format.count(modelData.value) : "–"
                Layout.fillWidth: true
                Layout.preferredWidth: index < 2 ? 150 : 110 // as their names need
                implicitHeight: 40
                Accessible.role: Accessible.StaticText
                Accessible.name: qsTr("%1: %2 tokens").arg(modelData.name).arg(valueText)
                Rectangle {
                    y: 3
                    width: 10
                    height: 10
                    radius: Theme.radiusCell
                    color: figure.modelData.color
                    opacity: figure.index === 3 ? 0.6 : 1
                }
                Label {
                    x: 16
                    width: parent.width - 16
                    role: Theme.caption
                    color: Theme.t2
                    elide: Text.ElideRight
                    text: figure.modelData.name
                }
                Label {
                    y: 19
                    role: Theme.h3
                    text: figure.valueText
                }
            }
        }
    }
    Label {
        width: parent.width
        topPadding: 8
        visible: root.inspector.isChanged
        role: Theme.caption
        color: Theme.t3
        wrapMode: Text.Wrap
        text: qsTr("The chat, its settings or the model have changed since: the prompt of this answer had %1 tokens. It is shown as it would be now.").arg(Theme.format.count(root.inspector.thenTokens))
    }
    Item {
        width: 1
        height: 6
    }
}

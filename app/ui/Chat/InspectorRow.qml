import QtQuick
import Sotto.App
import Sotto.Components
import Sotto.Theme

// A message of the prompt: what it is, how its exact text begins, where its tokens came from, how many.
Item {
    id: root

    required property int index
    required property int kind
    required property int number
    required property string excerpt
    required property int tokenCount
    required property int memoryTokens
    required property int diskTokens
    required property int readTokens
    required property bool isLeftOut
    property bool isCurrent: false
    property bool hasFocus: false // the list has it

    readonly property string name: kind === ContextInspector.Dropped ? qsTr("1 to %1, dropped").arg(number) : kind === ContextInspector.SystemPrompt ? qsTr("System prompt") : kind === ContextInspector.Question ? qsTr("%1  You").arg(number) : kind === ContextInspector.Answer ? qsTr("%1  Answer").arg(number) : kind === ContextInspector.Thinking ? qsTr("%1  Thinking").arg(number) : qsTr("%1  Tool").arg(number)
    readonly property int nOrigins: (memoryTokens > 0 ? 1 : 0) + (diskTokens > 0 ? 1 : 0) + (readTokens > 0 ? 1 : 0)
    readonly property string origin: isLeftOut ? qsTr("not sent") : nOrigins === 0 ? "–" : memoryTokens > 0 && diskTokens > 0 ? qsTr("memory, then disk") : memoryTokens > 0 && readTokens > 0 ? qsTr("memory, then read") : diskTokens > 0 && readTokens > 0 ? qsTr("disk, then read") : memoryTokens > 0 ? qsTr("from memory") : diskTokens > 0 ? qsTr("from disk") : qsTr("read now")
    readonly property string sentence: qsTr("%1, %2 tokens, %3").arg(name).arg(Theme.format.count(tokenCount)).arg(origin)

    signal chosen

    implicitHeight: 30
    Accessible.role: Accessible.ListItem
    Accessible.name: sentence
    Accessible.selected: isCurrent
    Accessible.onPressAction: chosen()

    Rectangle {
        anchors.fill: parent
        color: root.isCurrent ? Theme.bg4 : hover.hovered ? Theme.bg2 : "transparent"
    }
    FocusRing {
        isInside: true
        cornerRadius: 0
        visible: root.isCurrent && root.hasFocus
    }
    HoverHandler {
        id: hover
    }
    TapHandler {
        onTapped: root.chosen()
    }
    Label {
        x: 20
        anchors.verticalCenter: parent.verticalCenter
        width: 168
        role: Theme.caption
        color: root.isLeftOut ? Theme.t3 : Theme.t1
        font.strikeout: root.isLeftOut
        elide: Text.ElideRight
        text: root.name
    }
    Label {
        x: 200
        anchors.verticalCenter: parent.verticalCenter
        width: bar.x - x - 12
        role: Theme.codeSmall
        color: Theme.t3
        font.strikeout: root.isLeftOut
        elide: Text.ElideRight
        maximumLineCount: 1
        text: root.excerpt
    }
    StackBar {
        id: bar
        x: root.width - 284
        anchors.verticalCenter: parent.verticalCenter
        width: 44
        height: 6
        Accessible.ignored: true
        segments: root.isLeftOut ? [] : [{
                "value": root.memoryTokens,
                "color": Theme.kvShared
            }, {
                "value": root.diskTokens,
                "color": Theme.blue
            }, {
                "value": root.readTokens,
                "color": Theme.measured
            }]
    }
    Label {
        x: root.width - 228
        anchors.verticalCenter: parent.verticalCenter
        width: 128
        role: Theme.caption
        color: Theme.t3
        elide: Text.ElideRight
        text: root.origin
    }
    Label {
        anchors.right: parent.right
        anchors.rightMargin: 20
        anchors.verticalCenter: parent.verticalCenter
        role: Theme.caption
        color: root.isLeftOut ? Theme.t3 : Theme.t1
        text: Theme.format.count(root.tokenCount)
    }
}

pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components
import Sotto.Theme

// The message that is looked at, as the model gets it: its tokens, underlined by where they came from;
// what the template wrote is quiet.
Item {
    id: root

    required property ContextInspector inspector

    function colorOf(origin: int): color {
        return origin === ContextInspector.Memory ? Theme.kvShared : origin === ContextInspector.Disk ? Theme.blue : origin === ContextInspector.Read ? Theme.measured : "transparent";
    }

    Label {
        role: Theme.label
        color: Theme.t2
        text: root.inspector.firstToken > 0 ? qsTr("As the model gets it") : qsTr("The template of this model leaves it out")
    }
    Label {
        anchors.right: parent.right
        visible: root.inspector.firstToken > 0
        role: Theme.caption
        color: Theme.t3
        text: qsTr("tokens %1 to %2").arg(Theme.format.count(root.inspector.firstToken)).arg(Theme.format.count(root.inspector.lastToken))
    }
    Rectangle {
        id: frame
        y: 26
        width: parent.width
        height: Math.min(flow.height + 24, root.height - y)
        visible: root.inspector.firstToken > 0 && root.height > y + 40
        radius: Theme.radiusCard
        color: Theme.codeBg
        border.color: Theme.line

        Flickable {
            id: flick
            anchors.fill: parent
            anchors.margins: 12
            contentHeight: flow.height
            clip: true
            boundsBehavior: Flickable.StopAtBounds
            activeFocusOnTab: contentHeight > height
            Accessible.role: Accessible.StaticText
            Accessible.name: qsTr("Tokens of this message")
            Keys.onUpPressed: contentY = Math.max(0, contentY - 40)
            Keys.onDownPressed: contentY = Math.max(0, Math.min(contentHeight - height, contentY + 40))
            T.ScrollBar.vertical: ScrollBar {
            }

            Flow {
                id: flow
                width: flick.width - 8

                Repeater {
                    model: root.inspector.tokens
                    delegate: Item {
                        id: token
                        required property var modelData
                        readonly property bool isGap: modelData.gap !== undefined
                        width: piece.implicitWidth + (isGap ? 12 : 0)
                        height: 22

                        Rectangle {
                            anchors.fill: parent
                            anchors.margins: 1
                            visible: token.isGap || hover.hovered
                            radius: token.isGap ? Theme.radiusBadge : 2
                            color: Theme.bg4
                        }
                        Label {
                            id: piece
                            x: token.isGap ? 6 : 0
                            y: 1
                            role: token.isGap ? Theme.caption : Theme.codeSmall
                            color: token.isGap || token.modelData.isTemplates ? Theme.t3 : Theme.t1
                            text: token.isGap ? qsTr("%1 tokens more").arg(Theme.format.count(token.modelData.gap)) : token.modelData.text
                        }
                        Rectangle {
                            y: parent.height - 3
                            width: parent.width
                            height: 2
                            visible: !token.isGap
                            color: token.isGap ? "transparent" : root.colorOf(token.modelData.origin)
                        }
                        HoverHandler {
                            id: hover
                        }
                        HoverTip {
                            isFocusable: false
                            title: piece.text
                            text: token.isGap ? "" : qsTr("Token %1").arg(token.modelData.id)
                        }
                    }
                }
            }
        }
        FocusRing {
            cornerRadius: Theme.radiusCard
            isInside: true
            visible: flick.activeFocus
        }
    }
}

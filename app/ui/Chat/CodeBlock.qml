import QtQuick
import QtQuick.Templates as T
import Sotto.Components
import Sotto.Theme

// Code: a head with the language and Copy, then the lines, never wrapped, with their own scroll bar.
Item {
    id: root

    required property MessageBlock block
    readonly property int indent: block.level > 0 ? 24 * block.level : 0

    implicitHeight: 37 + flick.height

    Rectangle {
        x: root.indent
        width: root.width - x
        height: root.height
        radius: Theme.radiusCard
        color: Theme.codeBg
        border.color: Theme.line
    }
    Label {
        x: root.indent + 16
        y: 10
        role: Theme.caption
        color: Theme.t3
        text: root.block.language.length > 0 ? root.block.language : qsTr("text")
    }
    Button {
        id: copyButton
        anchors.right: parent.right
        anchors.rightMargin: 4
        y: 4
        kind: Button.Quiet
        isSmall: true
        iconName: copied.running ? "check" : "copy"
        textColor: copied.running ? Theme.measured : Theme.t2
        text: copied.running ? qsTr("Copied") : qsTr("Copy")
        Accessible.name: copied.running ? qsTr("Copied") : qsTr("Copy code")
        onClicked: {
            root.block.copyRequested(root.block.text);
            copied.restart();
        }
        Timer {
            id: copied
            interval: 2000
        }
    }
    Rectangle {
        x: root.indent + 1
        y: 36
        width: root.width - x - 1
        height: 1
        color: Theme.line
    }
    Flickable {
        id: flick
        y: 37
        x: root.indent + 1
        width: root.width - x - 1
        height: code.height + 22
        contentWidth: code.width + 30
        contentHeight: height
        clip: contentWidth > width
        flickableDirection: Flickable.HorizontalFlick
        boundsBehavior: Flickable.StopAtBounds
        T.ScrollBar.horizontal: ScrollBar {
        }

        RichText {
            id: code
            x: 15
            y: 10
            width: Math.max(implicitWidth, flick.width - 30)
            role: Theme.code
            wrapMode: TextEdit.NoWrap
            text: ChatStyle.code + "<div style=\"white-space:pre\">" + root.block.html + "</div>"
            Accessible.name: root.block.text

            Loader {
                active: root.block.hasCaret
                // qmllint disable unqualified
                sourceComponent: WritingCaret {
                    edit: code
                }
                // qmllint enable unqualified
            }
        }
    }
}

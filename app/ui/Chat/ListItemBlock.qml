import QtQuick
import Sotto.Components
import Sotto.Theme

// A list item: marker, and its text indented by depth.
Item {
    id: root

    required property MessageBlock block
    readonly property int indent: 24 * (block.level + 1)
    readonly property bool isDone: block.marker === "☑"
    readonly property bool isTask: isDone || block.marker === "☐"

    implicitHeight: body.height

    Label {
        x: root.indent - 8 - width
        visible: !root.isTask
        role: Theme.read
        color: Theme.t2
        text: root.block.marker
    }
    Loader {
        active: root.isTask
        x: root.indent - 22
        y: Math.round((Theme.read.line - 14) / 2)
        // qmllint disable unqualified
        sourceComponent: Rectangle {
            implicitWidth: 14
            implicitHeight: 14
            radius: 4
            color: root.isDone ? Theme.measured : "transparent"
            border.width: root.isDone ? 0 : 1
            border.color: Theme.t3
            Accessible.role: Accessible.CheckBox
            Accessible.name: root.isDone ? qsTr("Done") : qsTr("Not done")
            Accessible.checked: root.isDone

            Icon {
                anchors.centerIn: parent
                visible: root.isDone
                name: "check"
                size: 11
                stroke: 3
                color: Theme.textOnMeasured
            }
        }
        // qmllint enable unqualified
    }
    RichText {
        id: body
        x: root.indent
        width: root.width - x
        html: root.block.html
        Accessible.role: Accessible.ListItem
        onLinkOpened: link => root.block.linkOpened(link)

        Loader {
            active: root.block.hasCaret
            // qmllint disable unqualified
            sourceComponent: WritingCaret {
                edit: body
            }
            // qmllint enable unqualified
        }
    }
}

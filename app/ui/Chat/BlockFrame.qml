import QtQuick
import Sotto.Components
import Sotto.Theme

// One quote or list item around a block: the bar of a quote, the marker of an item, on the side where its
// text begins.
Item {
    id: root

    required property var around // BlockContainer
    required property int inset // px that those outside of it take of its side
    required property int gap // px above the block
    property real drop: 0 // px that the block's first baseline is lower than usual
    property bool goesOn: false // the same quote goes on from the block before

    readonly property bool isRight: around.isRightToLeft
    readonly property string marker: around.marker
    readonly property bool isDone: marker === "☑"
    readonly property bool isTask: isDone || marker === "☐"

    Rectangle {
        visible: root.around.isQuote
        x: root.isRight ? root.width - root.inset - width : root.inset
        y: root.goesOn ? 0 : root.gap
        width: 2
        height: root.height - y
        radius: 1
        color: Theme.line2
    }
    Label {
        visible: root.marker.length > 0 && !root.isTask
        x: root.isRight ? root.width - root.inset - 16 : root.inset + 16 - width
        y: root.gap + Math.round(root.drop)
        role: Theme.read
        color: Theme.t2
        text: root.marker
    }
    Loader {
        active: root.isTask
        x: root.isRight ? root.width - root.inset - 16 : root.inset + 2
        y: root.gap + Math.round((Theme.read.line - 14) / 2 + root.drop)
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
}

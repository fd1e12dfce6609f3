import QtQuick
import Sotto.Components
import Sotto.Theme

// A part of the live panel: hairline above, a head with a label and a value at the right, content below.
Item {
    id: root

    property string name
    property string value
    property string limitText // in the colour of limits, after the value
    property string tail // after the limit, quiet
    property bool hasLine: true
    default property alias content: column.data

    implicitHeight: column.y + column.height + 16

    Divider {
        visible: root.hasLine
        width: root.width
    }
    Label {
        id: nameLabel
        x: 20
        y: 16
        visible: text.length > 0
        role: Theme.label
        color: Theme.t2
        text: root.name
    }
    Row {
        anchors.right: parent.right
        anchors.rightMargin: 20
        y: 16
        visible: root.value.length > 0
        spacing: 4
        Label {
            role: Theme.caption
            text: root.value
        }
        Label {
            visible: root.limitText.length > 0
            role: Theme.caption
            color: Theme.limit
            text: root.limitText
        }
        Label {
            visible: root.tail.length > 0
            role: Theme.caption
            color: Theme.t3
            text: root.tail
        }
    }
    Column {
        id: column
        x: 20
        y: root.name.length > 0 ? 40 : root.hasLine ? 16 : 0
        width: root.width - 40
    }
}

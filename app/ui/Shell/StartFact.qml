import QtQuick
import QtQuick.Layouts
import Sotto.Components
import Sotto.Theme

// A name and its figure in a card of the start page.
RowLayout {
    id: root

    property string name
    property string value
    property color nameColor: Theme.t2
    property color valueColor: Theme.t1
    property TypeRole valueRole: Theme.body

    Layout.fillWidth: true
    spacing: 12
    Accessible.role: Accessible.StaticText
    Accessible.name: name + " " + value

    Label {
        Layout.fillWidth: true
        color: root.nameColor
        elide: Text.ElideRight
        text: root.name
        Accessible.ignored: true
    }
    Label {
        role: root.valueRole
        color: root.valueColor
        text: root.value
        Accessible.ignored: true
    }
}

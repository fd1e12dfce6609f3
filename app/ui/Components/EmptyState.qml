import QtQuick
import QtQuick.Layouts
import Sotto.Theme

// Nothing here yet, or nothing found: icon, title, sentence, and the next step as child buttons.
ColumnLayout {
    id: root

    property string iconName
    property string title
    property string text
    default property alias actions: actionRow.data

    spacing: 0
    Accessible.role: Accessible.Grouping
    Accessible.name: title

    Icon {
        Layout.alignment: Qt.AlignHCenter
        name: root.iconName
        size: 28
        stroke: 1.25
    }
    Label {
        Layout.topMargin: 10
        Layout.fillWidth: true
        horizontalAlignment: Text.AlignHCenter
        role: Theme.h2
        wrapMode: Text.Wrap
        text: root.title
    }
    Label {
        Layout.topMargin: 2
        Layout.fillWidth: true
        horizontalAlignment: Text.AlignHCenter
        color: Theme.t2
        wrapMode: Text.Wrap
        text: root.text
    }
    Row {
        id: actionRow
        Layout.topMargin: 14
        Layout.alignment: Qt.AlignHCenter
        spacing: 8
    }
}

import QtQuick
import QtQuick.Layouts
import Sotto.Theme

// A notice inside the page: icon, one sentence, a button as child.
Card {
    id: root

    property string text
    property string iconName: "info"
    property color iconColor: Theme.warn
    default property alias actions: actionRow.data

    implicitWidth: 440
    implicitHeight: Math.max(54, row.implicitHeight + 24)
    Accessible.role: Accessible.Notification
    Accessible.name: text

    RowLayout {
        id: row
        anchors.fill: parent
        anchors.leftMargin: 14
        anchors.rightMargin: 14
        spacing: 10
        Icon {
            name: root.iconName
            size: 16
            color: root.iconColor
        }
        Label {
            Layout.fillWidth: true
            wrapMode: Text.Wrap
            text: root.text
        }
        Row {
            id: actionRow
            spacing: 8
        }
    }
}

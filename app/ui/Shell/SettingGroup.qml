import QtQuick
import QtQuick.Layouts
import Sotto.Components
import Sotto.Theme

// A titled card of settings; SettingRow inside.
ColumnLayout {
    id: root

    property string title
    default property alias rows: column.data

    spacing: 8

    Label {
        Layout.leftMargin: 2
        role: Theme.h2
        text: root.title
        Accessible.role: Accessible.Heading
    }
    Card {
        Layout.fillWidth: true
        implicitHeight: column.implicitHeight

        ColumnLayout {
            id: column
            x: 16
            width: parent.width - 32
            spacing: 0
        }
    }
}

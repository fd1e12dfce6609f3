import QtQuick
import QtQuick.Layouts
import Sotto.Theme

// What happened, what was kept, what to do next: a sentence, its remedy, and the buttons as children.
Card {
    id: root

    property string title
    property string text
    property string iconName: "triangle-alert"
    property bool isWarning: false
    default property alias actions: actionRow.data

    implicitWidth: 440
    implicitHeight: column.implicitHeight + 30
    border.color: Theme.line2
    Accessible.role: Accessible.AlertMessage
    Accessible.name: title
    Accessible.description: text

    ColumnLayout {
        id: column
        x: 16
        y: 14
        width: root.width - 32
        spacing: 12

        RowLayout {
            Layout.fillWidth: true
            spacing: 12
            Rectangle {
                Layout.alignment: Qt.AlignTop
                implicitWidth: 32
                implicitHeight: 32
                radius: Theme.radiusControl
                color: root.isWarning ? Theme.warnDim : Theme.errDim
                Icon {
                    anchors.centerIn: parent
                    name: root.iconName
                    color: root.isWarning ? Theme.warn : Theme.err
                }
            }
            ColumnLayout {
                Layout.fillWidth: true
                spacing: 4
                Label {
                    Layout.fillWidth: true
                    visible: text.length > 0
                    role: Theme.h2
                    wrapMode: Text.Wrap
                    text: root.title
                }
                Label {
                    Layout.fillWidth: true
                    visible: text.length > 0
                    color: Theme.t2
                    wrapMode: Text.Wrap
                    text: root.text
                }
            }
        }
        Row {
            id: actionRow
            Layout.alignment: Qt.AlignRight
            visible: children.length > 0
            spacing: 8
        }
    }
}

import QtQuick
import QtQuick.Layouts
import Sotto.Components
import Sotto.Theme

// The surface of one state of the start page: icon, title, sentence, a body, and buttons at the foot.
Rectangle {
    id: root

    property string title
    property string text
    property string iconName: "database"
    property int kind: Glyph.Plain
    property string problem // what went wrong on the way
    default property alias body: bodyColumn.data
    property alias buttons: buttonRow.data

    implicitWidth: 480
    implicitHeight: Math.max(408, column.implicitHeight + 48)
    radius: Theme.radiusDialog
    color: Theme.bg2
    border.color: Theme.line2
    Accessible.role: Accessible.AlertMessage
    Accessible.name: title
    Accessible.description: text

    ColumnLayout {
        id: column
        anchors.fill: parent
        anchors.margins: 24
        spacing: 0

        RowLayout {
            Layout.fillWidth: true
            spacing: 12
            Glyph {
                Layout.alignment: Qt.AlignTop
                iconName: root.iconName
                kind: root.kind
            }
            ColumnLayout {
                Layout.fillWidth: true
                spacing: 4
                Label {
                    objectName: "startTitle"
                    Layout.fillWidth: true
                    role: Theme.h2
                    wrapMode: Text.Wrap
                    text: root.title
                }
                Label {
                    Layout.fillWidth: true
                    color: Theme.t2
                    wrapMode: Text.Wrap
                    text: root.text
                }
            }
        }
        ColumnLayout {
            id: bodyColumn
            Layout.fillWidth: true
            Layout.topMargin: 18
            spacing: 8
        }
        Label {
            Layout.fillWidth: true
            Layout.topMargin: 12
            visible: text.length > 0
            color: Theme.err
            wrapMode: Text.Wrap
            text: root.problem
        }
        Item {
            Layout.fillHeight: true
            Layout.minimumHeight: 20
        }
        RowLayout {
            id: buttonRow
            Layout.fillWidth: true
            spacing: 8
        }
    }
}

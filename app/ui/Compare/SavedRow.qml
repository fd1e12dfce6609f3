import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Sotto.Components
import Sotto.Theme

// One kept run: what was asked, of which models, when.
T.ItemDelegate {
    id: root

    required property int index
    required property string prompt
    required property string models
    required property string timeText
    property bool hasRing: false

    signal removeRequested

    implicitHeight: 56
    hoverEnabled: true
    focusPolicy: Qt.NoFocus
    Accessible.role: Accessible.ListItem
    Accessible.name: prompt
    Accessible.description: models + ", " + timeText

    contentItem: RowLayout {
        spacing: 16
        ColumnLayout {
            Layout.leftMargin: 12
            spacing: 2
            Label {
                Layout.fillWidth: true
                elide: Text.ElideRight
                text: root.prompt
            }
            Label {
                Layout.fillWidth: true
                role: Theme.caption
                color: Theme.t3
                elide: Text.ElideRight
                text: root.models
            }
        }
        Label {
            role: Theme.caption
            color: Theme.t3
            text: root.timeText
        }
        IconButton {
            Layout.rightMargin: 8
            focusPolicy: Qt.NoFocus
            iconName: "trash-2"
            text: qsTr("Delete this run")
            keys: "Del"
            onClicked: root.removeRequested()
        }
    }
    background: Rectangle {
        radius: Theme.radiusControl
        color: root.down ? Theme.bg5 : root.hovered || root.hasRing ? Theme.bg4 : "transparent"
        FocusRing {
            isInside: true
            visible: root.hasRing
        }
    }
}

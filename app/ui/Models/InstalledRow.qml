import QtQuick
import QtQuick.Templates as T
import Sotto.Components
import Sotto.Theme

// One model on this computer: its type, its size, how fast it will be. A click loads it.
T.ItemDelegate {
    id: root

    required property string name
    required property string path
    required property string quantization
    required property double fileBytes
    required property double predictedSpeed
    required property bool isLoaded
    required property bool isProblem
    required property string originText
    required property string spokenText
    property bool hasRing: false // the keyboard is here

    implicitHeight: 60
    hoverEnabled: true
    focusPolicy: Qt.NoFocus
    text: name
    Accessible.role: Accessible.ListItem
    Accessible.name: spokenText

    contentItem: Item {
        Row {
            x: 12
            y: 8
            spacing: 8
            Label {
                width: Math.min(implicitWidth, root.width - 160)
                elide: Text.ElideRight
                role: Theme.bodyMedium
                text: root.name
            }
            Badge {
                visible: text.length > 0
                kind: root.isLoaded ? Badge.Loaded : Badge.Plain
                text: root.quantization
            }
        }
        Label {
            x: 12
            y: 32
            role: Theme.caption
            color: Theme.t3
            text: Theme.format.fileSize(root.fileBytes)
        }
        Label {
            x: 76
            y: 32
            width: root.width - x - 12
            role: Theme.caption
            elide: Text.ElideRight
            color: root.isProblem ? Theme.warn : Theme.t3
            text: root.predictedSpeed > 0 && !root.isProblem ? qsTr("%1 tok/s").arg(Theme.format.prediction(root.predictedSpeed)) : root.originText
        }
        Label {
            anchors.right: parent.right
            anchors.rightMargin: 12
            anchors.verticalCenter: parent.verticalCenter
            visible: root.isLoaded
            role: Theme.caption
            color: Theme.t2
            text: qsTr("loaded")
        }
    }
    background: Rectangle {
        radius: Theme.radiusControl
        color: root.down ? Theme.bg5 : root.hovered ? Theme.bg4 : "transparent"
        FocusRing {
            isInside: true
            visible: root.hasRing
        }
    }
}

import QtQuick
import QtQuick.Templates as T
import Sotto.Components
import Sotto.Theme

// One model of the picker: does it fit, how large is it, how fast will it be. A click loads it.
T.ItemDelegate {
    id: root

    required property string name
    required property string path
    required property string distinction // what tells it from rows of the same name
    required property string quantization
    required property double fileBytes
    required property double predictedSpeed
    required property string speedNote
    required property bool isDemo
    required property bool isLoaded
    required property bool canLoad
    required property bool isProblem
    required property string note
    required property string spokenText
    property bool isChosen: false
    property bool isLoading: false

    readonly property bool hasParameters: canLoad && (isChosen || hovered)
    readonly property real rightMargin: hasParameters ? 42 : 10

    signal parametersRequested

    implicitHeight: Math.max(52, noteLabel.y + noteLabel.height + 8)
    hoverEnabled: true
    focusPolicy: Qt.NoFocus
    text: name
    Accessible.role: Accessible.ListItem
    Accessible.name: spokenText
    Accessible.description: predictedSpeed > 0 ? qsTr("Predicted: %1 tokens per second").arg(Theme.format.prediction(predictedSpeed)) : ""
    Accessible.selected: isChosen

    contentItem: Item {
        Icon {
            x: 10
            y: 10
            visible: root.isLoaded || root.isProblem
            name: root.isProblem ? "triangle-alert" : "check"
            size: 15
            color: root.isProblem ? Theme.warn : Theme.measured
        }
        Row {
            x: 34
            y: 7
            spacing: 8
            Label {
                anchors.verticalCenter: parent.verticalCenter
                width: Math.min(implicitWidth, 200)
                elide: Text.ElideRight
                color: root.isProblem ? Theme.t3 : Theme.t1
                text: root.name
            }
            Badge {
                anchors.verticalCenter: parent.verticalCenter
                visible: text.length > 0
                kind: root.isLoaded ? Badge.Loaded : Badge.Plain
                text: root.quantization
            }
            Badge {
                anchors.verticalCenter: parent.verticalCenter
                visible: root.isDemo
                isFormat: false
                text: qsTr("Toy")
            }
        }
        IconButton {
            objectName: "loadParameters"
            anchors.right: parent.right
            anchors.rightMargin: 8
            y: 10
            visible: root.hasParameters
            focusPolicy: Qt.NoFocus
            iconName: "sliders-horizontal"
            text: qsTr("Load with parameters")
            keys: "Shift+Enter"
            onClicked: root.parametersRequested()
        }
        Label {
            anchors.right: parent.right
            anchors.rightMargin: root.rightMargin
            y: 7
            visible: root.predictedSpeed > 0 && root.canLoad
            color: root.isProblem ? Theme.t3 : Theme.t1
            text: qsTr("%1 tok/s").arg(Theme.format.prediction(root.predictedSpeed))

            HoverTip {
                isFocusable: false
                title: qsTr("Predicted, not measured")
                text: root.speedNote
            }
        }
        Label {
            id: distinctionLabel
            x: 34
            y: 28
            visible: text.length > 0
            width: noteLabel.width
            elide: Text.ElideMiddle
            role: Theme.codeSmall
            color: Theme.t2
            text: root.distinction
        }
        Label {
            id: noteLabel
            x: 34
            y: distinctionLabel.visible ? distinctionLabel.y + distinctionLabel.height + 1 : 28
            width: root.width - 34 - sizeLabel.width - root.rightMargin - 16
            wrapMode: Text.Wrap
            maximumLineCount: 4
            elide: Text.ElideRight
            role: Theme.caption
            color: root.isProblem ? Theme.warn : Theme.t3
            text: root.note
        }
        Label {
            id: sizeLabel
            anchors.right: parent.right
            anchors.rightMargin: root.rightMargin
            y: 28
            role: Theme.caption
            color: Theme.t3
            text: Theme.format.fileSize(root.fileBytes)
        }
    }
    background: Rectangle {
        radius: Theme.radiusControl
        color: root.down ? Theme.bg5 : root.isChosen || root.hovered ? Theme.bg4 : "transparent"
    }
}

import QtQuick
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components
import Sotto.Theme

// One model on this computer: its type, its size, how fast it is or will be. A click loads it.
T.ItemDelegate {
    id: root

    required property int index
    required property string name
    required property string path
    required property string quantization
    required property double fileBytes
    required property double predictedSpeed
    required property double measuredSpeed
    required property double memoryBytes
    required property double cardBytes
    required property int contextTokens
    required property int fit
    required property string ownLoadText
    required property bool isLoaded
    required property bool isProblem
    required property bool isDemo
    required property bool isFavourite
    required property string ownName
    required property string originText
    required property string spokenText
    property bool hasRing: false // the keyboard is here
    property bool isChecked: false // its content is being compared

    readonly property bool hasActions: hovered || hasRing
    readonly property string speedText: {
        if (isProblem)
            return originText;
        if (measuredSpeed > 0)
            return Theme.format.speed(measuredSpeed);
        return predictedSpeed > 0 ? qsTr("%1 tok/s").arg(Theme.format.prediction(predictedSpeed)) : originText;
    }
    readonly property bool isTight: fit === ModelListModel.FitsShorter
    // What it takes at the context of a load; of the loaded one the live panel tells.
    readonly property string memoryText: {
        if (memoryBytes <= 0 || isProblem || isDemo)
            return "";
        const memory = Theme.format.memoryOn(memoryBytes - cardBytes, cardBytes);
        return isTight ? qsTr("%1 with %2 tokens").arg(memory).arg(Theme.format.count(contextTokens)) : memory;
    }

    signal menuRequested
    signal ejectRequested

    implicitHeight: 60
    hoverEnabled: true
    focusPolicy: Qt.NoFocus
    text: name
    Accessible.role: Accessible.ListItem
    Accessible.name: measuredSpeed > 0 ? qsTr("%1, measured %2").arg(spokenText).arg(Theme.format.speed(measuredSpeed)) : spokenText

    contentItem: Item {
        Row {
            x: 12
            y: 8
            spacing: 8
            Icon {
                anchors.verticalCenter: parent.verticalCenter
                visible: root.isFavourite
                name: "pin"
                size: 13
                color: Theme.t3
            }
            Label {
                width: Math.min(implicitWidth, root.width - badge.width - (root.hasActions ? 152 : root.isLoaded ? 116 : 44) - (root.isFavourite ? 21 : 0) - (root.ownLoadText.length > 0 ? 21 : 0))
                elide: Text.ElideRight
                role: Theme.bodyMedium
                text: root.name
            }
            Badge {
                id: badge
                visible: text.length > 0
                kind: root.isLoaded ? Badge.Loaded : Badge.Plain
                text: root.quantization
            }
            Icon {
                anchors.verticalCenter: parent.verticalCenter
                visible: root.ownLoadText.length > 0
                name: "sliders-horizontal"
                size: 13
                color: Theme.t3
                HoverTip {
                    isFocusable: false
                    title: qsTr("Parameters of its own")
                    text: root.ownLoadText
                }
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
            width: (root.hasActions ? actions.x : root.width - 12) - x - 8
            role: Theme.caption
            elide: Text.ElideRight
            color: root.isProblem ? Theme.warn : root.measuredSpeed > 0 ? Theme.measured : Theme.t3
            text: root.isChecked ? qsTr("being checked") : root.memoryText.length > 0 ? root.speedText + "  ·  " + root.memoryText : root.speedText
        }
        Row {
            anchors.right: parent.right
            anchors.rightMargin: 12
            anchors.verticalCenter: parent.verticalCenter
            spacing: 8
            visible: root.isLoaded && !root.hasActions
            Pulse {
                anchors.verticalCenter: parent.verticalCenter
            }
            Label {
                role: Theme.caption
                color: Theme.t2
                text: qsTr("loaded")
            }
        }
        Row {
            id: actions
            x: parent.width - width - 8
            anchors.verticalCenter: parent.verticalCenter
            spacing: 4
            visible: root.hasActions
            Button {
                objectName: "loadModel"
                isSmall: true
                focusPolicy: Qt.NoFocus
                text: root.isLoaded ? qsTr("Unload") : qsTr("Load")
                Accessible.description: root.spokenText
                onClicked: {
                    if (root.isLoaded)
                        root.ejectRequested();
                    else
                        root.clicked();
                }
            }
            IconButton {
                objectName: "modelMenu"
                focusPolicy: Qt.NoFocus
                iconName: "ellipsis"
                text: qsTr("More")
                Accessible.description: root.spokenText
                onClicked: root.menuRequested()
            }
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

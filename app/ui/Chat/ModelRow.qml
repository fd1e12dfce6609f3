import QtQuick
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components
import Sotto.Theme

// One model of the picker: does it fit, how large is it, how fast will it be. A click loads it.
T.ItemDelegate {
    id: root

    required property string name
    required property string path
    required property string quantization
    required property double fileBytes
    required property double memoryBytes
    required property double cardBytes
    required property int contextTokens
    required property int fit
    required property int placement
    required property int cardLayers
    required property int layerCount
    required property double predictedSpeed
    required property bool isDemo
    required property string problem
    property bool isChosen: false
    property bool isLoading: false
    property bool isBandwidthMeasured: true

    readonly property bool canLoad: fit !== ModelListModel.Unreadable
    readonly property bool isProblem: fit === ModelListModel.Unreadable || fit === ModelListModel.DoesNotFit
    readonly property string memoryText: Theme.format.memoryOn(memoryBytes - cardBytes, cardBytes)
    // Where it would lie, when that is not in one place.
    readonly property string placementSentence: {
        if (fit !== ModelListModel.Fits && fit !== ModelListModel.FitsShorter)
            return "";
        if (placement === ModelListModel.Split)
            return qsTr("%1 of %2 layers on the graphics card, the others on the processor.").arg(cardLayers).arg(layerCount);
        return placement === ModelListModel.CardTooSmall ? qsTr("On the processor: too large for the free graphics memory.") : "";
    }
    readonly property string wholeSentence: placementSentence.length > 0 ? qsTr("%1. %2").arg(fitSentence).arg(placementSentence) : fitSentence
    readonly property string fitSentence: {
        switch (fit) {
        case ModelListModel.IsLoaded:
            return qsTr("Loaded, %1 tokens of context").arg(Theme.format.count(contextTokens));
        case ModelListModel.Fits:
            return qsTr("Fits with %1 tokens of context, %2").arg(Theme.format.count(contextTokens)).arg(memoryText);
        case ModelListModel.FitsShorter:
            return qsTr("Fits with a shorter context, %1 tokens, %2").arg(Theme.format.count(contextTokens)).arg(memoryText);
        case ModelListModel.DoesNotFit:
            return problem.length > 0 ? problem : qsTr("Needs %1 of memory, more than is free").arg(Theme.format.memory(memoryBytes));
        case ModelListModel.Unreadable:
            return problem;
        }
        return memoryBytes > 0 ? qsTr("Needs %1 of memory").arg(Theme.format.memory(memoryBytes)) : "";
    }

    implicitHeight: Math.max(52, 30 + note.height + 6)
    hoverEnabled: true
    focusPolicy: Qt.NoFocus
    text: name
    Accessible.role: Accessible.ListItem
    Accessible.name: qsTr("%1, %2, %3. %4").arg(name).arg(quantization).arg(Theme.format.fileSize(fileBytes)).arg(wholeSentence)
    Accessible.description: predictedSpeed > 0 ? qsTr("Predicted: %1 tokens per second").arg(Theme.format.prediction(predictedSpeed)) : ""
    Accessible.selected: isChosen

    contentItem: Item {
        Icon {
            x: 10
            y: 10
            visible: root.fit === ModelListModel.IsLoaded || root.isProblem
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
                kind: root.fit === ModelListModel.IsLoaded ? Badge.Loaded : Badge.Plain
                text: root.quantization
            }
            Badge {
                anchors.verticalCenter: parent.verticalCenter
                visible: root.isDemo
                isFormat: false
                text: qsTr("Toy")
            }
        }
        Label {
            anchors.right: parent.right
            anchors.rightMargin: 10
            y: 7
            visible: root.predictedSpeed > 0 && root.canLoad
            color: root.isProblem ? Theme.t3 : Theme.t1
            text: qsTr("%1 tok/s").arg(Theme.format.prediction(root.predictedSpeed))

            HoverTip {
                isFocusable: false
                title: qsTr("Predicted, not measured")
                text: root.isBandwidthMeasured ? qsTr("Measured read bandwidth over the bytes read for each token.") : qsTr("The graphics card's bandwidth by its data sheet over the bytes read for each token. It is measured when a model is loaded.")
            }
        }
        Label {
            id: note
            x: 34
            y: 28
            width: root.width - 34 - sizeLabel.width - 26
            wrapMode: Text.Wrap
            maximumLineCount: 4
            elide: Text.ElideRight
            role: Theme.caption
            color: root.isProblem ? Theme.warn : Theme.t3
            text: root.isDemo && root.fit !== ModelListModel.IsLoaded ? qsTr("Built in, for a first try. It tells simple stories.") : root.wholeSentence
        }
        Label {
            id: sizeLabel
            anchors.right: parent.right
            anchors.rightMargin: 10
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

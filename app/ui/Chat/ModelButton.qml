import QtQuick
import Sotto.App
import Sotto.Components
import Sotto.Theme

// Which model is loaded, or how far loading is. Opens the model picker; while loading it can be cancelled.
BarButton {
    id: root

    required property ModelController models
    property bool isCompact: false

    readonly property bool isLoading: models.state === ModelController.Loading
    readonly property bool isLoaded: models.state === ModelController.Loaded
    readonly property bool isFailed: models.state === ModelController.Failed
    readonly property bool isResting: models.state === ModelController.Resting
    readonly property bool isRefused: isLoaded && models.refusal.length > 0 // another one was asked for
    readonly property string modelName: models.name.length > 0 ? models.name : qsTr("Model")

    hasFrame: true
    tip: isFailed ? models.errorText : isRefused ? models.refusal : qsTr("Choose or load a model")
    keys: "Ctrl+L"
    text: isLoading ? qsTr("Loading %1, %2").arg(modelName).arg(Theme.format.percent(models.loadProgress)) : isFailed ? qsTr("%1 could not be loaded").arg(modelName) : isLoaded ? qsTr("Model: %1").arg(modelName) : isResting ? qsTr("Model: %1, its memory is given back until the next question").arg(modelName) : qsTr("Choose a model")
    Accessible.description: isFailed ? models.errorText : models.notice

    Icon {
        anchors.verticalCenter: parent.verticalCenter
        visible: root.isFailed || root.isRefused
        name: "triangle-alert"
        size: 15
        color: root.isFailed ? Theme.err : Theme.warn
    }
    Label {
        anchors.verticalCenter: parent.verticalCenter
        width: Math.min(implicitWidth, root.isCompact ? 160 : 240)
        elide: Text.ElideRight
        role: Theme.h3
        text: root.isLoaded || root.isLoading || root.isResting ? root.modelName : root.isFailed ? root.text : qsTr("Choose a model")
    }
    Badge {
        anchors.verticalCenter: parent.verticalCenter
        visible: root.models.quantization.length > 0 && (root.isLoaded || root.isLoading || root.isResting)
        kind: root.isLoaded ? Badge.Loaded : Badge.Plain
        text: root.models.quantization
    }
    Label {
        anchors.verticalCenter: parent.verticalCenter
        visible: root.isLoaded && !root.isCompact
        role: Theme.caption
        color: Theme.t3
        text: Theme.format.memoryOn(root.models.memoryBytes - root.models.cardBytes, root.models.cardBytes)
    }
    Meter {
        anchors.verticalCenter: parent.verticalCenter
        visible: root.isLoading
        width: root.isCompact ? 56 : 96
        thickness: 4
        hasLimit: false
        value: root.models.loadProgress
        name: root.text
    }
    Label {
        anchors.verticalCenter: parent.verticalCenter
        visible: root.isLoading
        role: Theme.caption
        color: Theme.t3
        text: Theme.format.percent(root.models.loadProgress)
    }
    IconButton {
        anchors.verticalCenter: parent.verticalCenter
        visible: root.isLoading
        iconName: "x"
        text: qsTr("Cancel loading")
        onClicked: root.models.cancelLoad()
    }
    Icon {
        anchors.verticalCenter: parent.verticalCenter
        visible: !root.isLoading
        name: "chevrons-up-down"
        size: 15
    }
}

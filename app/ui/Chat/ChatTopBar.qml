import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// Model, sampling, find, more; the live chip when the panel is not docked.
Item {
    id: root

    required property AppFacade app
    property bool hasListButton: false
    property bool hasLiveChip: false
    property bool isLiveOpen: false
    property bool isFindOpen: false

    readonly property bool isCompact: width < (hasLiveChip ? 1000 : 700)
    readonly property alias modelButton: modelButton
    readonly property bool hasPopup: picker.visible || sampling.visible || menu.visible

    signal listRequested
    signal findRequested
    signal liveRequested
    signal parametersRequested(string path)

    function openPicker(): void {
        picker.open();
    }
    function openSampling(): void {
        sampling.open();
    }
    function closePopups(): void {
        picker.close();
        sampling.close();
        menu.close();
    }

    implicitHeight: 52

    RowLayout {
        anchors.fill: parent
        anchors.leftMargin: root.hasListButton ? 12 : 16
        anchors.rightMargin: 12
        spacing: 8

        IconButton {
            visible: root.hasListButton
            isLarge: true
            iconName: "panel-left"
            text: qsTr("Chat list")
            keys: "Ctrl+B"
            onClicked: root.listRequested()
        }
        ModelButton {
            id: modelButton
            models: root.app.models
            isCompact: root.isCompact
            isOpen: picker.visible
            onClicked: picker.open()

            ModelPicker {
                id: picker
                parent: modelButton
                y: modelButton.height + 6
                models: root.app.models
                onAddFileRequested: root.showDialog(false)
                onAddFolderRequested: root.showDialog(true)
                onParametersRequested: path => root.parametersRequested(path)
            }
        }
        BarButton {
            id: samplingButton
            objectName: "samplingButton"
            readonly property string summary: qsTr("temp %1").arg(root.app.chat.settings.sampling.summary)
            leftPadding: root.isCompact ? 8 : 12
            isOpen: sampling.visible
            text: qsTr("Sampling and system prompt, %1").arg(summary)
            tip: qsTr("System prompt and sampling")
            onClicked: sampling.open()

            Icon {
                anchors.verticalCenter: parent.verticalCenter
                name: "sliders-horizontal"
                size: 15
                color: root.app.chat.settings.sampling.isModified ? Theme.measured : Theme.t3
            }
            Label {
                anchors.verticalCenter: parent.verticalCenter
                visible: !root.isCompact
                color: Theme.t2
                text: root.app.chat.settings.sampling.isModified ? qsTr("Adjusted") : qsTr("Default")
            }
            Label {
                anchors.verticalCenter: parent.verticalCenter
                visible: !root.isCompact
                role: Theme.caption
                color: Theme.t3
                text: samplingButton.summary
            }
            Icon {
                anchors.verticalCenter: parent.verticalCenter
                visible: !root.isCompact
                name: "chevron-down"
                size: 15
            }
            SamplingPopup {
                id: sampling
                parent: samplingButton
                y: samplingButton.height + 6
                chat: root.app.chat
                model: root.app.settings.model
            }
        }
        Item {
            Layout.fillWidth: true
        }
        LiveChip {
            visible: root.hasLiveChip
            live: root.app.live
            isOpen: root.isLiveOpen
            onClicked: root.liveRequested()
        }
        IconButton {
            visible: !root.isCompact
            isLarge: true
            iconName: "search"
            iconSize: 17
            text: qsTr("Find in this chat")
            keys: "Ctrl+F"
            isOpen: root.isFindOpen
            onClicked: root.findRequested()
        }
        IconButton {
            isLarge: true
            iconName: "ellipsis"
            iconSize: 17
            text: qsTr("More")
            isOpen: menu.visible
            onClicked: menu.popup(this, width - menu.width, height + 4)

            ConversationMenu {
                id: menu
                chat: root.app.chat
                hasAnswer: root.app.chat.state !== ChatController.Empty
                onFindRequested: root.findRequested()
                onSettingsRequested: sampling.open()
            }
        }
        IconButton {
            visible: root.hasListButton
            isLarge: true
            iconName: "square-pen"
            text: qsTr("New chat")
            keys: "Ctrl+N"
            onClicked: root.app.chats.newChat()
        }
    }

    function showDialog(isFolder: bool): void {
        picker.close();
        dialogs.active = true;
        const chooser = dialogs.item as ModelDialogs;
        if (isFolder)
            chooser.openFolder();
        else
            chooser.openFile();
    }
    Loader {
        id: dialogs
        active: false
        // qmllint disable unqualified
        sourceComponent: ModelDialogs {
            models: root.app.models
        }
        // qmllint enable unqualified
    }
}

pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Dialogs
import QtQuick.Layouts
import QtQuick.Templates as T
import Sotto.App
import Sotto.Chat
import Sotto.Components
import Sotto.Theme

// The first start: the built-in model answers at once, this computer's figures, and a file of one's own.
Rectangle {
    id: root

    required property AppFacade app

    function focusComposer(): void {
        composer.focusText();
    }

    // Whoever comes back from another program may have put a model into a folder there.
    Window.onActiveChanged: if (Window.active)
        app.models.refresh()
    color: Theme.bg2
    Accessible.role: Accessible.Pane
    Accessible.name: qsTr("First start")

    Flickable {
        id: flick
        anchors.fill: parent
        contentHeight: column.implicitHeight + column.y + 32
        boundsBehavior: Flickable.StopAtBounds
        T.ScrollBar.vertical: ScrollBar {
        }

        SegmentedControl {
            anchors.right: parent.right
            anchors.rightMargin: 24
            y: 16
            name: qsTr("Language")
            model: [{
                    "text": "English",
                    "value": "en"
                }, {
                    "text": "简体中文",
                    "value": "zh_CN"
                }]
            currentValue: Theme.language
            onActivated: value => root.app.settings.language = value
        }

        ColumnLayout {
            id: column
            y: 72
            width: Math.min(1008, flick.width - 64)
            anchors.horizontalCenter: parent.horizontalCenter
            spacing: 0

            Label {
                Layout.fillWidth: true
                role: Theme.display
                wrapMode: Text.Wrap
                text: qsTr("Ready when you are.")
            }
            Label {
                Layout.fillWidth: true
                Layout.topMargin: 4
                role: Theme.read
                color: Theme.t2
                wrapMode: Text.Wrap
                text: root.app.models.hasDemo ? qsTr("A small demo model is built in, so you can start now. It runs here and sends nothing.") : qsTr("The demo model is not installed here. Add a model of your own below to start.")
            }
            Composer {
                id: composer
                objectName: "firstComposer"
                Layout.fillWidth: true
                Layout.topMargin: 20
                chat: root.app.chat
                settings: root.app.settings
            }
            RowLayout {
                Layout.fillWidth: true
                Layout.topMargin: 8
                Layout.leftMargin: 4
                spacing: 8
                Pulse {
                    visible: root.app.models.state === ModelController.Loaded
                }
                Spinner {
                    visible: root.app.models.state === ModelController.Loading
                    size: 14
                }
                Label {
                    role: Theme.label
                    visible: text.length > 0
                    text: root.app.models.name
                }
                Badge {
                    visible: text.length > 0
                    text: root.app.models.quantization
                }
                Label {
                    role: Theme.caption
                    color: root.app.models.state === ModelController.Failed ? Theme.err : Theme.t3
                    text: root.app.models.state === ModelController.Loaded ? qsTr("loaded, %1").arg(Theme.format.memoryOn(root.app.models.memoryBytes - root.app.models.cardBytes, root.app.models.cardBytes)) : root.app.models.errorText
                }
                Label {
                    Layout.fillWidth: true
                    horizontalAlignment: Text.AlignRight
                    role: Theme.caption
                    color: Theme.t3
                    elide: Text.ElideRight
                    text: root.app.models.isDemo ? qsTr("Good for a first try. Expect mistakes.") : qsTr("Answers may be wrong.")
                }
            }
            Flow {
                Layout.fillWidth: true
                Layout.topMargin: 8
                spacing: 8
                Repeater {
                    model: root.app.chat.suggestions
                    delegate: Chip {
                        required property var modelData
                        text: modelData.text
                        enabled: root.app.chat.canSend
                        onClicked: root.app.chat.send(modelData.question)
                    }
                }
            }

            RowLayout {
                Layout.fillWidth: true
                Layout.topMargin: 32
                Layout.bottomMargin: 12
                Label {
                    Layout.fillWidth: true
                    role: Theme.h2
                    text: qsTr("This computer")
                    Accessible.role: Accessible.Heading
                }
                Button {
                    objectName: "measureAgain"
                    Layout.rightMargin: -10
                    visible: root.app.models.canMeasure || root.app.models.isMeasuring
                    enabled: root.app.models.canMeasure
                    kind: Button.Quiet
                    isSmall: true
                    iconName: "rotate-ccw"
                    text: qsTr("Measure again")
                    onClicked: root.app.models.measureAgain()
                }
            }
            HardwareCard {
                Layout.fillWidth: true
                app: root.app
            }

            FirstOffers {
                Layout.fillWidth: true
                Layout.topMargin: 32
                visible: root.app.hub.isThere
                app: root.app
                columns: column.width < 760 ? 1 : 3
            }
            RowLayout {
                Layout.fillWidth: true
                Layout.topMargin: 32
                Layout.bottomMargin: 12
                spacing: 8
                Label {
                    Layout.fillWidth: true
                    role: Theme.h2
                    text: qsTr("Models on this computer")
                    Accessible.role: Accessible.Heading
                }
                // Here, not at the foot of a card: they are seen without scrolling in the smallest window.
                Button {
                    objectName: "useFile"
                    isSmall: true
                    iconName: "plus"
                    text: qsTr("Use a file I have")
                    onClicked: fileDialog.open()
                }
                Button {
                    objectName: "addFolder"
                    isSmall: true
                    iconName: "folder"
                    text: qsTr("Add a folder…")
                    onClicked: folderDialog.open()
                }
            }
            GridLayout {
                Layout.fillWidth: true
                columns: column.width < 760 ? 2 : 3
                columnSpacing: 24
                rowSpacing: 16
                Repeater {
                    model: ModelChoice {
                        models: root.app.models.list
                    }
                    delegate: ModelCard {
                        Layout.fillWidth: true
                        Layout.fillHeight: true
                        Layout.preferredWidth: 1
                        onLoadRequested: root.app.models.choose(path)
                    }
                }
                RoomCard {
                    visible: !root.app.models.list.hasOwn
                    Layout.fillWidth: true
                    Layout.fillHeight: true
                    Layout.preferredWidth: 1
                    models: root.app.models
                }
                OwnModelsCard {
                    Layout.fillWidth: true
                    Layout.fillHeight: true
                    Layout.preferredWidth: 1
                    models: root.app.models
                }
                // Two cards keep the width of three.
                Item {
                    visible: !root.app.models.hasDemo && !root.app.models.list.hasOwn
                    Layout.fillWidth: true
                    Layout.preferredWidth: 1
                }
            }
            Label {
                Layout.fillWidth: true
                Layout.topMargin: 12
                visible: root.app.models.list.hasPredictions
                role: Theme.micro
                color: Theme.t3
                wrapMode: Text.Wrap
                text: root.app.models.predictionNote
            }
            Button {
                objectName: "skipFirstRun"
                Layout.topMargin: 16
                Layout.leftMargin: -12
                kind: Button.Quiet
                isSmall: true
                text: qsTr("Skip")
                onClicked: root.app.settings.finishFirstRun()
            }
        }
    }

    Connections {
        target: root.app.chat.messages
        function onCountChanged(): void {
            if (root.app.chat.messages.count > 0)
                root.app.settings.finishFirstRun();
        }
    }
    FolderDialog {
        id: folderDialog
        title: qsTr("Add a folder with models")
        onAccepted: root.app.models.addFolder(selectedFolder)
    }
    FileDialog {
        id: fileDialog
        title: qsTr("Model file")
        nameFilters: [qsTr("GGUF models (*.gguf)")]
        onAccepted: {
            root.app.models.addFile(selectedFile);
            root.app.settings.finishFirstRun();
        }
    }
}

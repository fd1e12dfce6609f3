import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components
import Sotto.Theme

// Makes a smaller model of one that is here: every format with what it would come to, before it is made. It can
// close while the file is made: the work is in the list of jobs.
Dialog {
    id: root

    required property AppFacade app

    readonly property QuantizeController quantize: app.quantize
    readonly property bool isFailed: quantize.state === QuantizeController.Failed
    readonly property bool isMade: quantize.state === QuantizeController.Made
    readonly property bool isUnderWay: quantize.state === QuantizeController.Waiting || quantize.state === QuantizeController.Running
    readonly property bool isChoosing: quantize.state === QuantizeController.Planning || quantize.state === QuantizeController.Ready

    function openFor(path: string): void {
        quantize.open(path);
        result = 0;
        open();
        list.forceActiveFocus(Qt.TabFocusReason);
    }
    // Stays open where a job begins.
    function goOn(): void {
        if (isChoosing)
            quantize.start();
        else if (canAccept)
            accept();
    }

    objectName: "quantizeDialog"
    width: Math.min(944, parent ? parent.width - 32 : 944)
    title: qsTr("Quantize %1").arg(quantize.name)
    subtitle: quantize.sourceText
    canAccept: isMade || isUnderWay
    onIsChoosingChanged: if (opened && !isChoosing)
        startButton.forceActiveFocus(Qt.OtherFocusReason) // the list has gone out of use
    onClosed: {
        if (isMade && result === T.Dialog.Accepted)
            quantize.loadMade();
        quantize.close();
    }

    ColumnLayout {
        width: parent ? parent.width : 0
        height: parent ? parent.height : 0
        spacing: 12
        Keys.onReturnPressed: root.goOn()
        Keys.onEnterPressed: root.goOn()

        RowLayout {
            Layout.fillWidth: true
            enabled: root.isChoosing || root.isFailed
            spacing: 12
            Label {
                role: Theme.label
                color: Theme.t2
                text: qsTr("Context")
                Accessible.ignored: true
            }
            Select {
                objectName: "quantizeContext"
                isSmall: true
                implicitWidth: 148
                name: qsTr("Context that memory and speed are for")
                model: root.app.settings.contextChoices
                chosenValue: root.quantize.contextTokens
                onActivated: root.quantize.contextTokens = currentValue
            }
            Item {
                Layout.fillWidth: true
            }
            Label {
                role: Theme.label
                color: Theme.t2
                text: qsTr("Importance matrix")
                Accessible.ignored: true
            }
            Select {
                objectName: "quantizeImportance"
                isSmall: true
                implicitWidth: 220
                name: qsTr("Importance matrix")
                model: root.quantize.importanceChoices
                chosenValue: root.quantize.importance
                onActivated: root.quantize.importance = currentValue
            }
            IconButton {
                iconName: "folder-open"
                text: qsTr("A file…")
                onClicked: files.openImportance()
            }
        }
        MixList {
            id: list
            objectName: "mixes"
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredHeight: Math.min(implicitHeight, 28 + 9 * 34)
            Layout.minimumHeight: 28 + 3 * 34
            visible: !root.isFailed
            enabled: root.isChoosing
            focus: true
            quantize: root.quantize
        }
        QuantizeTarget {
            Layout.fillWidth: true
            visible: root.isChoosing
            quantize: root.quantize
            onFolderRequested: files.openFolder()
        }
        QuantizeProgress {
            Layout.fillWidth: true
            visible: root.isUnderWay || root.isMade
            quantize: root.quantize
        }
        EmptyState {
            objectName: "quantizeFailed"
            Layout.fillWidth: true
            Layout.fillHeight: true
            visible: root.isFailed
            iconName: "triangle-alert"
            title: qsTr("The model could not be read")
            text: root.quantize.problem
        }
        QuantizeFiles {
            id: files
            quantize: root.quantize
        }
    }
    buttons: [
        Button {
            objectName: "quantizeCancel"
            text: root.isMade || root.isFailed ? qsTr("Close") : qsTr("Cancel")
            onClicked: {
                if (root.isUnderWay)
                    root.quantize.stop();
                else
                    root.reject();
            }
        },
        Button {
            objectName: "quantizeShow"
            visible: root.isMade
            iconName: "folder-open"
            text: qsTr("Show in its folder")
            onClicked: root.app.installed.showInFolder(root.quantize.madePath)
        },
        Button {
            id: startButton
            objectName: "quantizeStart"
            kind: Button.Primary
            visible: !root.isFailed
            enabled: root.canAccept || root.quantize.canStart
            text: root.isMade ? qsTr("Load") : root.isUnderWay ? qsTr("Continue in background") : qsTr("Quantize")
            onClicked: root.goOn()
        }
    ]
}

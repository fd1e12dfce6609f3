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
    readonly property bool hasNoSource: quantize.state === QuantizeController.NoSource
    readonly property bool isMade: quantize.state === QuantizeController.Made
    readonly property bool isUnderWay: quantize.state === QuantizeController.Waiting || quantize.state === QuantizeController.Running
    readonly property bool isChoosing: quantize.state === QuantizeController.Planning || quantize.state === QuantizeController.Ready

    property string compared // what was made, to be compared once this has closed

    signal compareRequested(string reference, string path)
    signal removeSourceRequested(string path)

    // Without a path: what is there to choose from.
    function openFor(path: string): void {
        if (path.length > 0)
            quantize.open(path);
        else
            quantize.openBest();
        result = 0;
        open();
        if (isChoosing)
            list.forceActiveFocus(Qt.TabFocusReason);
        else
            source.focusChooser();
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
    title: qsTr("Quantize")
    subtitle: quantize.sourceText
    canAccept: isMade || isUnderWay
    // The list has gone out of use.
    onIsChoosingChanged: {
        if (!opened || isChoosing)
            return;
        if (isUnderWay || isMade)
            startButton.forceActiveFocus(Qt.OtherFocusReason);
        else
            source.focusChooser();
    }
    onClosed: {
        if (isMade && result === T.Dialog.Accepted)
            quantize.loadMade();
        quantize.close();
        if (compared.length > 0)
            compareRequested(quantize.source, compared);
        compared = "";
    }

    ColumnLayout {
        width: parent ? parent.width : 0
        height: parent ? parent.height : 0
        spacing: 12
        Keys.onReturnPressed: root.goOn()
        Keys.onEnterPressed: root.goOn()

        QuantizeSource {
            id: source
            Layout.fillWidth: true
            visible: !root.isUnderWay && !root.isMade
            quantize: root.quantize
            onFileRequested: files.openSource()
            onFolderRequested: files.openSourceFolder()
        }
        RowLayout {
            Layout.fillWidth: true
            visible: !root.hasNoSource
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
                objectName: "quantizePublished"
                visible: root.quantize.published.canLook
                iconName: "globe"
                text: qsTr("Look for a published one…")
                onClicked: publishedDialog.open()
            }
            IconButton {
                iconName: "folder-open"
                text: qsTr("A file…")
                onClicked: files.openImportance()
            }
        }
        QuantizeMethod {
            Layout.fillWidth: true
            visible: root.isChoosing
            methods: root.quantize.methods
            onTextRequested: files.openText()
        }
        MixList {
            id: list
            objectName: "mixes"
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredHeight: Math.min(implicitHeight, 28 + 9 * 34)
            Layout.minimumHeight: 28 + 3 * 34
            visible: !root.isFailed && !root.hasNoSource
            enabled: root.isChoosing
            focus: true
            quantize: root.quantize
        }
        BudgetRow {
            Layout.fillWidth: true
            visible: root.isChoosing
            budget: root.quantize.budget
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
            title: root.quantize.failureTitle
            text: root.quantize.problem
        }
        EmptyState {
            objectName: "quantizeNoSource"
            Layout.fillWidth: true
            Layout.fillHeight: true
            visible: root.hasNoSource
            iconName: "layers"
            title: qsTr("No model to quantize yet")
            text: qsTr("Download one in F16 or BF16, or choose a file or a folder in Hugging Face's form above.")
        }
        QuantizeFiles {
            id: files
            quantize: root.quantize
        }
        ImportanceDialog {
            id: publishedDialog
            published: root.quantize.published
        }
    }
    buttons: [
        Button {
            objectName: "quantizeCancel"
            text: root.isMade || root.isFailed || root.hasNoSource ? qsTr("Close") : qsTr("Cancel")
            onClicked: {
                if (root.isUnderWay)
                    root.quantize.stop();
                else
                    root.reject();
            }
        },
        Button {
            objectName: "quantizeRemoveSource"
            visible: root.isMade && root.quantize.isSourceInstalled
            iconName: "trash-2"
            text: qsTr("Delete the source…")
            onClicked: root.removeSourceRequested(root.quantize.source)
        },
        Button {
            objectName: "quantizeShow"
            visible: root.isMade
            iconName: "folder-open"
            text: qsTr("Show in its folder")
            onClicked: root.app.installed.showInFolder(root.quantize.madePath)
        },
        Button {
            objectName: "quantizeCompare"
            visible: root.isMade && root.quantize.isSourceInstalled
            iconName: "columns-3"
            text: qsTr("Compare with the source")
            onClicked: {
                root.compared = root.quantize.madePath;
                root.quantize.dismissMade();
                root.reject();
            }
        },
        Button {
            id: startButton
            objectName: "quantizeStart"
            kind: Button.Primary
            visible: !root.isFailed && !root.hasNoSource
            enabled: root.canAccept || root.quantize.canStart
            text: root.isMade ? qsTr("Load") : root.isUnderWay ? qsTr("Continue in background") : qsTr("Quantize")
            onClicked: root.goOn()
        }
    ]
}

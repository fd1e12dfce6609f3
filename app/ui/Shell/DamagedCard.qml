pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components
import Sotto.Theme

// The database is damaged: what can be read, counted first, a backup, or an empty start.
StartCard {
    id: root

    required property RescueController rescue
    readonly property bool isCounted: rescue.step === RescueController.Damaged
    readonly property bool canRead: isCounted && rescue.readableChats > 0
    property int choice: -1 // -1: read; -2: empty; otherwise a backup

    function follow(): void {
        if (choice === -1)
            rescue.readAll();
        else if (choice === -2)
            rescue.startEmpty();
        else
            rescue.restoreBackup(choice);
    }

    kind: Glyph.Failed
    title: qsTr("The chat database is damaged")
    text: {
        const size = Theme.format.fileSize(rescue.fileBytes);
        if (!isCounted)
            return qsTr("%1, %2. Counting what can be read.").arg(rescue.fileName).arg(size);
        return qsTr("%1, %2. %3 of %4 pages cannot be read.").arg(rescue.fileName).arg(size).arg(Theme.format.count(rescue.unreadablePages)).arg(Theme.format.count(rescue.pages));
    }
    problem: rescue.problem
    onCanReadChanged: if (!canRead && isCounted)
        choice = rescue.backups.length > 0 ? 0 : -2

    T.ButtonGroup {
        id: group
    }
    StartOption {
        objectName: "readOption"
        Layout.fillWidth: true
        enabled: root.canRead
        opacity: enabled || !root.isCounted ? 1 : 0.5
        checked: root.choice === -1
        T.ButtonGroup.group: group
        text: qsTr("Read what can be read")
        detail: root.isCounted ? qsTr("%1 of %n chat(s)", "", root.rescue.chats).arg(Theme.format.count(root.rescue.readableChats)) : ""
        onClicked: root.choice = -1
    }
    Repeater {
        model: root.rescue.backups
        delegate: StartOption {
            id: option
            required property var modelData
            required property int index
            Layout.fillWidth: true
            checked: root.choice === index
            T.ButtonGroup.group: group
            text: qsTr("Backup of %1").arg(Theme.format.day(modelData.madeAt))
            detail: qsTr("%n chat(s)", "", modelData.chats)
            onClicked: root.choice = option.index
        }
    }
    StartOption {
        objectName: "emptyOption"
        Layout.fillWidth: true
        enabled: root.isCounted
        checked: root.choice === -2
        T.ButtonGroup.group: group
        text: qsTr("Start empty")
        detail: qsTr("%n chat(s)", "", 0)
        onClicked: root.choice = -2
    }
    Label {
        Layout.fillWidth: true
        Layout.topMargin: 6
        color: Theme.t2
        wrapMode: Text.Wrap
        text: qsTr("The damaged file is set aside first and stays as it is, whichever you choose. If this happens again, test the disk.")
    }
    buttons: [
        Button {
            Layout.leftMargin: -12
            kind: Button.Quiet
            text: qsTr("Show in folder")
            onClicked: root.rescue.showInFolder()
        },
        Item {
            Layout.fillWidth: true
        },
        Button {
            objectName: "closeSotto"
            text: qsTr("Close Sotto")
            onClicked: root.rescue.quit()
        },
        Button {
            objectName: "startPrimary"
            kind: Button.Primary
            focus: true
            enabled: root.isCounted && !root.rescue.isBusy
            text: root.choice === -1 ? qsTr("Read %n chat(s)", "", root.rescue.readableChats) : root.choice === -2 ? qsTr("Start empty") : qsTr("Use this backup")
            onClicked: root.follow()
        }
    ]
}

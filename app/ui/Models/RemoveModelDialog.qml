import QtQuick
import Sotto.App
import Sotto.Components
import Sotto.Theme

// Asks before a model's files go to the system's bin: what becomes free, and whose they are.
Dialog {
    id: root

    required property AppFacade app
    property string path
    property string name
    property bool isSource: false // of what another model was made of: never taken from a chat
    property string refusal // why it must stay now
    property var removal: ({
            "bytes": 0,
            "fileCount": 0,
            "program": ""
        })

    function askFor(row: InstalledRow): void {
        ask(row.path, row.name + (row.quantization.length > 0 ? " " + row.quantization : ""));
    }
    function ask(file: string, called: string): void {
        isSource = false;
        show(file, called, app.installed.refusal(file));
    }
    // Of what another model was made of.
    function askForSource(file: string): void {
        isSource = true;
        show(file, app.installed.nameOf(file), app.installed.sourceRefusal(file));
    }
    function show(file: string, called: string, why: string): void {
        path = file;
        name = called;
        refusal = why;
        removal = app.installed.removal(file);
        open();
        // Enter must not delete by accident.
        keep.forceActiveFocus(Qt.TabFocusReason);
    }

    title: qsTr("Move “%1” to the bin?").arg(name)
    canAccept: refusal.length === 0

    Column {
        width: parent ? parent.width : 0
        spacing: 8

        Label {
            objectName: "removalRefusal"
            width: parent.width
            visible: text.length > 0
            color: Theme.warn
            wrapMode: Text.Wrap
            text: root.refusal
            Accessible.role: Accessible.AlertMessage
            Accessible.name: text
        }
        Label {
            width: parent.width
            visible: root.canAccept
            color: Theme.t2
            wrapMode: Text.Wrap
            text: qsTr("%n file(s), %1. The space is free once the bin is emptied.", "", root.removal.fileCount).arg(Theme.format.fileSize(root.removal.bytes))
        }
        Label {
            width: parent.width
            visible: root.canAccept && root.removal.program.length > 0
            color: Theme.t2
            wrapMode: Text.Wrap
            text: qsTr("It lies in a folder of %1, which will not find it any more.").arg(root.removal.program)
        }
    }
    buttons: [
        Button {
            id: keep
            text: qsTr("Keep")
            onClicked: root.reject()
        },
        Button {
            objectName: "moveToBin"
            visible: root.canAccept
            kind: Button.Danger
            text: qsTr("Move to the bin")
            onClicked: root.accept()
        }
    ]
    // Asked once more: while the question stood there a job or the chat may have taken it.
    onAccepted: {
        if (isSource)
            app.installed.removeSource(path);
        else
            app.installed.remove(path);
    }
}

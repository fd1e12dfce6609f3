import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// The database is whole but cannot be opened: written by a newer Sotto, or held by another program.
StartCard {
    id: root

    required property RescueController rescue
    required property string version
    readonly property bool isNewer: rescue.step === RescueController.Newer

    kind: Glyph.Warning
    iconName: isNewer ? "database" : "lock"
    title: isNewer ? qsTr("Written by a newer Sotto") : qsTr("Another program holds the chats")
    text: isNewer ? qsTr("This program cannot read %1 without harming it.").arg(rescue.fileName) : qsTr("%1 is locked. Sotto tries again when you say so.").arg(rescue.fileName)
    problem: isNewer ? "" : rescue.problem

    StartFact {
        visible: root.isNewer
        name: qsTr("This program")
        value: "Sotto " + root.version
    }
    StartFact {
        name: qsTr("Nothing was changed")
        value: Theme.format.fileSize(root.rescue.fileBytes)
    }
    Label {
        Layout.fillWidth: true
        Layout.topMargin: 6
        color: Theme.t2
        wrapMode: Text.Wrap
        text: root.isNewer ? qsTr("Update Sotto to open it, or start with an empty file beside it. The other file stays where it is.") : qsTr("Close that program and try again. The file stays as it is.")
    }
    buttons: [
        Item {
            Layout.fillWidth: true
        },
        Button {
            objectName: "startBeside"
            visible: root.isNewer
            text: qsTr("Start beside it")
            onClicked: root.rescue.startBeside()
        },
        Button {
            objectName: "closeSotto"
            kind: root.isNewer ? Button.Primary : Button.Standard
            focus: root.isNewer
            text: qsTr("Close Sotto")
            onClicked: root.rescue.quit()
        },
        Button {
            objectName: "tryNow"
            visible: !root.isNewer
            kind: Button.Primary
            focus: !root.isNewer
            enabled: !root.rescue.isBusy
            text: qsTr("Try now")
            onClicked: root.rescue.tryNow()
        }
    ]
}

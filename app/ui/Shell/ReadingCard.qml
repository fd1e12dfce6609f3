import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// While the damaged database is read into a new one.
StartCard {
    id: root

    required property RescueController rescue

    title: qsTr("Reading what can be read")
    text: qsTr("Into a new %1, checked as it is written.").arg(rescue.fileName)

    Meter {
        Layout.fillWidth: true
        Layout.topMargin: 6
        hasLimit: false
        value: root.rescue.totalChats > 0 ? root.rescue.doneChats / root.rescue.totalChats : 0
        name: figures.spoken
    }
    RowLayout {
        Layout.fillWidth: true
        Label {
            id: figures
            readonly property string amount: qsTr("%1 of %n chat(s)", "", root.rescue.totalChats)
            readonly property string done: Theme.format.count(root.rescue.doneChats)
            readonly property string spoken: amount.arg(done)
            Layout.fillWidth: true
            role: Theme.caption
            color: Theme.t3
            textFormat: Text.StyledText
            text: amount.arg("<font color='" + Theme.t1 + "'>" + done + "</font>")
            Accessible.name: spoken
        }
        Label {
            role: Theme.caption
            color: Theme.t3
            text: qsTr("%1 of %2").arg(Theme.format.sizeSum(root.rescue.doneBytes)).arg(Theme.format.sizeSum(root.rescue.totalBytes))
        }
    }
    Divider {
        Layout.fillWidth: true
        Layout.topMargin: 6
        Layout.bottomMargin: 4
    }
    StartFact {
        name: qsTr("Messages")
        value: Theme.format.count(root.rescue.messages)
    }
    StartFact {
        name: qsTr("Left out so far")
        value: Theme.format.count(root.rescue.messagesLeftOut)
        valueColor: root.rescue.messagesLeftOut > 0 ? Theme.warn : Theme.t1
    }
    Label {
        Layout.fillWidth: true
        visible: root.rescue.asideName.length > 0
        color: Theme.t2
        text: qsTr("Set aside as")
    }
    Label {
        Layout.fillWidth: true
        visible: root.rescue.asideName.length > 0
        role: Theme.codeSmall
        color: Theme.t2
        wrapMode: Text.WrapAnywhere
        text: root.rescue.asideName
    }
    buttons: [
        Item {
            Layout.fillWidth: true
        },
        Button {
            objectName: "stopReading"
            focus: true
            text: qsTr("Stop")
            onClicked: root.rescue.stop()
        }
    ]
}

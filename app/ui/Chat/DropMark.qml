import QtQuick
import Sotto.Components
import Sotto.Theme

// Between what is not sent any more and what is: says so, and takes it back.
Item {
    id: root

    property string text
    property bool canChange: true

    readonly property real lineWidth: Math.max(0, (width - words.width) / 2 - 10)

    signal takeBackRequested

    implicitHeight: 40
    Accessible.role: Accessible.StaticText
    Accessible.name: text

    Rectangle {
        anchors.verticalCenter: parent.verticalCenter
        width: root.lineWidth
        height: 1
        color: Theme.line2
    }
    Row {
        id: words
        anchors.centerIn: parent
        spacing: 8
        Icon {
            anchors.verticalCenter: parent.verticalCenter
            name: "scissors"
            size: 13
            color: Theme.warn
        }
        Label {
            anchors.verticalCenter: parent.verticalCenter
            role: Theme.label
            color: Theme.t2
            text: root.text
            Accessible.ignored: true
        }
        Button {
            objectName: "takeBack"
            anchors.verticalCenter: parent.verticalCenter
            kind: Button.Quiet
            isSmall: true
            enabled: root.canChange
            textColor: Theme.measured
            leftPadding: 4
            text: qsTr("Take them back")
            onClicked: root.takeBackRequested()
        }
    }
    Rectangle {
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        width: root.lineWidth
        height: 1
        color: Theme.line2
    }
}

import QtQuick
import Sotto.Components
import Sotto.Theme

// The head of the list of messages; its rows (InspectorRow) have the same columns.
Item {
    id: root

    implicitHeight: 26

    Label {
        x: 20
        y: 5
        role: Theme.micro
        color: Theme.t3
        text: qsTr("Message")
    }
    Label {
        x: 200
        y: 5
        role: Theme.micro
        color: Theme.t3
        text: qsTr("exact text")
    }
    Label {
        x: root.width - 228
        y: 5
        role: Theme.micro
        color: Theme.t3
        text: qsTr("came from")
    }
    Label {
        anchors.right: parent.right
        anchors.rightMargin: 20
        y: 5
        role: Theme.micro
        color: Theme.t3
        text: qsTr("tokens")
    }
}

import QtQuick
import Sotto.App
import Sotto.Components
import Sotto.Theme

// What is on its way to this computer.
FocusScope {
    id: root

    required property AppFacade app

    implicitWidth: 320
    Accessible.role: Accessible.Pane
    Accessible.name: qsTr("Downloads")

    Rectangle {
        anchors.fill: parent
        color: Theme.bg1
    }
    Label {
        x: 20
        y: 14
        role: Theme.h3
        text: qsTr("Downloads")
        Accessible.role: Accessible.Heading
        Accessible.name: text
    }
}

pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components
import Sotto.Theme

// The models that are on this computer. Arrows choose, Enter loads.
FocusScope {
    id: root

    required property AppFacade app

    implicitWidth: 320
    Accessible.role: Accessible.Pane
    Accessible.name: qsTr("Installed")

    Rectangle {
        anchors.fill: parent
        color: Theme.bg1
    }
    Label {
        id: heading
        x: 20
        y: 14
        role: Theme.h3
        text: qsTr("Installed")
        Accessible.role: Accessible.Heading
        Accessible.name: text
    }
    ListView {
        id: list
        objectName: "installedList"
        x: 8
        y: 48
        width: parent.width - 16
        height: parent.height - y
        focus: true
        activeFocusOnTab: true
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        model: root.app.models.list
        Accessible.role: Accessible.List
        Accessible.name: qsTr("Installed")
        Keys.onReturnPressed: (currentItem as InstalledRow)?.clicked()
        Keys.onEnterPressed: (currentItem as InstalledRow)?.clicked()
        T.ScrollBar.vertical: ScrollBar {
        }

        delegate: InstalledRow {
            width: ListView.view.width
            hasRing: ListView.isCurrentItem && ListView.view.activeFocus
            onClicked: root.app.models.choose(path)
        }
    }
}

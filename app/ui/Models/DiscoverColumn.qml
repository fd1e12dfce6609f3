import QtQuick
import Sotto.App
import Sotto.Components

// What a hub has.
FocusScope {
    id: root

    required property AppFacade app

    function focusSearch(): void {
        forceActiveFocus(Qt.OtherFocusReason);
    }

    Accessible.role: Accessible.Pane
    Accessible.name: qsTr("Discover")

    EmptyState {
        anchors.centerIn: parent
        width: Math.min(parent.width - 48, 360)
        iconName: "search"
        title: qsTr("Discover")
        text: qsTr("Sotto has sent nothing yet.")
    }
}

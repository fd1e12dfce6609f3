import QtQuick
import Sotto.Components
import Sotto.Theme

// ‹ 2/3 ›: the versions of one message.
Row {
    id: root

    property int versionIndex: 1
    property int versionCount: 1

    signal versionRequested(int offset)

    component Arrow: IconButton {
        width: 22
        focusPolicy: Qt.TabFocus
    }

    height: 28
    leftPadding: 2
    rightPadding: 6
    Accessible.role: Accessible.Grouping
    Accessible.name: qsTr("Version %1 of %2").arg(versionIndex).arg(versionCount)

    Arrow {
        iconName: "chevron-left"
        iconColor: Theme.t2
        text: qsTr("Previous version")
        keys: "Alt+←"
        enabled: root.versionIndex > 1
        onClicked: root.versionRequested(-1)
    }
    Label {
        anchors.verticalCenter: parent.verticalCenter
        role: Theme.caption
        color: Theme.t2
        text: root.versionIndex + "/" + root.versionCount
    }
    Arrow {
        iconName: "chevron-right"
        iconColor: Theme.t2
        text: qsTr("Next version")
        keys: "Alt+→"
        enabled: root.versionIndex < root.versionCount
        onClicked: root.versionRequested(1)
    }
}

import QtQuick
import QtQuick.Layouts
import Sotto.Components
import Sotto.Theme

// The icon rail at the left edge: one item for each page that exists.
Rectangle {
    id: root

    property int currentPage: Rail.Chat
    property bool isWriting: false // an answer is being written

    enum Page {
        Chat,
        Settings
    }

    signal pageRequested(int page)

    implicitWidth: 56
    color: Theme.bg0
    Accessible.role: Accessible.PageTabList
    Accessible.name: qsTr("Pages")

    ColumnLayout {
        anchors.fill: parent
        anchors.topMargin: 12
        anchors.bottomMargin: 12
        spacing: 4

        Logo {
            Layout.alignment: Qt.AlignHCenter
            Layout.bottomMargin: 16
        }
        RailItem {
            Layout.alignment: Qt.AlignHCenter
            iconName: "message-square"
            text: qsTr("Chat")
            keys: "Ctrl+1"
            isCurrent: root.currentPage === Rail.Chat
            isLive: root.isWriting && !isCurrent
            onClicked: root.pageRequested(Rail.Chat)
        }
        Item {
            Layout.fillHeight: true
        }
        RailItem {
            Layout.alignment: Qt.AlignHCenter
            iconName: "settings"
            text: qsTr("Settings")
            keys: "Ctrl+,"
            isCurrent: root.currentPage === Rail.Settings
            onClicked: root.pageRequested(Rail.Settings)
        }
    }
}

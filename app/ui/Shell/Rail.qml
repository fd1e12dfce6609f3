pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// The icon rail at the left edge: one item for each page that exists.
Rectangle {
    id: root

    required property WindowPages pages
    property string currentPage
    property JobListModel jobs: null
    property bool isJobsOpen: false

    signal jobsRequested

    implicitWidth: 56
    color: Theme.bg0
    Accessible.role: Accessible.PageTabList
    Accessible.name: qsTr("Pages")

    component PageItem: RailItem {
        required property PageEntry modelData
        Layout.alignment: Qt.AlignHCenter
        objectName: "rail-" + modelData.name
        iconName: modelData.iconName
        text: modelData.text
        keys: modelData.keys
        isCurrent: root.currentPage === modelData.name
        isLive: modelData.isLive && !isCurrent
        onClicked: modelData.triggered()
    }

    ColumnLayout {
        anchors.fill: parent
        anchors.topMargin: 12
        anchors.bottomMargin: 12
        spacing: 4

        Logo {
            Layout.alignment: Qt.AlignHCenter
            Layout.bottomMargin: 16
        }
        Repeater {
            model: root.pages.all
            delegate: PageItem {
                visible: modelData.isThere && !modelData.isAtEnd
            }
        }
        Item {
            Layout.fillHeight: true
        }
        Repeater {
            model: root.jobs !== null && root.jobs.count > 0 ? 1 : 0
            delegate: JobsRing {
                objectName: "jobsRing"
                Layout.alignment: Qt.AlignHCenter
                jobs: root.jobs
                isOpen: root.isJobsOpen
                onClicked: root.jobsRequested()
            }
        }
        Repeater {
            model: root.pages.all
            delegate: PageItem {
                visible: modelData.isThere && modelData.isAtEnd
            }
        }
    }
}

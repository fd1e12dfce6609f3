pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// What is installed, what a hub has, what is on its way: three columns from 1360 px of the window; below
// that downloads are a popup, and below 1120 px Installed and Discover are tabs.
FocusScope {
    id: root

    required property AppFacade app
    required property Component cardText // see CardDialog

    readonly property bool hasDownloadsColumn: Window.width >= 1360
    readonly property bool hasTabs: Window.width < 1120
    property bool isInstalledTab: false // with tabs only

    signal addFileRequested
    signal settingsRequested
    signal parametersRequested(string path)
    signal compareRequested(string path, string other)

    function askForLink(link: string): void {
        cardDialog.askForLink(link);
    }
    function focusSearch(): void {
        if (hasTabs && isInstalledTab)
            installed.forceActiveFocus(Qt.OtherFocusReason);
        else
            discover.focusSearch();
    }
    function showDownloads(): void {
        if (hasDownloadsColumn)
            downloads.forceActiveFocus(Qt.OtherFocusReason);
        else
            downloadsPopup.open();
    }

    Accessible.role: Accessible.Pane
    Accessible.name: qsTr("Models")
    onHasDownloadsColumnChanged: downloadsPopup.close()

    Rectangle {
        anchors.fill: parent
        color: Theme.bg2
    }
    ColumnLayout {
        anchors.fill: parent
        spacing: 0

        ModelsHead {
            Layout.fillWidth: true
            app: root.app
            hasTabs: root.hasTabs
            isInstalledTab: root.isInstalledTab
            hasDownloadsButton: !root.hasDownloadsColumn
            isDownloadsOpen: downloadsPopup.visible
            onTabChosen: isInstalled => root.isInstalledTab = isInstalled
            onAddFileRequested: root.addFileRequested()
            onDownloadsRequested: downloadsPopup.open()
            onQuantizeRequested: installed.openQuantize("")
        }
        Divider {
            Layout.fillWidth: true
        }
        // Placed by hand: a layout whose items hide while it is made narrower leaves them where they were.
        Item {
            id: columns

            readonly property real leftEnd: root.hasTabs ? 0 : installed.width + 1
            readonly property real rightWidth: root.hasDownloadsColumn ? downloads.width + 1 : 0

            Layout.fillWidth: true
            Layout.fillHeight: true

            InstalledColumn {
                id: installed
                objectName: "installedColumn"
                width: root.hasTabs ? parent.width : 320
                height: parent.height
                visible: !root.hasTabs || root.isInstalledTab
                app: root.app
                onParametersRequested: path => root.parametersRequested(path)
                onCompareRequested: (path, other) => root.compareRequested(path, other)
            }
            Divider {
                x: installed.width
                height: parent.height
                visible: !root.hasTabs
            }
            DiscoverColumn {
                id: discover
                objectName: "discoverColumn"
                x: columns.leftEnd
                width: parent.width - columns.leftEnd - columns.rightWidth
                height: parent.height
                visible: !root.hasTabs || !root.isInstalledTab
                focus: true
                app: root.app
                onSettingsRequested: root.settingsRequested()
            }
            Divider {
                x: downloads.x - 1
                height: parent.height
                visible: downloads.visible
            }
            DownloadsColumn {
                id: downloads
                objectName: "downloadsColumn"
                x: parent.width - width
                width: 320
                height: parent.height
                visible: root.hasDownloadsColumn
                app: root.app
                onCompareRequested: (path, other) => root.compareRequested(path, other)
                onRemoveSourceRequested: path => installed.askToRemoveSource(path)
            }
        }
    }
    CardDialog {
        id: cardDialog
        app: root.app
        cardText: root.cardText
    }
    Popup {
        id: downloadsPopup
        objectName: "downloadsPopup"
        x: root.width - width - 16
        y: 52
        width: 360
        height: Math.min(560, root.height - 68)
        padding: 1
        focus: true

        contentItem: DownloadsColumn {
            app: root.app
            onRemoveSourceRequested: path => installed.askToRemoveSource(path)
            onCompareRequested: (path, other) => {
                downloadsPopup.close();
                root.compareRequested(path, other);
            }
        }
    }
}

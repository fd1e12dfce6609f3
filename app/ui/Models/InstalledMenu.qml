import QtQuick
import Sotto.App
import Sotto.Components

// The menu of an installed model.
Menu {
    id: root

    required property AppFacade app
    property InstalledRow row: null
    readonly property string path: row !== null ? row.path : ""
    readonly property bool isLoaded: row !== null && row.isLoaded

    signal removeRequested(InstalledRow row)
    signal renameRequested(InstalledRow row)
    signal parametersRequested(string path)
    signal quantizeRequested(InstalledRow row)
    signal compareRequested(string path)

    MenuItem {
        iconName: root.isLoaded ? "unplug" : "play"
        text: root.isLoaded ? qsTr("Give its memory back") : qsTr("Load")
        keys: root.isLoaded ? "" : "Enter"
        onTriggered: {
            if (root.isLoaded)
                root.app.models.rest();
            else
                root.app.models.choose(root.path);
        }
    }
    MenuItem {
        objectName: "loadWithParameters"
        visible: root.row !== null && root.row.fit !== ModelListModel.Unreadable
        iconName: "sliders-horizontal"
        text: qsTr("Load with parameters…")
        keys: "Shift+Enter"
        onTriggered: root.parametersRequested(root.path)
    }
    MenuItem {
        objectName: "resetParameters"
        visible: root.row !== null && root.row.ownLoadText.length > 0
        iconName: "rotate-ccw"
        text: qsTr("Forget its parameters")
        onTriggered: root.app.loadPlanner.forget(root.path)
    }
    MenuItem {
        visible: root.row !== null && !root.row.isDemo
        iconName: "pin"
        text: root.row !== null && root.row.isFavourite ? qsTr("No favourite any more") : qsTr("Favourite")
        onTriggered: root.app.installed.setFavourite(root.path, !root.row.isFavourite)
    }
    MenuItem {
        objectName: "renameItem"
        visible: root.row !== null && !root.row.isDemo
        iconName: "pencil"
        keys: "F2"
        text: qsTr("Rename…")
        onTriggered: root.renameRequested(root.row)
    }
    MenuItem {
        objectName: "quantizeModel"
        visible: root.row !== null && !root.row.isProblem
        iconName: "layers"
        text: qsTr("Quantize…")
        onTriggered: root.quantizeRequested(root.row)
    }
    MenuItem {
        objectName: "compareModel"
        visible: root.row !== null && root.row.fit !== ModelListModel.Unreadable && root.app.models.list.count > 1
        iconName: "columns-3"
        text: qsTr("Compare…")
        onTriggered: root.compareRequested(root.path)
    }
    MenuSeparator {
    }
    MenuItem {
        iconName: "folder-open"
        text: qsTr("Show in its folder")
        onTriggered: root.app.installed.showInFolder(root.path)
    }
    MenuItem {
        iconName: "copy"
        text: qsTr("Copy its path")
        onTriggered: root.app.installed.copyPath(root.path)
    }
    MenuItem {
        objectName: "checkModel"
        iconName: "shield-check"
        text: root.app.installed.checkedPath === root.path && root.path.length > 0 ? qsTr("Stop checking") : qsTr("Check the file")
        onTriggered: {
            if (root.app.installed.checkedPath === root.path)
                root.app.installed.stopCheck();
            else
                root.app.installed.check(root.path);
        }
    }
    MenuSeparator {
        visible: root.row !== null && !root.row.isDemo
    }
    MenuItem {
        objectName: "removeModel"
        visible: root.row !== null && !root.row.isDemo
        iconName: "trash-2"
        isDanger: true
        keys: "Del"
        text: qsTr("Move to the system's bin…")
        onTriggered: root.removeRequested(root.row)
    }
}

pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components
import Sotto.Theme

// The models that are on this computer. Arrows choose, Enter loads, Shift+Enter with parameters, the menu key and
// Shift+F10 open the row's menu, F2 renames, Del removes.
FocusScope {
    id: root

    required property AppFacade app

    readonly property InstalledRow currentRow: list.currentItem as InstalledRow

    signal parametersRequested(string path)
    signal compareRequested(string path, string other) // other: empty: any

    function acceptCurrent(event: KeyEvent): void {
        if (currentRow === null)
            return;
        if (event.modifiers & Qt.ShiftModifier && currentRow.fit !== ModelListModel.Unreadable)
            parametersRequested(currentRow.path);
        else
            currentRow.clicked();
    }
    function openQuantize(path: string): void {
        quantizeDialog.openFor(path);
    }
    function askToRemoveSource(path: string): void {
        removeDialog.askForSource(path);
    }
    function openMenu(row: InstalledRow): void {
        list.currentIndex = row.index;
        menu.row = row;
        menu.popup(row, row.width - menu.width, row.height);
    }

    implicitWidth: 320
    Accessible.role: Accessible.Pane
    Accessible.name: qsTr("Installed")
    Component.onCompleted: app.installed.look()

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
    Select {
        objectName: "installedOrder"
        anchors.right: parent.right
        anchors.rightMargin: 12
        y: 10
        isSmall: true
        name: qsTr("Order of the models")
        model: [{
                "text": qsTr("Last used"),
                "value": InstalledModels.LastUsed
            }, {
                "text": qsTr("Name"),
                "value": InstalledModels.Name
            }, {
                "text": qsTr("Size"),
                "value": InstalledModels.Size
            }]
        chosenValue: installedModels.order
        onActivated: installedModels.order = currentValue
    }
    ListView {
        id: list
        objectName: "installedList"
        x: 8
        y: 48
        width: parent.width - 16
        height: footer.y - y
        focus: true
        activeFocusOnTab: true
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        model: InstalledModels {
            id: installedModels
            models: root.app.models.list
        }
        Accessible.role: Accessible.List
        Accessible.name: qsTr("Installed")
        Keys.onReturnPressed: event => root.acceptCurrent(event)
        Keys.onEnterPressed: event => root.acceptCurrent(event)
        Keys.onMenuPressed: if (root.currentRow !== null)
            root.openMenu(root.currentRow)
        Keys.onDeletePressed: if (root.currentRow !== null && !root.currentRow.isDemo)
            removeDialog.askFor(root.currentRow)
        Keys.onPressed: event => {
            if (event.key === Qt.Key_F10 && event.modifiers === Qt.ShiftModifier && root.currentRow !== null) {
                root.openMenu(root.currentRow);
                event.accepted = true;
            }
            if (event.key === Qt.Key_F2 && root.currentRow !== null && !root.currentRow.isDemo) {
                renameDialog.askFor(root.currentRow);
                event.accepted = true;
            }
        }
        T.ScrollBar.vertical: ScrollBar {
        }

        delegate: InstalledRow {
            width: ListView.view.width
            hasRing: ListView.isCurrentItem && ListView.view.activeFocus
            isChecked: root.app.installed.checkedPath === path
            onClicked: root.app.models.choose(path)
            onMenuRequested: root.openMenu(this)
            onEjectRequested: root.app.models.rest()
        }
    }
    EmptyState {
        anchors.centerIn: list
        width: list.width - 32
        visible: list.count === 0
        iconName: "boxes"
        title: qsTr("No models yet")
        text: qsTr("Download one here, or add a file or a folder that you have.")
    }
    InstalledFooter {
        id: footer
        y: parent.height - height
        width: parent.width
        app: root.app
        onDuplicatesRequested: twinsDialog.open()
    }
    InstalledMenu {
        id: menu
        app: root.app
        onRemoveRequested: row => removeDialog.askFor(row)
        onParametersRequested: path => root.parametersRequested(path)
        onRenameRequested: row => renameDialog.askFor(row)
        onQuantizeRequested: row => root.openQuantize(row.path)
        onCompareRequested: path => root.compareRequested(path, "")
    }
    RenameModelDialog {
        id: renameDialog
        app: root.app
    }
    QuantizeDialog {
        id: quantizeDialog
        app: root.app
        onCompareRequested: (reference, path) => root.compareRequested(reference, path)
        onRemoveSourceRequested: path => removeDialog.askForSource(path)
    }
    TwinsDialog {
        id: twinsDialog
        app: root.app
        onRemoveRequested: (path, name) => removeDialog.ask(path, name)
    }
    RemoveModelDialog {
        id: removeDialog
        app: root.app
    }
}

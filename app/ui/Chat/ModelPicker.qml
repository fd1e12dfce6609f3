pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components
import Sotto.Theme

// The models that are there. Arrows choose, Enter loads, typing narrows the list, Esc closes.
Popup {
    id: root

    required property ModelController models

    readonly property int chosen: list.currentIndex

    signal addFileRequested
    signal addFolderRequested
    signal parametersRequested(string path)

    function loadChosen(): void {
        const row = list.currentItem as ModelRow;
        if (row !== null)
            load(row);
    }
    function chooseParameters(row: ModelRow): void {
        if (row === null || !row.canLoad)
            return;
        close();
        parametersRequested(row.path);
    }
    function acceptChosen(event: KeyEvent): void {
        if (event.modifiers & Qt.ShiftModifier)
            chooseParameters(list.currentItem as ModelRow);
        else
            loadChosen();
    }
    // What cannot take the place of the model in use is not begun with, and stays on screen with its reason.
    function load(row: ModelRow): void {
        if (row.canLoad && models.choose(row.path))
            close();
    }
    function move(offset: int): void {
        list.currentIndex = Math.max(0, Math.min(list.count - 1, list.currentIndex + offset));
    }

    width: Math.min(440, parent ? parent.Window.width - 16 : 440)
    padding: 7
    focus: true
    // At once, not after the transition: whoever types after the shortcut means this field.
    onVisibleChanged: if (visible) {
        field.clear();
        list.currentIndex = found.loadedRow();
        list.positionViewAtIndex(list.currentIndex, ListView.Contain); // it may be scrolled from the last time
        field.forceActiveFocus(Qt.PopupFocusReason);
        models.refresh();
    }

    contentItem: Column {
        spacing: 6

        TextField {
            id: field
            width: parent.width
            iconName: "search"
            placeholderText: qsTr("Find a model")
            Keys.onUpPressed: root.move(-1)
            Keys.onDownPressed: root.move(1)
            Keys.onReturnPressed: event => root.acceptChosen(event)
            Keys.onEnterPressed: event => root.acceptChosen(event)
        }
        ListView {
            id: list
            width: parent.width
            height: Math.min(contentHeight, 392)
            clip: true
            model: ModelSearch {
                id: found
                models: root.models.list
                text: field.text
                onTextChanged: {
                    list.currentIndex = list.count > 0 ? 0 : -1;
                    list.positionViewAtBeginning();
                }
            }
            boundsBehavior: Flickable.StopAtBounds
            cacheBuffer: 0 // rows that are being made ahead would outlive a shorter list
            highlightMoveDuration: 0
            T.ScrollBar.vertical: ScrollBar {
            }
            Accessible.role: Accessible.List
            Accessible.name: qsTr("Models")

            delegate: ModelRow {
                id: row
                width: ListView.view.width
                isChosen: ListView.isCurrentItem
                isLoading: root.models.state === ModelController.Loading && root.models.path === path
                onClicked: root.load(row)
                onParametersRequested: root.chooseParameters(row)
            }
            // A pointer that moves chooses; one that rests while rows pass below it does not.
            HoverHandler {
                property point last: Qt.point(-1, -1) // nowhere

                onHoveredChanged: if (!hovered)
                    last = Qt.point(-1, -1)
                onPointChanged: {
                    const at = point.scenePosition; // the popup itself moves while it opens
                    const row = list.indexAt(point.position.x, point.position.y + list.contentY);
                    if (hovered && last.x >= 0 && (at.x !== last.x || at.y !== last.y) && row >= 0)
                        list.currentIndex = row;
                    if (hovered)
                        last = Qt.point(at.x, at.y);
                }
            }
        }
        Label {
            visible: list.count === 0
            width: parent.width
            padding: 8
            horizontalAlignment: Text.AlignHCenter
            color: Theme.t3
            text: qsTr("No model found")
        }
        FoundPlaces {
            x: 8
            width: parent.width - 16
            places: root.models.places
            isWanted: root.visible && !root.models.list.hasOwn && field.text.length === 0
        }
        ModelNotice {
            id: notice
            models: root.models
            shown: found
        }
        Notice {
            visible: text.length > 0
            width: parent.width
            iconName: "triangle-alert"
            iconColor: root.models.state === ModelController.Failed ? Theme.err : Theme.warn
            text: notice.text
            Button {
                visible: root.models.state === ModelController.Failed
                isSmall: true
                text: qsTr("Try again")
                onClicked: {
                    root.close();
                    root.models.retry();
                }
            }
        }
        Notice {
            visible: root.models.deviceProblem.length > 0
            width: parent.width
            iconName: "triangle-alert"
            iconColor: Theme.warn
            text: root.models.deviceProblem
        }
        Divider {
            width: parent.width
        }
        Item {
            width: parent.width
            height: 32
            Row {
                spacing: 4
                Button {
                    kind: Button.Quiet
                    iconName: "plus"
                    text: qsTr("Add a file…")
                    onClicked: root.addFileRequested()
                }
                Button {
                    kind: Button.Quiet
                    iconName: "folder"
                    text: qsTr("Add a folder…")
                    onClicked: root.addFolderRequested()
                }
            }
            Button {
                anchors.right: parent.right
                visible: root.models.state === ModelController.Loaded
                kind: Button.Quiet
                iconName: "unplug"
                text: qsTr("Give its memory back")
                onClicked: {
                    root.close();
                    root.models.rest();
                }
            }
            Button {
                anchors.right: parent.right
                visible: root.models.state === ModelController.Loading
                kind: Button.Quiet
                iconName: "x"
                text: qsTr("Cancel loading")
                onClicked: root.models.cancelLoad()
            }
        }
    }
}

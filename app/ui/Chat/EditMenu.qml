import QtQuick
import Sotto.Components

// What can be done with the text that is being written.
Menu {
    id: root

    required property TextEdit area
    readonly property bool hasSelection: area.selectedText.length > 0

    signal pasteRequested

    MenuItem {
        text: qsTr("Undo")
        keys: "Ctrl+Z"
        enabled: root.area.canUndo
        onTriggered: root.area.undo()
    }
    MenuItem {
        text: qsTr("Redo")
        keys: "Ctrl+Shift+Z"
        enabled: root.area.canRedo
        onTriggered: root.area.redo()
    }
    MenuSeparator {
    }
    MenuItem {
        text: qsTr("Cut")
        keys: "Ctrl+X"
        enabled: root.hasSelection
        onTriggered: root.area.cut()
    }
    MenuItem {
        text: qsTr("Copy")
        keys: "Ctrl+C"
        enabled: root.hasSelection
        onTriggered: root.area.copy()
    }
    MenuItem {
        text: qsTr("Paste")
        keys: "Ctrl+V"
        enabled: root.area.canPaste
        onTriggered: root.pasteRequested()
    }
    MenuSeparator {
    }
    MenuItem {
        text: qsTr("Select all")
        keys: "Ctrl+A"
        enabled: root.area.length > 0
        onTriggered: root.area.selectAll()
    }
}

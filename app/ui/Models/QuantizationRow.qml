import QtQuick
import Sotto.Components

// A quantization among the downloads; of one that is done what can be done with the new model.
JobRow {
    id: root

    required property string sourcePath
    required property string madePath
    required property bool canLoad
    required property bool canCompare
    required property bool canRemoveSource

    signal loadRequested
    signal compareRequested
    signal removeSourceRequested

    function loadIfMade(): void {
        if (canLoad)
            loadRequested();
    }

    actions: [
        Button {
            objectName: "loadMade"
            visible: root.canLoad
            isSmall: true
            text: qsTr("Load")
            onClicked: root.loadRequested()
        },
        IconButton {
            objectName: "compareMade"
            visible: root.canCompare
            iconName: "columns-3"
            text: qsTr("Compare with the source")
            onClicked: root.compareRequested()
        },
        IconButton {
            objectName: "removeSource"
            visible: root.canRemoveSource
            iconName: "trash-2"
            text: qsTr("Delete the source…")
            onClicked: root.removeSourceRequested()
        }
    ]
}

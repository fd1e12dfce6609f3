pragma ComponentBehavior: Bound
import QtQuick
import Sotto.Components

// Chooses a model of a list: the types of the reference's model first.
Menu {
    id: root

    property var choices: [] // of {text, value}
    property string current // the value that is in use

    signal chosen(string path)

    function openAt(item: Item): void {
        popup(item, item.width - width, item.height + 4);
    }

    height: Math.min(implicitHeight, 400)

    Instantiator {
        model: root.choices
        delegate: MenuItem {
            required property var modelData
            text: modelData.text
            isCheckable: true
            isChosen: modelData.value === root.current
            // Closed before: a choice may reorder the list that this item is of.
            onTriggered: {
                root.close();
                root.chosen(modelData.value);
            }
        }
        onObjectAdded: (index, object) => root.insertItem(index, object)
        onObjectRemoved: (index, object) => root.removeItem(object)
    }
}

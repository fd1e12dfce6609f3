import QtQuick
import Sotto.Theme

// Where the desktop has no file dialogs, Qt draws its own. They follow the window's palette but for the bar of
// folders, which is white whatever the palette says.
Item {
    id: root

    required property Item overlay

    function paint(item: var): void {
        if (item.hasOwnProperty("upButton") && item.background) {
            item.background.color = Qt.binding(() => Theme.bg1);
            return;
        }
        for (const child of Array.from(item.children))
            paint(child);
    }

    Connections {
        target: root.overlay
        function onChildrenChanged(): void {
            for (const popup of Array.from(root.overlay.children))
                root.paint(popup);
        }
    }
}

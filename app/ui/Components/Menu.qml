pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Sotto.Theme

// A menu of MenuItem, with MenuSeparator between groups and Menu inside for submenus. As wide as its longest
// row.
T.Menu {
    id: root

    readonly property real widestRow: {
        let widest = 0;
        for (let row = 0; row < count; ++row)
            widest = Math.max(widest, itemAt(row)?.implicitWidth ?? 0);
        return widest;
    }

    implicitWidth: Math.ceil(Math.max(208, widestRow)) + leftPadding + rightPadding
    implicitHeight: contentHeight + topPadding + bottomPadding
    padding: 4
    margins: 8
    overlap: 4
    delegate: MenuItem {
        isCheckable: true // of a submenu: its text stands where the others' do
    }

    contentItem: ListView {
        implicitHeight: contentHeight
        model: root.contentModel
        interactive: contentHeight > height
        clip: interactive
        currentIndex: root.currentIndex
        T.ScrollBar.vertical: ScrollBar {
        }
    }
    background: Rectangle {
        radius: Theme.radiusCard
        color: Theme.bg3
        border.color: Theme.line2
        Shadow {
            z: -1
        }
    }
    enter: Transition {
        NumberAnimation {
            property: "opacity"
            from: 0
            to: 1
            duration: Theme.hoverTime
            easing.type: Easing.OutCubic
        }
    }
}

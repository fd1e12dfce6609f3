import QtQuick
import QtQuick.Templates as T
import Sotto.Theme

// A hairline between groups of a menu.
T.MenuSeparator {
    implicitWidth: 208
    implicitHeight: 9
    contentItem: Item {
        Rectangle {
            y: 4
            width: parent.width
            height: 1
            color: Theme.line
        }
    }
}

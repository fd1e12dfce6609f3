import QtQuick
import Sotto.Theme

// A hairline; give it a width or a height.
Rectangle {
    implicitWidth: 1
    implicitHeight: 1
    color: Theme.line
    Accessible.ignored: true
}

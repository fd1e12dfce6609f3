import QtQuick
import Sotto.Theme

// The live dot: something is being written, or a model is loaded.
Rectangle {
    implicitWidth: 7
    implicitHeight: 7
    radius: 3.5
    color: Theme.measured
    Accessible.ignored: true
}

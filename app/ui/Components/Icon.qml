import QtQuick
import Sotto.Theme

// A Lucide icon in a theme colour. Decoration only: what it means is said by its parent's name.
Image {
    id: root

    property string name // a file of resources/icons without ".svg"
    property color color: Theme.t3
    property int size: 18 // 13, 15, 18 or 20
    property real stroke: 1.75

    width: size
    height: size
    sourceSize.width: size
    sourceSize.height: size
    source: name.length === 0 ? "" : "image://icon/" + name + "/" + Math.round(stroke * 100) + "/" + String(color).slice(-6)
    Accessible.ignored: true
}

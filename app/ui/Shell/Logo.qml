import QtQuick
import Sotto.Theme

// The mark: the limit is the line, the voice stays below it. 32 × 32.
Item {
    implicitWidth: 32
    implicitHeight: 32
    Accessible.role: Accessible.Graphic
    Accessible.name: "Sotto"

    Rectangle {
        x: 4
        y: 6.5
        width: 24
        height: 3
        radius: 1.5
        color: Theme.limit
    }
    // The lower half of a disc.
    Item {
        x: 6.5
        y: 13.5
        width: 19
        height: 9.5
        clip: true
        Rectangle {
            y: -9.5
            width: 19
            height: 19
            radius: 9.5
            color: Theme.measured
        }
    }
}

pragma ComponentBehavior: Bound
import QtQuick
import Sotto.Theme

// Parts of a whole, side by side, 2 px apart and never narrower than 3. segments: [{name, value, color}],
// values in any one unit; what they do not fill of `total` stays free. Give it a sentence as `name`.
Item {
    id: root

    property string name
    property var segments: []
    property real total: 0 // 0: the sum of the segments

    readonly property real sum: segments.reduce((sum, segment) => sum + Math.max(0, segment.value), 0)
    readonly property real whole: Math.max(total, sum)
    readonly property var shown: segments.filter(segment => segment.value > 0)
    // Width that is shared out: gaps are taken off first, and one for the free rest.
    readonly property real usable: width - 2 * (whole > sum ? shown.length : Math.max(0, shown.length - 1))

    implicitWidth: 280
    implicitHeight: 12
    Accessible.role: Accessible.Chart
    Accessible.name: name
    Accessible.description: segments.map(segment => segment.name).join(", ")

    Row {
        id: row
        height: parent.height
        spacing: 2
        Repeater {
            model: root.shown
            delegate: Rectangle {
                required property var modelData
                width: root.whole > 0 ? Math.max(3, Math.round(root.usable * modelData.value / root.whole)) : 0
                height: root.height
                radius: Theme.radiusCell
                color: modelData.color
            }
        }
    }
    Rectangle {
        x: row.width > 0 ? row.width + 2 : 0
        width: Math.max(0, root.width - x)
        height: root.height
        radius: Theme.radiusCell
        color: Theme.free
        visible: root.whole > root.sum || root.whole <= 0
    }
}

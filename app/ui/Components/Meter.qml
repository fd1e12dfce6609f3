import QtQuick
import QtQuick.Shapes
import Sotto.Theme

// A value against its limit, in the number language: measured solid, predicted dashed, limit a tick.
// Shares are of the limit: value 0.74 is 74 %. Below 0 means "not known". Above 1 the bar is rescaled and
// the part beyond the tick is drawn in the error colour. Give it a sentence as `name`.
Item {
    id: root

    property string name
    property real value: -1 // measured
    property real predicted: -1
    property real best: -1 // best measured on this machine
    property int thickness: 8 // 4 context, 6 small, 8 large
    property bool hasLimit: true // draws the tick
    property color fill: Theme.measured

    readonly property real largest: Math.max(1, value, predicted)
    readonly property bool isOver: largest > 1
    readonly property bool hasBoth: value >= 0 && predicted >= 0 && !isOver
    readonly property real limitX: Math.round(width / largest)

    implicitWidth: 96
    implicitHeight: thickness
    Accessible.role: Accessible.ProgressBar
    Accessible.name: name

    Rectangle {
        anchors.fill: parent
        radius: height / 2
        color: Theme.free
    }
    Rectangle {
        visible: root.value > 0 || (root.isOver && root.predicted > 0)
        x: root.hasBoth ? 2 : 0
        y: root.hasBoth ? 2 : 0
        width: root.isOver ? root.limitX - 1 : Math.max(height, Math.round(root.value * (root.width - 2 * x)))
        height: root.height - 2 * y
        radius: root.isOver ? 2 : height / 2
        color: root.fill
    }
    Rectangle {
        visible: root.isOver
        x: root.limitX + 1
        width: root.width - x
        height: root.height
        radius: 2
        color: Theme.err
    }
    Shape {
        readonly property real length: Math.max(root.height, root.predicted * root.width)
        visible: root.predicted >= 0 && !root.isOver
        width: length
        height: root.height
        layer.enabled: GraphicsInfo.api !== GraphicsInfo.Software // the painter smooths by itself
        layer.samples: 4
        ShapePath {
            id: outline
            readonly property real inset: 0.625
            readonly property real right: root.predicted >= 0 ? Math.max(root.height, root.predicted * root.width) - inset : 0
            readonly property real r: root.height / 2 - inset
            strokeColor: Theme.measured
            strokeWidth: 1.25
            strokeStyle: ShapePath.DashLine
            dashPattern: [2.4, 1.6]
            capStyle: ShapePath.FlatCap
            fillColor: "transparent"
            startX: root.height / 2
            startY: inset
            PathLine {
                x: outline.right - outline.r
                y: outline.inset
            }
            PathArc {
                x: outline.right - outline.r
                y: root.height - outline.inset
                radiusX: outline.r
                radiusY: outline.r
            }
            PathLine {
                x: root.height / 2
                y: root.height - outline.inset
            }
            PathArc {
                x: root.height / 2
                y: outline.inset
                radiusX: outline.r
                radiusY: outline.r
            }
        }
    }
    Rectangle {
        visible: root.best > 0 && root.best < 1 && !root.isOver
        x: Math.round(root.best * root.width)
        width: 1
        height: root.height
        color: Theme.t3
    }
    Rectangle {
        visible: root.hasLimit
        x: root.isOver ? root.limitX - 1 : root.width - 2
        y: -3
        width: 2
        height: root.height + 6
        radius: 1
        color: Theme.limit
    }
}

import QtQuick
import QtQuick.Shapes
import Sotto.Theme

// Work of unknown length. With reduced motion it stands still.
Item {
    id: root

    property int size: 16
    property color color: Theme.measured

    implicitWidth: size
    implicitHeight: size
    Accessible.role: Accessible.ProgressBar
    Accessible.name: qsTr("Working")

    Shape {
        anchors.fill: parent
        layer.enabled: GraphicsInfo.api !== GraphicsInfo.Software // the painter smooths by itself
        layer.samples: 4
        ShapePath {
            strokeColor: root.color
            strokeWidth: 2
            capStyle: ShapePath.RoundCap
            fillColor: "transparent"
            PathAngleArc {
                centerX: root.size / 2
                centerY: root.size / 2
                radiusX: root.size / 2 - 1.5
                radiusY: root.size / 2 - 1.5
                startAngle: 0
                sweepAngle: 260
            }
        }
        RotationAnimation on rotation  {
            running: root.visible && !Theme.reducedMotion
            from: 0
            to: 360
            duration: 900
            loops: Animation.Infinite
        }
    }
}

import QtQuick
import QtQuick.Shapes
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components
import Sotto.Theme

// The jobs in the rail, 40 × 40: how many are open, how far those that run are, and a point when one needs
// somebody.
T.Button {
    id: root

    required property JobListModel jobs
    property bool isOpen: false // the popover is

    implicitWidth: 40
    implicitHeight: 40
    padding: 0
    text: qsTr("Jobs")
    focusPolicy: Qt.TabFocus
    hoverEnabled: true
    Accessible.name: text
    Accessible.description: jobs.spokenSummary
    Accessible.role: Accessible.Button
    Keys.onReturnPressed: root.clicked()
    Keys.onEnterPressed: root.clicked()

    contentItem: Item {
        Shape {
            x: 4
            y: 4
            width: 32
            height: 32
            layer.enabled: GraphicsInfo.api !== GraphicsInfo.Software // the painter smooths by itself
            layer.samples: 4
            ShapePath {
                strokeColor: Theme.line2
                strokeWidth: 2
                fillColor: "transparent"
                PathAngleArc {
                    centerX: 16
                    centerY: 16
                    radiusX: 15
                    radiusY: 15
                    startAngle: 0
                    sweepAngle: 360
                }
            }
            ShapePath {
                strokeColor: root.jobs.share > 0 ? Theme.measured : "transparent"
                strokeWidth: 2
                capStyle: ShapePath.RoundCap
                fillColor: "transparent"
                PathAngleArc {
                    centerX: 16
                    centerY: 16
                    radiusX: 15
                    radiusY: 15
                    startAngle: -90
                    sweepAngle: 360 * Math.max(0, root.jobs.share)
                }
            }
        }
        Label {
            anchors.centerIn: parent
            visible: root.jobs.openCount > 0
            role: Theme.microMedium
            text: Theme.format.count(root.jobs.openCount)
        }
        Icon {
            anchors.centerIn: parent
            visible: root.jobs.openCount === 0
            name: "check"
            size: 13
            stroke: 2
            color: Theme.measured
        }
        Rectangle {
            x: 27
            y: 1
            width: 11
            height: 11
            radius: 5.5
            visible: root.jobs.needsYou
            color: Theme.err
            border.width: 2
            border.color: Theme.bg0
        }
    }
    background: Rectangle {
        radius: Theme.radiusRail
        color: root.down ? Theme.bg5 : root.isOpen ? Theme.railOn : root.hovered ? Theme.bg4 : "transparent"
        Behavior on color  {
            ColorAnimation {
                duration: Theme.hoverTime
            }
        }
        FocusRing {
            cornerRadius: Theme.radiusRail
            visible: root.visualFocus
        }
    }
    Loader {
        active: (root.hovered || root.visualFocus) && !root.down && !root.isOpen
        // A Loader cannot make bound components in 6.4, so the linter cannot see that ids are in reach.
        // qmllint disable unqualified
        sourceComponent: Tooltip {
            parent: root
            x: root.width + 8
            y: Math.round((root.height - implicitHeight) / 2)
            text: root.text
            keys: "Ctrl+Shift+J"
            visible: true
        }
        // qmllint enable unqualified
    }
}

pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Sotto.Theme

// The legend of a StackBar: swatch, name, value. segments: [{name, text, color}].
GridLayout {
    id: root

    property var segments: []

    columns: 2
    columnSpacing: 16
    rowSpacing: 4

    Repeater {
        model: root.segments
        delegate: RowLayout {
            id: entry
            required property var modelData
            Layout.fillWidth: true
            Layout.preferredWidth: 1
            spacing: 7
            Rectangle {
                implicitWidth: 8
                implicitHeight: 8
                radius: Theme.radiusCell
                color: entry.modelData.color
                // The free part has nearly the colour of the surface; its frame keeps it visible.
                border.width: color === Theme.free || color === Theme.kvFree ? 1 : 0
                border.color: Theme.line2
            }
            Label {
                Layout.fillWidth: true
                role: Theme.caption
                color: Theme.t2
                elide: Text.ElideRight
                text: entry.modelData.name
            }
            Label {
                role: Theme.caption
                text: entry.modelData.text
            }
        }
    }
}

import QtQuick
import Sotto.Theme

// A format or a state, 20 px high. Formats ("Q4_K_M") are set in the mono family: isFormat.
Rectangle {
    id: root

    enum Kind {
        Plain,
        Loaded,
        Limit,
        Difference,
        Warning,
        Failed
    }

    property int kind: Badge.Plain
    property bool isFormat: true
    property string text
    property string iconName

    readonly property color foreground: [Theme.t2, Theme.measured, Theme.limit, Theme.diff, Theme.warn, Theme.err][kind]

    implicitHeight: 20
    implicitWidth: row.implicitWidth + 12
    radius: Theme.radiusBadge
    color: [Theme.bg4, Theme.measuredDim, Theme.limitDim, Theme.diffDim, Theme.warnDim, Theme.errDim][kind]
    Accessible.role: Accessible.StaticText
    Accessible.name: text

    Row {
        id: row
        anchors.centerIn: parent
        spacing: 4
        Icon {
            anchors.verticalCenter: parent.verticalCenter
            visible: root.iconName.length > 0
            name: root.iconName
            size: 11
            stroke: 2
            color: root.foreground
        }
        Label {
            role: root.isFormat ? Theme.badgeCode : Theme.microMedium
            color: root.foreground
            text: root.text
        }
    }
}

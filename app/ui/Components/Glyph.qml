import QtQuick
import Sotto.Theme

// An icon on a square of its colour, 32 px: the head of a card or dialog that says how something stands.
Rectangle {
    id: root

    enum Kind {
        Plain,
        Good,
        Warning,
        Failed
    }

    property int kind: Glyph.Plain
    property string iconName

    implicitWidth: 32
    implicitHeight: 32
    radius: Theme.radiusControl
    color: [Theme.bg4, Theme.measuredDim, Theme.warnDim, Theme.errDim][kind]

    Icon {
        anchors.centerIn: parent
        name: root.iconName
        size: 18
        color: [Theme.t2, Theme.measured, Theme.warn, Theme.err][root.kind]
    }
}

import QtQuick

// Lays over a number and opens its provenance on hover or focus: what was counted, over what time,
// against which limit.
Item {
    id: root

    property string title
    property string text
    property bool isFocusable: true

    anchors.fill: parent
    activeFocusOnTab: isFocusable
    Accessible.role: Accessible.StaticText
    Accessible.name: title
    Accessible.description: text

    HoverHandler {
        id: hover
    }
    FocusRing {
        anchors.margins: -2
        isInside: true
        radius: 4
        visible: root.activeFocus
    }
    Loader {
        active: root.text.length > 0 && (hover.hovered || root.activeFocus)
        // A Loader cannot make bound components in 6.4, so the linter cannot see that ids are in reach.
        // qmllint disable unqualified
        sourceComponent: Tooltip {
            parent: root
            title: root.title
            text: root.text
            visible: true
        }
        // qmllint enable unqualified
    }
}

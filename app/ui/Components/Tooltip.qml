import QtQuick
import QtQuick.Templates as T
import Sotto.Theme

// Explains a control or a number. `title` is the strong first line, `keys` the control's shortcut.
T.ToolTip {
    id: root

    property string title
    property string keys
    property int maxWidth: 360

    x: parent ? Math.round((parent.width - implicitWidth) / 2) : 0
    y: parent ? parent.height + 6 : 0
    implicitWidth: contentItem.implicitWidth + leftPadding + rightPadding
    implicitHeight: contentItem.implicitHeight + topPadding + bottomPadding
    leftPadding: 10
    rightPadding: 10
    topPadding: title.length > 0 ? 8 : 6
    bottomPadding: topPadding
    margins: 8
    delay: 500
    closePolicy: T.Popup.CloseOnEscape | T.Popup.CloseOnPressOutsideParent | T.Popup.CloseOnReleaseOutsideParent

    contentItem: Item {
        implicitWidth: Math.min(root.maxWidth, Math.max(titleLabel.implicitWidth, textRow.implicitWidth))
        implicitHeight: textRow.y + textRow.height

        Label {
            id: titleLabel
            visible: text.length > 0
            role: Theme.label
            font.weight: Font.DemiBold
            text: root.title
        }
        Row {
            id: textRow
            y: root.title.length > 0 ? titleLabel.height : 0
            spacing: 8
            Label {
                width: Math.min(implicitWidth, root.maxWidth)
                wrapMode: Text.Wrap
                role: Theme.caption
                color: root.title.length > 0 ? Theme.t2 : Theme.t1
                text: root.text
            }
            Label {
                visible: text.length > 0
                role: Theme.caption
                color: Theme.t2
                text: root.keys
            }
        }
    }

    background: Rectangle {
        radius: Theme.radiusControl
        color: Theme.bg5
    }

    enter: Transition {
        NumberAnimation {
            property: "opacity"
            from: 0
            to: 1
            duration: Theme.hoverTime
            easing.type: Easing.OutCubic
        }
    }
}

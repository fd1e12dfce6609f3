import QtQuick
import QtQuick.Templates as T
import Sotto.Theme

// A button with a verb, 32 px high, or 28 when isSmall. Its name for screen readers is its text.
T.Button {
    id: root

    enum Kind {
        Standard,
        Primary,
        Quiet,
        Danger,
        QuietDanger
    }

    property int kind: Button.Standard
    property bool isSmall: false
    property string iconName
    property string keys // a shortcut drawn after the text, "Ctrl N"
    property color textColor: textColorFor(kind)

    readonly property bool hasFrame: kind === Button.Standard || kind === Button.Danger
    readonly property bool isDanger: kind === Button.Danger || kind === Button.QuietDanger

    function textColorFor(buttonKind: int): color {
        if (buttonKind === Button.Primary)
            return Theme.textOnMeasured;
        if (buttonKind === Button.Quiet)
            return Theme.t2;
        return root.isDanger ? Theme.err : Theme.t1;
    }

    implicitHeight: isSmall ? 28 : 32
    implicitWidth: row.implicitWidth + leftPadding + rightPadding
    leftPadding: isSmall ? 10 : 12
    rightPadding: leftPadding
    topPadding: 0
    bottomPadding: 0
    focusPolicy: Qt.TabFocus
    hoverEnabled: true
    Accessible.name: text
    Accessible.role: Accessible.Button
    Keys.onReturnPressed: root.clicked()
    Keys.onEnterPressed: root.clicked()

    contentItem: Item {
        implicitWidth: row.implicitWidth
        Row {
            id: row
            anchors.centerIn: parent
            spacing: root.isSmall ? 6 : 8
            Icon {
                anchors.verticalCenter: parent.verticalCenter
                visible: root.iconName.length > 0
                name: root.iconName
                size: 15
                color: label.color
            }
            Label {
                id: label
                anchors.verticalCenter: parent.verticalCenter
                visible: root.text.length > 0
                role: root.isSmall ? Theme.label : Theme.bodyMedium
                font.weight: root.kind === Button.Primary ? Font.DemiBold : Font.Medium
                color: root.enabled ? root.textColor : Theme.t4
                text: root.text
            }
            KeyHint {
                anchors.verticalCenter: parent.verticalCenter
                visible: root.keys.length > 0
                text: root.keys
            }
        }
    }

    background: Rectangle {
        radius: Theme.radiusControl
        color: {
            if (root.kind === Button.Primary) {
                if (!root.enabled)
                    return Theme.bg4;
                return root.down ? Theme.measuredPress : root.hovered ? Theme.measuredHover : Theme.measured;
            }
            if (!root.enabled)
                return "transparent";
            if (root.isDanger)
                return root.down || root.hovered ? Theme.errDim : "transparent";
            return root.down ? Theme.bg5 : root.hovered ? Theme.bg4 : "transparent";
        }
        border.width: root.hasFrame ? 1 : 0
        border.color: !root.enabled ? Theme.line : root.isDanger && root.down ? Theme.err : Theme.line2

        Behavior on color  {
            ColorAnimation {
                duration: root.down ? Theme.pressTime : Theme.hoverTime
            }
        }
        FocusRing {
            visible: root.visualFocus
        }
    }
}

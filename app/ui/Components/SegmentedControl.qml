pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Sotto.Theme

// One of a few values that are all visible. model: [{text, value, iconName?, isOff?}]. One tab stop; the arrow
// keys move, past what is off. `name` is what it sets.
Rectangle {
    id: root

    property string name
    property var model: []
    property var currentValue
    property bool isSmall: false

    signal activated(var value)

    function step(offset: int): void {
        const values = model.filter(entry => entry.isOff !== true).map(entry => entry.value);
        const next = values.indexOf(currentValue) + offset;
        if (next >= 0 && next < values.length)
            activated(values[next]);
    }

    implicitHeight: isSmall ? 28 : 32
    implicitWidth: row.implicitWidth + 6
    radius: Theme.radiusControl
    color: Theme.bg1
    border.color: Theme.line
    activeFocusOnTab: true
    Accessible.role: Accessible.PageTabList
    Accessible.name: name
    Keys.onLeftPressed: step(-1)
    Keys.onRightPressed: step(1)

    Row {
        id: row
        x: 3
        y: 3
        Repeater {
            model: root.model
            delegate: T.AbstractButton {
                id: segment
                required property var modelData
                readonly property bool isOn: modelData.value === root.currentValue

                text: modelData.text
                enabled: modelData.isOff !== true
                height: root.height - 6
                implicitWidth: content.implicitWidth + 24
                focusPolicy: Qt.NoFocus
                hoverEnabled: true
                Accessible.role: Accessible.RadioButton
                Accessible.name: text
                Accessible.checked: isOn
                Accessible.onPressAction: root.activated(modelData.value)
                onClicked: root.activated(modelData.value)

                contentItem: Item {
                    Row {
                        id: content
                        anchors.centerIn: parent
                        spacing: 6
                        Icon {
                            anchors.verticalCenter: parent.verticalCenter
                            visible: name.length > 0
                            name: segment.modelData.iconName ?? ""
                            size: 13
                            color: segmentLabel.color
                        }
                        Label {
                            id: segmentLabel
                            role: Theme.label
                            color: !segment.enabled ? Theme.t4 : segment.isOn || segment.hovered ? Theme.t1 : Theme.t2
                            text: segment.text
                        }
                    }
                }
                background: Rectangle {
                    radius: 6
                    color: !segment.isOn ? "transparent" : Theme.isDark ? Theme.bg5 : Theme.bg3
                    border.width: segment.isOn && !Theme.isDark ? 1 : 0
                    border.color: Theme.line2
                }
            }
        }
    }
    FocusRing {
        visible: root.activeFocus
    }
}

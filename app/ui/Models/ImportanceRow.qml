import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Sotto.Components
import Sotto.Theme

// A published importance matrix: in whose repository, which file, how large and how often fetched. A click chooses it.
T.ItemDelegate {
    id: root

    required property int index
    required property var modelData
    property bool isChosen: false
    property bool hasRing: false // the keyboard is here

    implicitHeight: 52
    hoverEnabled: true
    focusPolicy: Qt.NoFocus
    checked: isChosen
    Accessible.role: Accessible.RadioButton
    Accessible.name: modelData.spoken
    Accessible.checked: isChosen

    contentItem: Item {
        Rectangle {
            x: 12
            anchors.verticalCenter: parent.verticalCenter
            width: 16
            height: 16
            radius: 8
            color: "transparent"
            border.width: 1.5
            border.color: root.isChosen ? Theme.measured : root.hovered ? Theme.t1 : Theme.t3
            Rectangle {
                anchors.centerIn: parent
                width: 8
                height: 8
                radius: 4
                visible: root.isChosen
                color: Theme.measured
            }
        }
        ColumnLayout {
            x: 40
            anchors.verticalCenter: parent.verticalCenter
            width: parent.width - 52
            spacing: 2
            RowLayout {
                Layout.fillWidth: true
                spacing: 8
                Label {
                    Layout.fillWidth: true
                    Layout.maximumWidth: implicitWidth + 1
                    role: Theme.bodyMedium
                    elide: Text.ElideMiddle
                    text: root.modelData.repository
                    Accessible.ignored: true
                }
                Badge {
                    visible: root.modelData.isGated
                    kind: Badge.Warning
                    isFormat: false
                    iconName: "lock"
                    text: qsTr("Gated")
                    Accessible.ignored: true
                }
                Item {
                    Layout.fillWidth: true
                }
                Label {
                    role: Theme.caption
                    color: Theme.t3
                    text: root.modelData.downloads
                    Accessible.ignored: true
                }
            }
            RowLayout {
                Layout.fillWidth: true
                spacing: 8
                Label {
                    Layout.fillWidth: true
                    role: Theme.codeSmall
                    color: Theme.t2
                    elide: Text.ElideMiddle
                    text: root.modelData.file
                    Accessible.ignored: true
                }
                Label {
                    role: Theme.caption
                    color: Theme.t2
                    text: root.modelData.size
                    Accessible.ignored: true
                }
            }
        }
    }
    background: Rectangle {
        radius: Theme.radiusControl
        color: root.isChosen ? Theme.measuredDim : root.hovered ? Theme.bg4 : "transparent"
        FocusRing {
            isInside: true
            visible: root.hasRing
        }
    }
}

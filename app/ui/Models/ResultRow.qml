import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// One model on a hub: whose, how large, under which licence, whether it runs here; its files below it while
// it is open.
Item {
    id: root

    required property string repository
    required property string owner
    required property string name
    required property string parameters
    required property string architecture
    required property string runProblem
    required property int contextTokens
    required property string licence
    required property bool isGated
    required property string updated
    required property string downloads
    required property bool isOpen
    required property HubFilesModel files
    required property string spokenText
    required property ModelController models
    property bool hasRing: false // the keyboard is here

    readonly property bool isWide: width >= 620

    signal toggled

    implicitHeight: head.height + (isOpen ? list.implicitHeight + 10 : 0) + 1
    Accessible.role: Accessible.ListItem
    Accessible.name: spokenText
    Accessible.onPressAction: root.toggled()

    Item {
        id: head
        width: parent.width
        height: 62

        Rectangle {
            anchors.fill: parent
            anchors.leftMargin: 8
            anchors.rightMargin: 8
            anchors.topMargin: 2
            anchors.bottomMargin: 2
            radius: Theme.radiusControl
            color: hover.hovered ? Theme.bg4 : "transparent"
            FocusRing {
                isInside: true
                visible: root.hasRing
            }
        }
        HoverHandler {
            id: hover
        }
        TapHandler {
            onTapped: root.toggled()
        }
        Icon {
            x: 20
            y: 14
            name: root.isOpen ? "chevron-down" : "chevron-right"
            size: 16
        }
        RowLayout {
            x: 44
            y: 10
            width: parent.width - 64
            height: 22
            spacing: 8
            Label {
                visible: root.isWide
                color: Theme.t2
                text: qsTr("%1 /").arg(root.owner)
                Accessible.ignored: true
            }
            Label {
                Layout.fillWidth: true
                Layout.leftMargin: root.isWide ? -4 : 0
                role: Theme.h3
                elide: Text.ElideRight
                text: root.name
                Accessible.ignored: true
            }
            Label {
                visible: text.length > 0
                role: Theme.caption
                color: Theme.t3
                text: root.parameters
                Accessible.ignored: true
            }
            Label {
                role: Theme.caption
                color: Theme.t3
                text: qsTr("%1 downloads").arg(root.downloads)
                Accessible.ignored: true
            }
            Badge {
                visible: root.isGated
                kind: Badge.Warning
                isFormat: false
                iconName: "lock"
                text: qsTr("Gated")
                Accessible.ignored: true
            }
            Badge {
                visible: text.length > 0
                isFormat: false
                text: root.licence
                Accessible.ignored: true
            }
        }
        Row {
            x: 44
            y: 34
            spacing: 12
            Label {
                visible: root.architecture.length > 0
                role: Theme.caption
                color: root.runProblem.length > 0 ? Theme.warn : Theme.measured
                text: root.runProblem.length > 0 ? root.runProblem : qsTr("architecture supported")
                Accessible.ignored: true
            }
            Label {
                visible: root.contextTokens > 0
                role: Theme.caption
                color: Theme.t3
                text: qsTr("%1 tokens of context").arg(Theme.format.count(root.contextTokens))
                Accessible.ignored: true
            }
            Label {
                visible: root.isWide && root.updated.length > 0
                role: Theme.caption
                color: Theme.t3
                text: qsTr("changed on %1").arg(root.updated)
                Accessible.ignored: true
            }
        }
    }
    Loader {
        id: list
        y: head.height
        width: parent.width
        active: root.files !== null
        // A Loader cannot make bound components in 6.4, so the linter cannot see that ids are in reach.
        // qmllint disable unqualified
        sourceComponent: ResultFiles {
            files: root.files
            models: root.models
        }
        // qmllint enable unqualified
    }
    Divider {
        y: parent.height - 1
        width: parent.width
    }
}

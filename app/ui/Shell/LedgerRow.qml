import QtQuick
import QtQuick.Layouts
import Sotto.Components
import Sotto.Theme

// One connection of the ledger: when, to whom, why; bytes both ways; how it ended.
Item {
    id: root

    required property date time
    required property string host
    required property string purpose
    required property double sentBytes
    required property double receivedBytes
    required property string result
    required property string problem
    required property bool isFailed
    required property bool isCounted // what it moved is known

    readonly property string bytesText: !isCounted ? qsTr("not counted") : qsTr("%1 sent, %2 received").arg(Theme.format.sizeSum(sentBytes)).arg(Theme.format.sizeSum(receivedBytes))

    implicitHeight: 32
    Accessible.role: Accessible.ListItem
    Accessible.name: `${when.text}, ${host}, ${purpose}, ${bytesText}, ${result}`
    Accessible.description: problem

    RowLayout {
        anchors.fill: parent
        anchors.rightMargin: 12
        spacing: 12
        Label {
            id: when
            Layout.preferredWidth: 84
            role: Theme.caption
            color: Theme.t3
            text: Theme.format.moment(root.time)
        }
        Label {
            Layout.fillWidth: true
            Layout.preferredWidth: 3
            role: Theme.codeSmall
            elide: Text.ElideMiddle
            text: root.host
        }
        Label {
            Layout.fillWidth: true
            Layout.preferredWidth: 2
            role: Theme.caption
            color: Theme.t2
            elide: Text.ElideRight
            text: root.purpose
        }
        Label {
            Layout.preferredWidth: 208
            role: Theme.caption
            color: Theme.t2
            elide: Text.ElideRight
            text: root.bytesText
        }
        Label {
            Layout.preferredWidth: 148
            role: Theme.caption
            color: root.isFailed ? Theme.warn : Theme.t3
            elide: Text.ElideRight
            text: root.result
            HoverTip {
                isFocusable: false
                text: root.problem
            }
        }
    }
}

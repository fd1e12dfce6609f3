import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// How far the new file is, or that it is there.
Card {
    id: root

    required property QuantizeController quantize
    readonly property bool isMade: quantize.state === QuantizeController.Made

    objectName: "quantizeProgress"
    implicitHeight: column.implicitHeight + 28
    Accessible.role: Accessible.Grouping
    Accessible.name: root.isMade ? root.quantize.madeText : root.quantize.progressText

    ColumnLayout {
        id: column
        x: 20
        y: 14
        width: parent.width - 40
        spacing: 10

        RowLayout {
            Layout.fillWidth: true
            spacing: 10
            Icon {
                visible: root.isMade
                name: "check"
                size: 16
                stroke: 2
                color: Theme.measured
            }
            Label {
                Layout.fillWidth: true
                role: Theme.bodyMedium
                elide: Text.ElideRight
                text: root.isMade ? root.quantize.madeText : qsTr("%1 becomes %2").arg(root.quantize.name).arg(root.quantize.type)
            }
            Label {
                visible: !root.isMade
                role: Theme.caption
                color: Theme.t3
                text: root.quantize.paceText
            }
        }
        Meter {
            Layout.fillWidth: true
            visible: !root.isMade
            hasLimit: false
            value: root.quantize.share
            name: root.quantize.progressText
        }
        Label {
            objectName: "quantizeProgressText"
            Layout.fillWidth: true
            visible: !root.isMade
            role: Theme.caption
            color: Theme.t2
            text: root.quantize.progressText
        }
        Label {
            objectName: "quantizeMadeNote"
            Layout.fillWidth: true
            visible: root.isMade && text.length > 0
            role: Theme.caption
            color: Theme.t2
            wrapMode: Text.Wrap
            text: root.quantize.madeNote
        }
        Label {
            Layout.fillWidth: true
            role: Theme.caption
            color: Theme.t3
            elide: Text.ElideMiddle
            text: root.quantize.targetPath
        }
    }
}

import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// In the place of the composer while a chat from the bin is read: when it was deleted, how long it stays,
// and the two ways out.
Rectangle {
    id: root

    required property BinModel bin

    signal deleteRequested

    function focusText(): void {
        restore.forceActiveFocus(Qt.OtherFocusReason);
    }
    function sentence(): string {
        const deleted = qsTr("Deleted %1.").arg(Theme.format.dayAndTime(bin.shownDeletedAt));
        const gone = isNaN(bin.shownGoneAt) ? qsTr("It stays until you delete it for good.") : qsTr("Gone for good on %1.").arg(Theme.format.day(bin.shownGoneAt));
        return qsTr("%1 %2").arg(deleted).arg(gone);
    }
    function detail(): string {
        const size = qsTr("%n message(s), %1.", "", bin.shownMessages).arg(Theme.format.fileSize(bin.shownBytes));
        const back = bin.shownFolder.length > 0 ? qsTr("Restoring puts it back into “%1”.").arg(bin.shownFolder) : qsTr("Restoring puts it back into the list.");
        return qsTr("%1 %2").arg(size).arg(back);
    }

    implicitHeight: row.implicitHeight + 28
    radius: Theme.radiusDialog
    color: Theme.bg3
    border.color: Theme.line2
    Accessible.role: Accessible.Grouping
    Accessible.name: what.text

    RowLayout {
        id: row
        x: 18
        width: parent.width - 32
        anchors.verticalCenter: parent.verticalCenter
        spacing: 12
        Icon {
            name: "trash-2"
        }
        ColumnLayout {
            Layout.fillWidth: true
            spacing: 1
            Label {
                id: what
                objectName: "binSentence"
                Layout.fillWidth: true
                wrapMode: Text.Wrap
                text: root.sentence()
            }
            Label {
                Layout.fillWidth: true
                role: Theme.caption
                color: Theme.t3
                wrapMode: Text.Wrap
                text: root.detail()
            }
        }
        Button {
            objectName: "deleteShown"
            kind: Button.Danger
            text: qsTr("Delete for good")
            onClicked: root.deleteRequested()
        }
        Button {
            id: restore
            objectName: "restoreShown"
            kind: Button.Primary
            iconName: "undo-2"
            text: qsTr("Restore")
            onClicked: root.bin.restore(root.bin.shownChatId)
        }
    }
}

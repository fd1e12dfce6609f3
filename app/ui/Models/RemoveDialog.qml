import QtQuick
import Sotto.App
import Sotto.Components
import Sotto.Theme

// Asks before what came of a download goes: it may have taken hours.
Dialog {
    id: root

    required property DownloadListModel downloads
    property double downloadId: 0
    property string name
    property string keptText // "9.80 GB"
    property bool isDamaged: false // it is set aside, and not the beginning of a model

    function askFor(row: DownloadRow): void {
        downloadId = row.downloadId;
        name = row.title;
        keptText = row.keptText;
        isDamaged = row.canBeginAnew;
        open();
        // Enter must not delete by accident.
        keep.forceActiveFocus(Qt.TabFocusReason);
    }

    objectName: "removeDialog"
    title: qsTr("Remove “%1” from the downloads?").arg(name)

    Label {
        width: parent ? parent.width : 0
        color: Theme.t2
        wrapMode: Text.Wrap
        objectName: "removeText"
        text: (root.isDamaged ? qsTr("The damaged file is deleted: %1 become free.") : qsTr("%1 that came so far are deleted.")).arg(root.keptText)
    }
    buttons: [
        Button {
            id: keep
            text: qsTr("Keep")
            onClicked: root.reject()
        },
        Button {
            objectName: "removeForGood"
            kind: Button.Danger
            text: qsTr("Remove, %1").arg(root.keptText)
            onClicked: root.accept()
        }
    ]
    onAccepted: downloads.remove(downloadId)
}

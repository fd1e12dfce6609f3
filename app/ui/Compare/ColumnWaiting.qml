import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// A column before its first word: it waits, loads its model or reads the question.
ColumnLayout {
    id: root

    required property int columnState
    required property double progress

    spacing: 12

    Spinner {
        Layout.alignment: Qt.AlignHCenter
        visible: root.columnState !== CompareColumnModel.Waiting
    }
    Label {
        Layout.fillWidth: true
        horizontalAlignment: Text.AlignHCenter
        color: Theme.t2
        wrapMode: Text.Wrap
        text: {
            if (root.columnState === CompareColumnModel.Waiting)
                return qsTr("Columns take turns: this one begins when the one before is done.");
            const share = Theme.format.percent(root.progress);
            return root.columnState === CompareColumnModel.Loading ? qsTr("Loads, %1").arg(share) : qsTr("Reads the question, %1").arg(share);
        }
    }
}

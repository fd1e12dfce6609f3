import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// Why chats cannot be kept on the disk now; stays until they can. The one place that says so.
Rectangle {
    id: root

    required property HealthController health
    readonly property string text: health.text
    property bool isToldElsewhere: false // in front of it; its room stays

    visible: text.length > 0 && !isToldElsewhere
    height: text.length > 0 ? Math.max(40, row.implicitHeight + 12) : 0
    color: Theme.warnDim
    Accessible.role: Accessible.AlertMessage
    Accessible.name: text

    RowLayout {
        id: row
        x: 24
        width: parent.width - 2 * x
        anchors.verticalCenter: parent.verticalCenter
        spacing: 12
        Icon {
            name: root.health.canDismiss ? "triangle-alert" : "hard-drive"
            size: 16
            color: Theme.warn
        }
        Label {
            Layout.fillWidth: true
            wrapMode: Text.Wrap
            text: root.text
        }
        Button {
            objectName: "tryStorageAgain"
            visible: root.health.canTryAgain
            enabled: !root.health.isTrying
            isSmall: true
            text: qsTr("Try again")
            onClicked: root.health.tryAgain()
        }
        Button {
            visible: root.health.canDismiss
            isSmall: true
            text: qsTr("Close")
            onClicked: root.health.dismiss()
        }
    }
}

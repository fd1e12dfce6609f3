import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// What leaves this computer: nothing, and how much that is in bytes.
SettingGroup {
    id: root

    required property AppFacade app

    title: qsTr("Privacy")

    RowLayout {
        Layout.fillWidth: true
        Layout.topMargin: 12
        Layout.bottomMargin: 12
        spacing: 12
        Icon {
            Layout.alignment: Qt.AlignTop
            Layout.topMargin: 2
            name: "shield-check"
            size: 18
            color: Theme.measured
        }
        ColumnLayout {
            Layout.fillWidth: true
            spacing: 1
            Label {
                Layout.fillWidth: true
                wrapMode: Text.Wrap
                text: qsTr("Sotto has no telemetry.")
            }
            Label {
                Layout.fillWidth: true
                role: Theme.caption
                color: Theme.t3
                wrapMode: Text.Wrap
                text: qsTr("No account, no usage data, no crash reports. This version opens no network connection.")
            }
            Label {
                Layout.fillWidth: true
                role: Theme.caption
                wrapMode: Text.Wrap
                text: qsTr("%1 bytes sent since start.").arg(Theme.format.count(root.app.bytesSent)) // qmllint disable type
            }
        }
    }
}

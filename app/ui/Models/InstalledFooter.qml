import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// How the disk is used that models lie on, and what became of the last check or removal.
Item {
    id: root

    required property AppFacade app

    signal duplicatesRequested

    readonly property double total: app.installed.totalBytes
    readonly property double free: app.installed.freeBytes
    readonly property double partial: app.installed.partialBytes
    readonly property double models: Math.min(app.models.list.bytes, Math.max(0, total - free - partial))
    readonly property double other: Math.max(0, total - free - partial - models)

    implicitHeight: column.implicitHeight + 28

    Divider {
        width: parent.width
    }
    ColumnLayout {
        id: column
        x: 20
        y: 14
        width: parent.width - 40
        spacing: 8

        Notice {
            Layout.fillWidth: true
            visible: root.app.installed.notice.length > 0
            iconName: root.app.installed.isNoticeProblem ? "triangle-alert" : "info"
            iconColor: root.app.installed.isNoticeProblem ? Theme.warn : Theme.t3
            text: root.app.installed.notice
            IconButton {
                iconName: "x"
                text: qsTr("Close")
                onClicked: root.app.installed.dismissNotice()
            }
        }
        Notice {
            objectName: "quantizedNotice"
            Layout.fillWidth: true
            visible: root.app.quantize.madeText.length > 0
            iconName: "layers"
            iconColor: Theme.measured
            text: root.app.quantize.madeText
            Button {
                objectName: "loadQuantized"
                isSmall: true
                text: qsTr("Load")
                onClicked: root.app.quantize.loadMade()
            }
            IconButton {
                iconName: "x"
                text: qsTr("Close")
                onClicked: root.app.quantize.dismissMade()
            }
        }
        RowLayout {
            visible: root.total > 0
            Label {
                Layout.fillWidth: true
                role: Theme.label
                color: Theme.t2
                text: qsTr("Disk space")
            }
            Label {
                role: Theme.caption
                text: qsTr("%1 free of %2").arg(Theme.format.fileSize(root.free)).arg(Theme.format.fileSize(root.total))
            }
        }
        StackBar {
            Layout.fillWidth: true
            visible: root.total > 0
            implicitHeight: 8
            name: qsTr("Disk space, models %1, unfinished downloads %2, other files %3, free %4").arg(Theme.format.fileSize(root.models)).arg(Theme.format.fileSize(root.partial)).arg(Theme.format.fileSize(root.other)).arg(Theme.format.fileSize(root.free))
            total: root.total
            segments: [{
                    "name": qsTr("Models"),
                    "value": root.models,
                    "color": Theme.measured
                }, {
                    "name": qsTr("Partial"),
                    "value": root.partial,
                    "color": Theme.kvShared
                }, {
                    "name": qsTr("Other"),
                    "value": root.other,
                    "color": Theme.otherApps
                }]
        }
        StackLegend {
            Layout.fillWidth: true
            visible: root.total > 0
            segments: [{
                    "name": qsTr("Models"),
                    "text": Theme.format.fileSize(root.models),
                    "color": Theme.measured
                }, {
                    "name": qsTr("Partial"),
                    "text": Theme.format.fileSize(root.partial),
                    "color": Theme.kvShared
                }, {
                    "name": qsTr("Other"),
                    "text": Theme.format.fileSize(root.other),
                    "color": Theme.otherApps
                }]
        }
        Button {
            objectName: "findDuplicates"
            Layout.leftMargin: -10
            visible: root.app.models.list.hasOwn
            isSmall: true
            kind: Button.Quiet
            iconName: "copy"
            text: qsTr("Find duplicates")
            onClicked: root.duplicatesRequested()
        }
    }
}

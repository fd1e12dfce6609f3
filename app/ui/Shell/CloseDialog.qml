pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components
import Sotto.Theme

// Asks before the window closes over text that is not on the disk, or over a job that cannot go on.
T.Dialog {
    id: root

    required property CloseGuard guard
    readonly property bool isText: guard.unsavedBytes > 0
    readonly property bool isWaiting: guard.state === CloseGuard.Waiting
    readonly property string size: Theme.format.fileSize(guard.unsavedBytes)

    parent: T.Overlay.overlay
    anchors.centerIn: parent
    width: Math.min(640, parent ? parent.width - 48 : 640)
    implicitHeight: contentItem.implicitHeight + 2 * padding
    padding: 24
    modal: true
    focus: true
    closePolicy: T.Popup.CloseOnEscape
    title: isText ? qsTr("%1 of text are not on disk").arg(size) : isWaiting ? qsTr("Sotto is still writing") : qsTr("A job ends with Sotto")
    onOpened: (first.visible ? first : stay).forceActiveFocus(Qt.TabFocusReason)
    onRejected: guard.stay()

    Connections {
        target: root.guard
        // While it is tried again the question stays.
        function onChanged(): void {
            if (root.guard.state === CloseGuard.Asking || root.isWaiting)
                root.open();
            else if (root.guard.state !== CloseGuard.Trying)
                root.close();
        }
    }
    contentItem: ColumnLayout {
        spacing: 0
        Accessible.role: Accessible.AlertMessage
        Accessible.name: root.title
        Accessible.description: reason.text

        RowLayout {
            Layout.fillWidth: true
            spacing: 12
            Glyph {
                Layout.alignment: Qt.AlignTop
                iconName: root.isText ? "hard-drive" : "triangle-alert"
                kind: Glyph.Warning
            }
            ColumnLayout {
                Layout.fillWidth: true
                spacing: 4
                Label {
                    objectName: "closeTitle"
                    Layout.fillWidth: true
                    role: Theme.h2
                    wrapMode: Text.Wrap
                    text: root.title
                }
                Label {
                    id: reason
                    Layout.fillWidth: true
                    color: Theme.t2
                    wrapMode: Text.Wrap
                    text: root.isText || root.isWaiting ? root.guard.reason : qsTr("It cannot go on at the next start.")
                }
            }
        }
        RowLayout {
            Layout.fillWidth: true
            Layout.topMargin: 18
            visible: root.isText
            Label {
                Layout.fillWidth: true
                role: Theme.label
                color: Theme.t2
                text: qsTr("Your chats on disk")
            }
            Label {
                readonly property string stored: Theme.format.sizeSum(root.guard.storedBytes)
                readonly property string waiting: qsTr("%1 waiting").arg(root.size)
                role: Theme.caption
                textFormat: Text.StyledText
                text: qsTr("%1, %2").arg(stored).arg("<font color='" + Theme.warn + "'>" + waiting + "</font>")
                Accessible.name: qsTr("%1, %2").arg(stored).arg(waiting)
            }
        }
        StackBar {
            Layout.fillWidth: true
            Layout.topMargin: 6
            visible: root.isText
            Layout.preferredHeight: 8
            name: qsTr("Your chats on disk")
            total: root.guard.storedBytes + root.guard.unsavedBytes
            segments: [{
                    "name": qsTr("Your chats on disk"),
                    "value": root.guard.storedBytes,
                    "text": Theme.format.sizeSum(root.guard.storedBytes),
                    "color": Theme.measured
                }, {
                    "name": qsTr("Waiting"),
                    "value": root.guard.unsavedBytes,
                    "text": root.size,
                    "color": Theme.warn
                }]
        }
        Label {
            Layout.topMargin: 20
            Layout.bottomMargin: 6
            visible: rows.count > 0
            role: Theme.label
            color: Theme.t2
            text: qsTr("Jobs that stop with Sotto")
        }
        Repeater {
            id: rows
            model: root.visible ? root.guard.jobs : []
            delegate: ColumnLayout {
                id: row
                required property var modelData
                Layout.fillWidth: true
                spacing: 0
                Divider {
                    Layout.fillWidth: true
                }
                RowLayout {
                    Layout.fillWidth: true
                    Layout.preferredHeight: 43
                    spacing: 12
                    Label {
                        Layout.fillWidth: true
                        elide: Text.ElideRight
                        text: row.modelData.title
                    }
                    Label {
                        role: Theme.caption
                        color: row.modelData.canGoOn ? Theme.t3 : Theme.warn
                        text: row.modelData.kept.length > 0 ? row.modelData.kept : row.modelData.canGoOn ? qsTr("goes on at the next start") : qsTr("begins anew")
                    }
                }
            }
        }
        RowLayout {
            Layout.fillWidth: true
            Layout.topMargin: 24
            spacing: 8
            Button {
                objectName: "closeAnyway"
                Layout.leftMargin: -12
                kind: Button.QuietDanger
                text: root.isText ? qsTr("Close anyway, lose %1").arg(root.size) : qsTr("Close anyway")
                onClicked: root.guard.closeAnyway()
            }
            Item {
                Layout.fillWidth: true
            }
            Button {
                objectName: "copyUnsaved"
                visible: root.isText
                text: qsTr("Copy the text")
                onClicked: root.guard.copyText()
            }
            Button {
                id: stay
                objectName: "stayOpen"
                visible: !first.visible
                kind: Button.Primary
                text: qsTr("Stay")
                onClicked: root.reject()
            }
            Button {
                id: first
                objectName: "tryCloseAgain"
                visible: root.guard.canTryAgain && !root.isWaiting
                kind: Button.Primary
                enabled: root.guard.state === CloseGuard.Asking
                text: qsTr("Try again")
                onClicked: root.guard.tryAgain()
            }
        }
    }
    background: Rectangle {
        radius: Theme.radiusDialog
        color: Theme.bg2
        border.color: Theme.line2
        Shadow {
            z: -1
            isDialog: true
        }
    }
    T.Overlay.modal: Rectangle {
        color: Theme.scrim
    }
}

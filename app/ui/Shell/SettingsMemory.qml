pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// The prefix cache on the disk: how large it is and may be, what was written, and what each chat has in it.
SettingGroup {
    id: root

    required property PrefixController prefixes
    // Figures are read while somebody looks at them.
    property bool isShown: visible

    readonly property bool isKeeping: prefixes.isUsable && prefixes.isOn

    function ofLimit(value: real, limit: real): string {
        return qsTr("%1 of %2").arg(Theme.format.fileSize(value)).arg(Theme.format.fileSize(limit));
    }

    title: qsTr("Memory")

    onIsShownChanged: prefixes.isWatched = isShown
    Component.onCompleted: prefixes.isWatched = isShown
    Component.onDestruction: {
        if (prefixes)
            prefixes.isWatched = false;
    }

    SettingRow {
        isFirst: true
        title: qsTr("Keep what was read on this disk")
        detail: root.prefixes.problemText.length > 0 ? root.prefixes.problemText : root.prefixes.isUsable ? qsTr("A long chat goes on at once, also after a restart. It stays on this computer. Never written for temporary chats.") : qsTr("Chats are in memory only now, so nothing is kept of them.")
        Switch {
            objectName: "keepsPrefixes"
            anchors.verticalCenter: parent ? parent.verticalCenter : undefined
            enabled: root.prefixes.isUsable
            checked: root.prefixes.isOn
            text: qsTr("Keep what was read on this disk")
            onToggled: root.prefixes.isOn = checked
        }
    }
    ColumnLayout {
        Layout.fillWidth: true
        visible: root.isKeeping
        spacing: 6
        Divider {
            Layout.fillWidth: true
        }
        RowLayout {
            Layout.fillWidth: true
            Layout.topMargin: 8
            Label {
                Layout.fillWidth: true
                text: qsTr("On disk")
            }
            Label {
                objectName: "prefixBytes"
                color: Theme.t2
                text: root.ofLimit(root.prefixes.bytes, root.prefixes.maxBytes)
            }
        }
        Meter {
            Layout.fillWidth: true
            Layout.bottomMargin: 8
            name: qsTr("Prefix cache on disk: %1").arg(root.ofLimit(root.prefixes.bytes, root.prefixes.maxBytes))
            value: root.prefixes.maxBytes > 0 ? root.prefixes.bytes / root.prefixes.maxBytes : 0
        }
    }
    SettingRow {
        visible: root.isKeeping
        title: qsTr("At most")
        detail: root.prefixes.isDiskSmall ? qsTr("Oldest chats go first. The disk has little room left: a tenth of it is %1.").arg(Theme.format.fileSize(root.prefixes.maxBytes)) : qsTr("Oldest chats go first. Never more than a tenth of the free disk.")
        Select {
            objectName: "prefixMaxGb"
            implicitWidth: 116
            isSmall: true
            name: qsTr("At most")
            model: root.prefixes.maxGbChoices
            chosenValue: root.prefixes.maxGb
            onActivated: root.prefixes.maxGb = currentValue
        }
    }
    ColumnLayout {
        Layout.fillWidth: true
        visible: root.isKeeping
        spacing: 6
        Divider {
            Layout.fillWidth: true
        }
        RowLayout {
            Layout.fillWidth: true
            Layout.topMargin: 8
            Label {
                Layout.fillWidth: true
                text: qsTr("Written to the disk")
            }
            Label {
                color: Theme.t2
                text: qsTr("%1 today, %2 this hour").arg(Theme.format.fileSize(root.prefixes.writtenToday)).arg(root.ofLimit(root.prefixes.writtenInHour, root.prefixes.maxPerHour))
            }
        }
        Meter {
            Layout.fillWidth: true
            Layout.bottomMargin: 10
            thickness: 6
            name: qsTr("Written this hour: %1").arg(root.ofLimit(root.prefixes.writtenInHour, root.prefixes.maxPerHour))
            value: root.prefixes.maxPerHour > 0 ? root.prefixes.writtenInHour / root.prefixes.maxPerHour : 0
        }
    }
    Repeater {
        model: root.isKeeping ? root.prefixes.shares : null
        delegate: ColumnLayout {
            id: share

            required property double chatId
            required property string title
            required property double tokens
            required property double bytes
            required property date usedAt

            Layout.fillWidth: true
            spacing: 0
            Divider {
                Layout.fillWidth: true
            }
            RowLayout {
                Layout.fillWidth: true
                Layout.preferredHeight: 36
                spacing: 12
                Label {
                    Layout.fillWidth: true
                    elide: Text.ElideRight
                    text: share.title.length > 0 ? share.title : qsTr("A chat in the bin")
                }
                Label {
                    role: Theme.caption
                    color: Theme.t2
                    text: Theme.format.tokens(share.tokens)
                }
                Label {
                    Layout.preferredWidth: 64
                    role: Theme.caption
                    horizontalAlignment: Text.AlignRight
                    color: Theme.t2
                    text: Theme.format.fileSize(share.bytes)
                }
                Label {
                    Layout.preferredWidth: 56
                    role: Theme.caption
                    horizontalAlignment: Text.AlignRight
                    color: Theme.t3
                    text: Theme.format.moment(share.usedAt)
                }
                IconButton {
                    iconName: "eraser"
                    text: qsTr("Forget what was read of “%1”. The chat stays.").arg(share.title)
                    onClicked: root.prefixes.forget(share.chatId)
                }
            }
        }
    }
    SettingRow {
        visible: root.isKeeping
        title: qsTr("Forget all")
        detail: qsTr("Chats stay; each is read once more when it goes on. What was kept of a chat goes with it when that is deleted for good.")
        Button {
            objectName: "forgetPrefixes"
            isSmall: true
            kind: Button.QuietDanger
            enabled: root.prefixes.shares.count > 0
            text: qsTr("Forget all")
            onClicked: root.prefixes.forgetAll()
        }
    }
}

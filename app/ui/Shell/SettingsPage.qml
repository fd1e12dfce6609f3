pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Sotto.Components
import Sotto.Theme

// All settings: sections at the left, two columns of cards from 1120 px, one below.
Page {
    id: root

    readonly property bool isNarrow: width < 1120 - 56

    readonly property list<Item> sections: [general, engine, privacy, storage, memory, drafts, chats, about]

    property int currentSection: 0

    function show(section: Item): void {
        const y = section.mapToItem(columns, 0, 0).y;
        flick.contentY = Math.max(0, Math.min(y, flick.contentHeight - flick.height));
        section.forceActiveFocus(Qt.OtherFocusReason);
    }

    Accessible.role: Accessible.Pane
    Accessible.name: qsTr("Settings")

    Rectangle {
        anchors.fill: parent
        color: Theme.bg2
    }
    ColumnLayout {
        anchors.fill: parent
        spacing: 0

        Label {
            Layout.leftMargin: 24
            Layout.topMargin: 14
            Layout.bottomMargin: 13
            role: Theme.h1
            text: qsTr("Settings")
        }
        Divider {
            Layout.fillWidth: true
        }
        RowLayout {
            Layout.fillWidth: true
            Layout.fillHeight: true
            spacing: 0

            Rectangle {
                Layout.fillHeight: true
                implicitWidth: 208
                color: Theme.bg1
                Column {
                    x: 8
                    y: 12
                    width: parent.width - 16
                    spacing: 2
                    Repeater {
                        model: [{
                                "text": qsTr("General"),
                                "iconName": "settings-2"
                            }, {
                                "text": qsTr("Engine"),
                                "iconName": "cpu"
                            }, {
                                "text": qsTr("Privacy"),
                                "iconName": "shield-check"
                            }, {
                                "text": qsTr("Storage"),
                                "iconName": "hard-drive"
                            }, {
                                "text": qsTr("Memory"),
                                "iconName": "memory-stick"
                            }, {
                                "text": qsTr("Drafts"),
                                "iconName": "fast-forward"
                            }, {
                                "text": qsTr("Defaults for chats"),
                                "iconName": "sliders-horizontal"
                            }, {
                                "text": qsTr("About"),
                                "iconName": "info"
                            }]
                        delegate: SectionButton {
                            required property var modelData
                            required property int index
                            width: parent.width
                            text: modelData.text
                            iconName: modelData.iconName
                            isCurrent: root.currentSection === index
                            onClicked: {
                                root.currentSection = index;
                                root.show(root.sections[index]);
                            }
                        }
                    }
                }
                Label {
                    anchors.bottom: parent.bottom
                    anchors.bottomMargin: 18
                    x: 20
                    role: Theme.caption
                    color: Theme.t3
                    text: "Sotto " + root.app.version
                }
            }
            Divider {
                Layout.fillHeight: true
            }
            Flickable {
                id: flick
                Layout.fillWidth: true
                Layout.fillHeight: true
                contentHeight: columns.implicitHeight + 40
                clip: true
                boundsBehavior: Flickable.StopAtBounds
                T.ScrollBar.vertical: ScrollBar {
                }

                GridLayout {
                    id: columns
                    x: 24
                    y: 20
                    width: Math.min(flick.width - 48, 1180)
                    columns: root.isNarrow ? 1 : 2
                    columnSpacing: 24
                    rowSpacing: 20

                    ColumnLayout {
                        Layout.fillWidth: true
                        Layout.preferredWidth: 1
                        Layout.alignment: Qt.AlignTop
                        spacing: 20
                        SettingsGeneral {
                            id: general
                            Layout.fillWidth: true
                            settings: root.app.settings
                        }
                        SettingsEngine {
                            id: engine
                            Layout.fillWidth: true
                            app: root.app
                        }
                        SettingsPrivacy {
                            id: privacy
                            Layout.fillWidth: true
                            app: root.app
                        }
                        SettingsStorage {
                            id: storage
                            Layout.fillWidth: true
                            app: root.app
                        }
                    }
                    ColumnLayout {
                        Layout.fillWidth: true
                        Layout.preferredWidth: 1
                        Layout.alignment: Qt.AlignTop
                        spacing: 20
                        SettingsMemory {
                            id: memory
                            Layout.fillWidth: true
                            prefixes: root.app.prefixes
                            isShown: root.visible
                        }
                        SettingsDrafts {
                            id: drafts
                            Layout.fillWidth: true
                            drafts: root.app.drafts
                            isShown: root.visible
                        }
                        SettingsChats {
                            id: chats
                            Layout.fillWidth: true
                            settings: root.app.settings
                        }
                        SettingsAbout {
                            id: about
                            Layout.fillWidth: true
                            app: root.app
                            onShortcutsRequested: root.commands.shortcuts.triggered()
                        }
                    }
                }
            }
        }
    }
}

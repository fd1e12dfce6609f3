pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Sotto.Components
import Sotto.Theme

// All keys, in groups (F1).
Dialog {
    id: root

    property var groups: [] // of CommandList

    title: qsTr("Keyboard shortcuts")
    width: Math.min(640, parent ? parent.width - 48 : 640)

    Flickable {
        id: flick
        width: parent ? parent.width : 0
        height: parent ? parent.height : 0
        implicitHeight: column.implicitHeight + 16
        contentHeight: column.implicitHeight + 16
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        T.ScrollBar.vertical: ScrollBar {
        }

        ColumnLayout {
            id: column
            width: flick.width - 12
            spacing: 16

            Repeater {
                model: root.groups
                delegate: ColumnLayout {
                    id: group
                    required property var modelData
                    spacing: 8
                    Label {
                        role: Theme.h3
                        text: group.modelData.title
                    }
                    GridLayout {
                        Layout.fillWidth: true
                        columns: 2
                        columnSpacing: 32
                        rowSpacing: 8
                        Repeater {
                            model: group.modelData.rows
                            delegate: RowLayout {
                                id: row
                                required property var modelData
                                Layout.fillWidth: true
                                Layout.preferredWidth: 1
                                Layout.alignment: Qt.AlignTop
                                spacing: 4
                                Label {
                                    Layout.fillWidth: true
                                    color: Theme.t2
                                    wrapMode: Text.Wrap
                                    text: row.modelData.text
                                }
                                Repeater {
                                    model: row.modelData.caps
                                    delegate: KeyHint {
                                        required property var modelData
                                        text: modelData.text
                                        isKey: modelData.isKey
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

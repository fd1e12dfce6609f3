import QtQuick
import Sotto.App
import Sotto.Components
import Sotto.Theme

// The version, and what is shipped under which licence.
SettingGroup {
    id: root

    required property AppFacade app

    signal shortcutsRequested

    title: qsTr("About")

    SettingRow {
        isFirst: true
        title: qsTr("Sotto %1").arg(root.app.version)
        detail: qsTr("Apache License 2.0. Answers may be wrong.")
        Button {
            isSmall: true
            text: qsTr("Licences")
            onClicked: licences.open()
        }
    }
    SettingRow {
        title: qsTr("Keyboard shortcuts")
        Button {
            isSmall: true
            text: qsTr("Show")
            keys: "F1"
            onClicked: root.shortcutsRequested()
        }
    }

    Dialog {
        id: licences
        title: qsTr("Licences")
        width: Math.min(640, parent ? parent.width - 48 : 640)
        onAboutToShow: text.text = root.app.settings.licences()

        TextArea {
            id: text
            width: parent ? parent.width : 0
            height: parent ? parent.height : 0
            implicitHeight: 400
            name: qsTr("Licences")
            area.readOnly: true
            area.font: Theme.codeSmall.font
        }
    }
}

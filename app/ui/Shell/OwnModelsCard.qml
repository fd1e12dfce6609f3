import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Chat
import Sotto.Components
import Sotto.Theme

// Models that are on this computer already, those of other programs one line each.
Card {
    id: root

    required property ModelController models

    implicitHeight: column.implicitHeight + 40
    Accessible.role: Accessible.Grouping
    Accessible.name: title.text

    ColumnLayout {
        id: column
        x: 20
        y: 20
        width: root.width - 40
        spacing: 0

        Label {
            id: title
            role: Theme.h2
            text: qsTr("Your own models")
        }
        Label {
            Layout.fillWidth: true
            Layout.topMargin: 2
            color: Theme.t2
            wrapMode: Text.Wrap
            text: qsTr("GGUF files are used where they lie. They are not copied, moved or changed.")
        }
        FoundPlaces {
            Layout.fillWidth: true
            Layout.topMargin: 14
            places: root.models.places
        }
    }
}

import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// What size of model this computer has room for, and how fast one would be, where none is there yet.
Card {
    id: root

    required property ModelController models

    readonly property double exampleBytes: models.exampleBytes
    readonly property double exampleSpeed: models.exampleSpeed

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
            text: qsTr("What fits this computer")
        }
        Label {
            Layout.fillWidth: true
            Layout.topMargin: 2
            color: Theme.t2
            wrapMode: Text.Wrap
            text: root.models.isOnCard ? qsTr("Models of up to this size fit into the free graphics memory:") : qsTr("Models of up to this size fit into the free memory:")
        }
        Label {
            Layout.topMargin: 14
            role: Theme.big
            text: Theme.format.fileSize(root.models.largestFile)
        }
        RowLayout {
            Layout.fillWidth: true
            Layout.topMargin: 10
            visible: root.exampleSpeed > 0
            Label {
                Layout.fillWidth: true
                role: Theme.caption
                color: Theme.t3
                elide: Text.ElideRight
                text: qsTr("A file of %1").arg(Theme.format.fileSize(root.exampleBytes))
            }
            Label {
                role: Theme.caption
                text: qsTr("%1 tok/s").arg(Theme.format.prediction(root.exampleSpeed))
            }
        }
        Label {
            Layout.fillWidth: true
            Layout.topMargin: 10
            role: Theme.caption
            color: Theme.t3
            wrapMode: Text.Wrap
            text: qsTr("Find one on the Models page, or add a GGUF file that you have.")
        }
    }
}

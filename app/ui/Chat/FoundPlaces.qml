pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// Models that other programs have on this computer: one line each, to be used where they lie. Looks while it is wanted.
ColumnLayout {
    id: root

    required property PlaceListModel places
    property bool isWanted: true

    visible: isWanted && places.count > 0
    spacing: 4
    onIsWantedChanged: isWanted ? places.look() : places.stop()
    Component.onCompleted: if (isWanted)
        places.look()
    Accessible.role: Accessible.List
    Accessible.name: title.text

    Label {
        id: title
        role: Theme.label
        color: Theme.t2
        text: qsTr("Found on this computer")
    }
    Repeater {
        model: root.places
        delegate: RowLayout {
            id: place

            required property int index
            required property string program
            required property string folder
            required property int modelCount
            required property double bytes

            spacing: 8
            Accessible.role: Accessible.ListItem
            Accessible.name: qsTr("%1, %2").arg(program).arg(figures.text)
            Accessible.description: folder

            Icon {
                name: "folder"
                size: 15
            }
            Label {
                Layout.fillWidth: true
                Layout.maximumWidth: Math.ceil(implicitWidth)
                elide: Text.ElideRight
                text: place.program
            }
            // What it is about; there is always room for it.
            Label {
                id: figures
                role: Theme.caption
                color: Theme.t3
                text: qsTr("%n model(s), %1", "", place.modelCount).arg(Theme.format.fileSize(place.bytes))
            }
            Item {
                Layout.fillWidth: true
            }
            Button {
                isSmall: true
                iconName: "plus"
                text: qsTr("Add")
                Accessible.name: qsTr("Add the models of %1").arg(place.program)
                onClicked: root.places.add(place.index)
            }
        }
    }
}

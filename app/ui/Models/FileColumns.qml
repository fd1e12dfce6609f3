import QtQuick
import Sotto.Components
import Sotto.Theme

// The heads of the columns that FileRow has.
Item {
    id: root

    implicitHeight: 18

    component Head: Label {
        role: Theme.microMedium
        color: Theme.t3
        Accessible.ignored: true
    }

    Head {
        text: qsTr("Format")
    }
    Head {
        x: 96
        text: qsTr("Size")
    }
    Head {
        x: 176
        text: qsTr("bits per weight")
    }
}

import QtQuick
import Sotto.Components
import Sotto.Theme

// Below an answer without words, one that the end of the program cut off, or a question that has none:
// what happened, and the ways on.
Flow {
    id: root

    property string text
    property bool isReadOnly: false // never to be changed
    property bool canAsk: false
    property bool canContinue: false

    signal askRequested
    signal continueRequested

    topPadding: 4
    bottomPadding: 4
    spacing: 8
    Accessible.role: Accessible.StaticText
    Accessible.name: text

    Row {
        height: 28
        spacing: 8
        rightPadding: 4
        Icon {
            anchors.verticalCenter: parent.verticalCenter
            name: "info"
            size: 15
            color: Theme.warn
        }
        Label {
            anchors.verticalCenter: parent.verticalCenter
            color: Theme.t2
            text: root.text
            Accessible.ignored: true
        }
    }
    Button {
        visible: root.canContinue && !root.isReadOnly
        isSmall: true
        iconName: "play"
        text: qsTr("Continue")
        onClicked: root.continueRequested()
    }
    Button {
        objectName: "askAgain"
        visible: !root.isReadOnly
        enabled: root.canAsk
        isSmall: true
        iconName: "refresh-cw"
        text: qsTr("Ask again")
        onClicked: root.askRequested()
    }
}

import QtQuick
import Sotto.Chat
import Sotto.Components
import Sotto.Theme

// A message whose row on the disk is damaged: what can be read of it, and the three ways on. It is never
// sent to the model as it is.
Card {
    id: root
    objectName: "damagedMessage"

    property string text // what can be read
    property TextSelection selection: null
    property int messageRow: -1
    property bool isFolded: true // a long text to its first lines
    property double readableBytes: 0
    property double totalBytes: 0
    property bool canChange: true
    property bool isReadOnly: false // never to be changed

    readonly property string sentence: totalBytes > 0 ? qsTr("%1 of %Ln byte(s) can be read. It is not sent to the model.", "", totalBytes).arg(Theme.format.count(readableBytes)) : readableBytes > 0 ? qsTr("%Ln byte(s) can be read. It is not sent to the model.", "", readableBytes) : qsTr("Nothing of it can be read. It is not sent to the model.")

    signal foldRequested(bool isFolded)
    signal keepRequested
    signal rewriteRequested
    signal removeRequested

    implicitHeight: column.height + 32
    border.color: Theme.err
    Accessible.role: Accessible.AlertMessage
    Accessible.name: qsTr("This message is damaged")
    Accessible.description: sentence

    Column {
        id: column
        x: 16
        y: 16
        width: root.width - 32
        spacing: 12

        Row {
            width: parent.width
            spacing: 12
            Rectangle {
                id: sign
                width: 32
                height: 32
                radius: Theme.radiusControl
                color: Theme.errDim
                Icon {
                    anchors.centerIn: parent
                    name: "file-x"
                    color: Theme.err
                }
            }
            Column {
                width: parent.width - sign.width - 12
                spacing: 4
                Label {
                    width: parent.width
                    role: Theme.h2
                    wrapMode: Text.Wrap
                    text: qsTr("This message is damaged")
                }
                Label {
                    width: parent.width
                    color: Theme.t2
                    wrapMode: Text.Wrap
                    text: root.sentence
                }
            }
        }
        Item {
            visible: root.text.length > 0
            width: parent.width
            height: words.height
            Rectangle {
                width: 2
                height: parent.height
                radius: 1
                color: Theme.line2
            }
            TypedText {
                id: words
                x: 14
                width: parent.width - 14
                style: ChatStyle.partText
                color: Theme.t3
                text: root.text
                foldedLines: 6
                isFolded: root.isFolded
                selection: root.selection
                messageRow: root.messageRow
            }
        }
        FoldButton {
            x: 4 // its words in line with the text
            typed: words
            onFoldRequested: isFolded => root.foldRequested(isFolded)
        }
        Flow {
            visible: !root.isReadOnly
            width: parent.width
            spacing: 8
            Button {
                objectName: "keepReadable"
                visible: root.text.length > 0
                isSmall: true
                enabled: root.canChange
                text: qsTr("Keep what can be read")
                onClicked: root.keepRequested()
            }
            Button {
                objectName: "writeAgain"
                isSmall: true
                enabled: root.canChange
                text: qsTr("Write it again")
                onClicked: root.rewriteRequested()
            }
            Button {
                objectName: "takeOut"
                kind: Button.QuietDanger
                isSmall: true
                enabled: root.canChange
                text: qsTr("Take it out")
                onClicked: root.removeRequested()
            }
        }
    }
}

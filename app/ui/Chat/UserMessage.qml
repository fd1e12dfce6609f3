import QtQuick
import Sotto.Chat
import Sotto.Components
import Sotto.Theme

// What the user wrote: a bubble at the right, with its actions beside it under the pointer.
Item {
    id: root

    property string text
    property TextSelection selection: null
    property int messageRow: -1
    property int versionIndex: 1
    property int versionCount: 1
    property bool showsActions: false
    property bool canChange: true
    property bool isReadOnly: false // can only be copied
    property bool isEditing: false
    property string editText
    property string originalText
    property bool takesFocus: false // by the editor
    property bool isUnanswered: false // and nothing is on its way
    property bool canAsk: false
    property bool isFolded: true // a long text to its first lines

    signal askRequested
    signal removeRequested
    signal copyRequested
    signal editRequested
    signal editAccepted(string text)
    signal editCancelled
    signal editTyped(string text)
    signal foldRequested(bool isFolded)
    signal versionRequested(int offset)

    implicitHeight: (isEditing ? editor.height : bubble.height) + (note.active ? note.height + 12 : 0)

    Rectangle {
        id: bubble
        visible: !root.isEditing
        anchors.right: parent.right
        width: Math.min(ChatStyle.bubbleWidth, root.width, Math.ceil(words.naturalWidth) + 32)
        height: words.height + 20 + (fold.visible ? fold.height : 0)
        radius: Theme.radiusBubble
        color: Theme.bubble

        TypedText {
            id: words
            x: 16
            y: 10
            width: bubble.width - 32
            lineWidth: Math.min(ChatStyle.bubbleWidth, root.width) - 32
            text: root.text
            isFolded: root.isFolded
            selection: root.selection
            messageRow: root.messageRow
            spokenFrame: qsTr("You: %1")
        }
        FoldButton {
            id: fold
            objectName: "foldQuestion"
            x: 6 // its words in line with the text
            anchors.bottom: parent.bottom
            anchors.bottomMargin: 4
            typed: words
            onFoldRequested: isFolded => root.foldRequested(isFolded)
        }
    }
    Loader {
        active: (root.showsActions || root.versionCount > 1) && !root.isEditing
        anchors.right: bubble.left
        anchors.rightMargin: 4
        anchors.verticalCenter: bubble.height > 60 ? undefined : bubble.verticalCenter
        anchors.top: bubble.height > 60 ? bubble.top : undefined
        anchors.topMargin: 8
        // qmllint disable unqualified
        sourceComponent: Row {
            spacing: 4
            IconButton {
                visible: root.showsActions
                iconName: "copy"
                text: qsTr("Copy the message")
                onClicked: root.copyRequested()
            }
            IconButton {
                objectName: "editMessage"
                visible: root.showsActions && !root.isReadOnly
                enabled: root.canChange
                iconName: "pencil"
                text: qsTr("Edit the message")
                onClicked: root.editRequested()
            }
            IconButton {
                objectName: "removeMessage"
                visible: root.showsActions && !root.isReadOnly
                enabled: root.canChange
                iconName: "trash-2"
                text: qsTr("Remove the message and its answer")
                keys: "Del"
                onClicked: root.removeRequested()
            }
            VersionSwitcher {
                visible: root.versionCount > 1
                versionIndex: root.versionIndex
                versionCount: root.versionCount
                enabled: root.canChange
                onVersionRequested: offset => root.versionRequested(offset)
            }
        }
        // qmllint enable unqualified
    }
    Loader {
        id: note
        active: root.isUnanswered && !root.isEditing
        y: bubble.height + 12
        width: root.width
        // qmllint disable unqualified
        sourceComponent: EndNote {
            text: qsTr("There is no answer.")
            isReadOnly: root.isReadOnly
            canAsk: root.canAsk
            onAskRequested: root.askRequested()
        }
        // qmllint enable unqualified
    }
    Loader {
        id: editor
        active: root.isEditing
        width: root.width
        // qmllint disable unqualified
        sourceComponent: MessageEditor {
            originalText: root.originalText
            startText: root.editText
            takesFocus: root.takesFocus
            canSave: root.canChange
            versionCount: root.versionCount
            onAccepted: text => root.editAccepted(text)
            onCancelled: root.editCancelled()
            onTyped: text => root.editTyped(text)
        }
        // qmllint enable unqualified
    }
}

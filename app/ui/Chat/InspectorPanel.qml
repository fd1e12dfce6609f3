pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Sotto.App
import Sotto.Chat
import Sotto.Components
import Sotto.Theme

// The context inspector: the prompt of an answer, what of it came from where, its messages, and the one
// that is looked at token by token.
FocusScope {
    id: root

    required property ContextInspector inspector

    readonly property bool isReady: inspector.state === ContextInspector.Ready

    signal closeRequested
    signal copyRequested(string text)

    function takeFocus(): void {
        if (isReady)
            list.forceActiveFocus(Qt.TabFocusReason);
        else
            closeButton.forceActiveFocus(Qt.TabFocusReason);
    }

    implicitWidth: 624
    onIsReadyChanged: if (isReady && activeFocus)
        list.forceActiveFocus(Qt.TabFocusReason)
    Accessible.role: Accessible.Pane
    Accessible.name: qsTr("Context")
    Keys.onEscapePressed: closeRequested()

    Rectangle {
        anchors.fill: parent
        color: Theme.bg1
    }
    // What is clicked here is meant for nothing below.
    MouseArea {
        anchors.fill: parent
    }
    Rectangle {
        width: 1
        height: parent.height
        color: Theme.line
        z: 1
    }
    Label {
        x: 20
        y: 16
        role: Theme.h2
        text: qsTr("Context")
    }
    Row {
        anchors.right: parent.right
        anchors.rightMargin: 10
        y: 10
        spacing: 4
        Button {
            objectName: "copyPrompt"
            anchors.verticalCenter: parent.verticalCenter
            visible: root.isReady
            isSmall: true
            kind: Button.Quiet
            iconName: copied.running ? "check" : "copy"
            text: copied.running ? qsTr("Copied") : qsTr("Copy prompt")
            onClicked: {
                root.copyRequested(root.inspector.promptText());
                copied.restart();
            }
            Timer {
                id: copied
                interval: 2000
            }
        }
        IconButton {
            id: closeButton
            isLarge: true
            iconName: "x"
            text: qsTr("Close the context inspector")
            keys: "Ctrl+Shift+I"
            onClicked: root.closeRequested()
        }
    }
    EmptyState {
        readonly property int state: root.inspector.state
        anchors.centerIn: parent
        width: parent.width - 120
        visible: !root.isReady
        iconName: state === ContextInspector.NoModel ? "boxes" : state === ContextInspector.Failed ? "triangle-alert" : "layers"
        title: state === ContextInspector.NoModel ? qsTr("No model is loaded") : state === ContextInspector.Failed ? qsTr("The prompt cannot be shown") : state === ContextInspector.Looking ? qsTr("Putting the prompt together") : qsTr("No answer yet")
        text: state === ContextInspector.NoModel ? qsTr("What a model gets depends on its template and its tokens. Load one to see the prompt.") : state === ContextInspector.Failed ? root.inspector.problem : state === ContextInspector.Looking ? "" : qsTr("When there is an answer, its prompt stands here: every message, token by token, and which of them had to be read.")
    }
    InspectorSummary {
        id: summary
        x: 20
        y: 56
        width: parent.width - 40
        visible: root.isReady
        inspector: root.inspector
    }
    Divider {
        y: list.y - 31
        width: parent.width
        visible: root.isReady
    }
    InspectorColumns {
        y: list.y - 30
        width: parent.width
        visible: root.isReady
    }
    ListView {
        id: list
        objectName: "inspectorList"
        // The rows that there are, in at most half of what the summary leaves.
        readonly property real room: root.height - summary.y - summary.height - 42
        y: summary.y + summary.height + 42
        width: parent.width
        height: Math.min(contentHeight, Math.max(90, room / 2))
        visible: root.isReady
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        activeFocusOnTab: true
        keyNavigationEnabled: false // what is looked at is the inspector's
        model: root.inspector
        currentIndex: root.inspector.current
        Accessible.role: Accessible.List
        Accessible.name: qsTr("Messages of the prompt")
        Keys.onPressed: event => {
            if (event.key === Qt.Key_Up)
                root.inspector.current -= 1;
            else if (event.key === Qt.Key_Down)
                root.inspector.current += 1;
            else if (event.key === Qt.Key_Home)
                root.inspector.current = 0;
            else if (event.key === Qt.Key_End)
                root.inspector.current = count - 1;
            else
                return;
            event.accepted = true;
        }
        T.ScrollBar.vertical: ScrollBar {
        }
        delegate: InspectorRow {
            width: ListView.view.width
            isCurrent: ListView.isCurrentItem
            hasFocus: ListView.view.activeFocus
            onChosen: {
                root.inspector.current = index;
                list.forceActiveFocus(Qt.MouseFocusReason);
            }
        }
        Connections {
            target: root.inspector
            function onCurrentChanged(): void {
                list.positionViewAtIndex(root.inspector.current, ListView.Contain);
            }
        }
    }
    Divider {
        y: list.y + list.height
        width: parent.width
        visible: root.isReady
    }
    InspectorTokens {
        x: 20
        y: list.y + list.height + 12
        width: parent.width - 40
        height: parent.height - y - 16
        visible: root.isReady
        inspector: root.inspector
    }
}

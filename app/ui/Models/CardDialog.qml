pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components
import Sotto.Theme

// What the author of a model says of it: text alone, whatever pictures it has. Nothing in it opens a browser
// before that was asked; arrows, Page, Home and End scroll, Esc closes.
Dialog {
    id: root

    required property AppFacade app
    required property Component cardText // draws the card's blocks
    property string link // that was chosen; empty: none

    readonly property HubCard card: app.hub.card
    readonly property bool isReady: card.state === HubCard.Ready

    function askForLink(address: string): void {
        link = address;
        openLink.forceActiveFocus(Qt.TabFocusReason);
    }
    function follow(): void {
        if (card.state === HubCard.Reading)
            open();
        else if (card.state === HubCard.Closed)
            close();
    }
    function scrollTo(y: real): void {
        flick.contentY = Math.max(0, Math.min(flick.contentHeight - flick.height, y));
    }
    function takeKey(event: var): void {
        event.accepted = true;
        if (event.key === Qt.Key_Home)
            scrollTo(0);
        else if (event.key === Qt.Key_End)
            scrollTo(flick.contentHeight);
        else if (event.key === Qt.Key_PageUp)
            scrollTo(flick.contentY - flick.height + 40);
        else if (event.key === Qt.Key_PageDown || event.key === Qt.Key_Space)
            scrollTo(flick.contentY + flick.height - 40);
        else
            event.accepted = false;
    }

    objectName: "cardDialog"
    width: Math.min(944, parent ? parent.width - 48 : 944)
    title: card.repository
    subtitle: qsTr("Model card. Pictures are shown by their descriptions, and nothing is loaded from elsewhere.")
    canAccept: false
    onOpened: flick.forceActiveFocus(Qt.OtherFocusReason)
    onClosed: {
        link = "";
        card.close();
    }

    Connections {
        target: root.card
        function onChanged(): void {
            root.follow();
        }
    }

    Item {
        width: parent ? parent.width : 0
        height: parent ? parent.height : 0
        implicitHeight: root.isReady ? flick.contentHeight + foot.height : 200

        Flickable {
            id: flick
            objectName: "cardFlick"
            width: parent.width
            height: parent.height - foot.height
            contentHeight: column.height
            clip: true
            activeFocusOnTab: true
            boundsBehavior: Flickable.StopAtBounds
            Accessible.role: Accessible.Document
            Accessible.name: qsTr("Model card of %1").arg(root.card.repository)
            Keys.onUpPressed: root.scrollTo(contentY - 60)
            Keys.onDownPressed: root.scrollTo(contentY + 60)
            Keys.onPressed: event => root.takeKey(event)
            T.ScrollBar.vertical: ScrollBar {
            }

            Column {
                id: column
                x: Math.round((flick.width - width) / 2)
                width: Math.min(flick.width - 24, 720)
                spacing: 16
                Loader {
                    width: parent.width
                    active: root.isReady
                    visible: active
                    sourceComponent: root.cardText
                }
                Label {
                    objectName: "cardCut"
                    width: parent.width
                    visible: root.isReady && !root.card.isWhole
                    role: Theme.caption
                    color: Theme.t3
                    wrapMode: Text.Wrap
                    text: qsTr("The card is longer than what is read of one. The rest is on the model's page.")
                }
            }
        }
        FocusRing {
            anchors.fill: flick
            anchors.margins: -10
            isInside: true
            visible: root.isReady && flick.activeFocus
        }
        Column {
            objectName: "cardReading"
            anchors.centerIn: parent
            visible: root.card.state === HubCard.Reading
            spacing: 12
            Spinner {
                anchors.horizontalCenter: parent.horizontalCenter
                size: 20
            }
            Label {
                text: qsTr("Reading the model card")
            }
        }
        EmptyState {
            objectName: "cardNone"
            anchors.centerIn: parent
            width: Math.min(parent.width, 420)
            visible: root.card.state === HubCard.None
            iconName: "file-text"
            title: qsTr("No model card")
            text: qsTr("Its author has written none.")
        }
        EmptyState {
            objectName: "cardFailed"
            anchors.centerIn: parent
            width: Math.min(parent.width, 480)
            visible: root.card.state === HubCard.Failed
            iconName: "triangle-alert"
            title: qsTr("The model card could not be read")
            text: root.card.problem
            Button {
                objectName: "cardAgain"
                text: qsTr("Try again")
                onClicked: root.card.read()
            }
        }
        Item {
            id: foot
            y: parent.height - height
            width: parent.width
            height: root.link.length > 0 ? question.implicitHeight + 12 : 0
            visible: height > 0
            Notice {
                id: question
                objectName: "linkQuestion"
                y: 12
                width: parent.width
                iconName: "globe"
                text: qsTr("Open this in your browser? %1").arg(root.link)
                Button {
                    id: openLink
                    objectName: "openLink"
                    isSmall: true
                    text: qsTr("Open")
                    onClicked: {
                        root.app.chat.openLink(root.link);
                        root.link = "";
                    }
                }
                Button {
                    isSmall: true
                    text: qsTr("Copy")
                    onClicked: root.app.chat.copyText(root.link)
                }
                IconButton {
                    iconName: "x"
                    text: qsTr("Dismiss")
                    onClicked: root.link = ""
                }
            }
        }
    }
    buttons: [
        Button {
            objectName: "cardPage"
            iconName: "globe"
            text: qsTr("Open the model's page")
            onClicked: root.askForLink(root.card.pageUrl)
        },
        Button {
            text: qsTr("Close")
            onClicked: root.close()
        }
    ]
}

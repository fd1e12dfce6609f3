pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components
import Sotto.Theme

// Looks for an importance matrix of the source that somebody has published, and downloads the chosen one. Opening it
// sends nothing; what is on its way goes on without it.
Dialog {
    id: root

    required property ImportanceFinder published

    readonly property int phase: published.state
    readonly property bool isFound: published.state === ImportanceFinder.Found
    readonly property bool isLooking: published.state === ImportanceFinder.Looking
    readonly property bool isFetching: published.state === ImportanceFinder.Fetching
    readonly property bool canLook: !isLooking && !isFetching && published.state !== ImportanceFinder.Stopped

    // To what there is to do now.
    function follow(): void {
        if (isFound)
            list.forceActiveFocus(Qt.TabFocusReason);
        else if (isFetching)
            fetchButton.forceActiveFocus(Qt.TabFocusReason);
        else if (canLook)
            field.forceActiveFocus(Qt.TabFocusReason);
        else
            cancelButton.forceActiveFocus(Qt.TabFocusReason);
    }
    function goOn(): void {
        if (isFound)
            published.fetch();
        else if (isFetching)
            reject();
        else if (published.state === ImportanceFinder.Stopped)
            published.tryAgain();
        else
            published.look();
    }
    function step(by: int): void {
        published.chosenRow = Math.max(0, Math.min(list.count - 1, published.chosenRow + by));
        list.positionViewAtIndex(published.chosenRow, ListView.Contain);
    }

    objectName: "importanceDialog"
    width: Math.min(640, parent ? parent.width - 48 : 640)
    title: qsTr("Published importance matrices")
    canAccept: false
    onAboutToShow: published.prepare()
    onOpened: follow()
    onClosed: published.stop()
    onPhaseChanged: {
        if (opened)
            follow();
    }

    Connections {
        target: root.published
        function onFetched(): void {
            root.close();
        }
    }
    ColumnLayout {
        width: parent ? parent.width : 0
        height: parent ? parent.height : 0
        spacing: 12
        Keys.onReturnPressed: root.goOn()
        Keys.onEnterPressed: root.goOn()

        RowLayout {
            Layout.fillWidth: true
            enabled: root.canLook
            spacing: 8
            Label {
                role: Theme.label
                color: Theme.t2
                text: qsTr("Model")
                Accessible.ignored: true
            }
            TextField {
                id: field
                objectName: "importanceModel"
                Layout.fillWidth: true
                Layout.leftMargin: 4
                name: qsTr("Model that it is for")
                maximumLength: 200
                text: root.published.model
                onTextEdited: root.published.model = text
                Keys.onReturnPressed: root.published.look()
                Keys.onEnterPressed: root.published.look()
            }
            Button {
                objectName: "importanceLook"
                enabled: root.published.canLook && field.text.trim().length > 0
                iconName: "search"
                text: qsTr("Look on %1").arg(root.published.host)
                onClicked: root.published.look()
            }
        }
        Item {
            Layout.fillWidth: true
            Layout.fillHeight: true
            implicitHeight: 236

            ListView {
                id: list
                objectName: "importanceList"
                anchors.fill: parent
                visible: root.isFound
                activeFocusOnTab: true
                clip: true
                boundsBehavior: Flickable.StopAtBounds
                currentIndex: root.published.chosenRow
                highlightMoveDuration: 0
                model: root.published.found
                Accessible.role: Accessible.List
                Accessible.name: root.title
                Keys.onUpPressed: root.step(-1)
                Keys.onDownPressed: root.step(1)
                T.ScrollBar.vertical: ScrollBar {
                }

                delegate: ImportanceRow {
                    width: ListView.view.width - 12
                    isChosen: root.published.chosenRow === index
                    hasRing: isChosen && ListView.view.activeFocus
                    onClicked: {
                        root.published.chosenRow = index;
                        list.forceActiveFocus(Qt.MouseFocusReason);
                    }
                }
            }
            ImportanceState {
                anchors.fill: parent
                visible: !root.isFound
                published: root.published
            }
        }
    }
    buttons: [
        Button {
            id: cancelButton
            objectName: "importanceCancel"
            text: root.isFetching || root.published.state === ImportanceFinder.Stopped ? qsTr("Cancel the download") : root.isLooking ? qsTr("Stop") : qsTr("Close")
            onClicked: {
                if (root.isFetching || root.published.state === ImportanceFinder.Stopped)
                    root.published.cancel();
                else if (root.isLooking)
                    root.published.stop();
                else
                    root.reject();
            }
        },
        Button {
            id: fetchButton
            objectName: "importanceFetch"
            kind: Button.Primary
            visible: root.isFound || root.isFetching
            text: root.isFetching ? qsTr("Continue in background") : qsTr("Download and use it")
            onClicked: root.goOn()
        }
    ]
}

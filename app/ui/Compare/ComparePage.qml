import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T
import Sotto.App
import Sotto.Components
import Sotto.Theme

// One question to two or three models, which take turns: each answer with its speed against its limit, and where it
// parts from the reference. Below 1120 px of the window two columns are seen and the rest scrolls.
FocusScope {
    id: root

    required property AppFacade app

    readonly property CompareController compare: app.compare
    readonly property bool isEmpty: compare.state === CompareController.NoModels || compare.state === CompareController.OneModel
    readonly property bool isLiveShown: !isEmpty && !isSavedShown
    readonly property int shownColumns: Window.width < 1120 ? 2 : 3

    property bool isSavedShown: false

    signal modelsRequested

    function focusPrompt(): void {
        if (isSavedShown)
            saved.forceActiveFocus(Qt.OtherFocusReason);
        else if (isEmpty)
            empty.focusButton();
        else
            prompt.focusText();
    }

    // Columns and figures, whole, also what has to be scrolled to here.
    function savePicture(file: url): void {
        picture.file = file;
        picture.active = true;
    }

    Accessible.role: Accessible.Pane
    Accessible.name: qsTr("Compare")
    Component.onCompleted: app.savedComparisons.refresh()
    onIsEmptyChanged: if (activeFocus)
        focusPrompt()
    Keys.onEscapePressed: event => {
        event.accepted = compare.isRunning;
        compare.stop();
    }

    Rectangle {
        anchors.fill: parent
        color: Theme.bg2
    }
    ColumnLayout {
        anchors.fill: parent
        spacing: 0

        CompareHead {
            objectName: "compareHead"
            Layout.fillWidth: true
            compare: root.compare
            isSavedShown: root.isSavedShown
            onSavedChosen: isSaved => root.isSavedShown = isSaved
            onPictureWanted: file => root.savePicture(file)
        }
        Divider {
            Layout.fillWidth: true
        }
        PromptBar {
            id: prompt
            Layout.fillWidth: true
            Layout.topMargin: 16
            Layout.leftMargin: 24
            Layout.rightMargin: 24
            visible: root.isLiveShown
            focus: root.isLiveShown
            compare: root.compare
        }
        Notice {
            objectName: "comparePrivate"
            Layout.fillWidth: true
            Layout.topMargin: 12
            Layout.leftMargin: 24
            Layout.rightMargin: 24
            visible: root.isLiveShown && root.compare.isPrivate
            iconName: "message-circle-dashed"
            text: qsTr("This question is from a temporary chat: the run is not kept.")
        }
        Notice {
            objectName: "compareProblem"
            Layout.fillWidth: true
            Layout.topMargin: 12
            Layout.leftMargin: 24
            Layout.rightMargin: 24
            visible: text.length > 0
            text: root.compare.problem || root.app.forcedAnswers.problem || root.app.savedComparisons.problem
            IconButton {
                iconName: "x"
                text: qsTr("Dismiss")
                onClicked: {
                    root.compare.dismissProblem();
                    root.app.forcedAnswers.dismissProblem();
                    root.app.savedComparisons.dismissProblem();
                }
            }
        }
        // Columns get the height that the measurement leaves, and no less than they need.
        Flickable {
            id: content

            readonly property real stripHeight: strip.implicitHeight + 16

            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.topMargin: 16
            visible: root.isLiveShown
            clip: true
            contentWidth: width
            contentHeight: strip.y + strip.implicitHeight + 20
            boundsBehavior: Flickable.StopAtBounds
            T.ScrollBar.vertical: ScrollBar {
            }

            CompareColumns {
                id: columns
                width: content.width
                height: Math.max(320, content.height - content.stripHeight - 20)
                compare: root.compare
                forced: root.app.forcedAnswers
                shownColumns: root.shownColumns
            }
            LossStrip {
                id: strip
                x: 24
                y: columns.height + 16
                width: content.width - 48
                measurement: root.app.measurement
            }
        }
        SavedRuns {
            id: saved
            Layout.fillWidth: true
            Layout.fillHeight: true
            visible: root.isSavedShown
            focus: root.isSavedShown
            saved: root.app.savedComparisons
        }
        CompareEmpty {
            id: empty
            Layout.fillWidth: true
            Layout.fillHeight: true
            visible: root.isEmpty && !root.isSavedShown
            focus: visible
            isOne: root.compare.state === CompareController.OneModel
            onModelsRequested: root.modelsRequested()
        }
    }
    Connections {
        target: root.app.savedComparisons
        function onOpened(): void {
            root.isSavedShown = false;
            root.focusPrompt();
        }
    }
    Item {
        anchors.fill: parent
        z: -1 // behind the page
        clip: true

        Loader {
            id: picture

            property url file

            active: false
            // A Loader cannot make bound components in 6.4, so the linter cannot see that ids are in reach.
            // qmllint disable unqualified
            sourceComponent: ComparePicture {
                app: root.app
                columnWidth: columns.columnWidth
                file: picture.file
                // Not from within its own function.
                onTaken: ending.start()
            }
            // qmllint enable unqualified
        }
    }
    Timer {
        id: ending
        interval: 0
        onTriggered: picture.active = false
    }
    // Screen readers hear how a run ended: a changed name of an alert is spoken.
    Item {
        objectName: "compareAnnouncer"
        Accessible.role: Accessible.AlertMessage
        Accessible.name: root.compare.announcement
    }
}

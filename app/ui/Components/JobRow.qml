pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Sotto.Theme

// One job in a list: the heading of its section above the first, name and buttons, how far it is, and in words
// what goes on. `actions` stand below.
Item {
    id: root

    required property int index
    required property double jobId
    required property string title
    required property list<string> formats
    required property string iconName
    required property int tone
    required property bool isWaiting
    required property bool isOver
    required property bool needsYou
    required property string heading
    required property bool hasBar
    required property double share
    required property string doneText
    required property string amountBefore
    required property string amountAfter
    required property string sideText
    required property string stateText
    required property bool canPause
    required property bool canResume
    required property bool canMoveEarlier
    required property bool canMoveLater
    required property string spokenText
    required property bool isDownload
    property alias actions: actionRow.data

    // By JobListModel.Tone.
    readonly property list<color> wordColors: [Theme.t3, Theme.t3, Theme.measured, Theme.err]
    readonly property list<color> barColors: [Theme.otherApps, Theme.measured, Theme.measured, Theme.err]

    signal pauseRequested
    signal resumeRequested
    signal cancelRequested
    signal earlierRequested
    signal laterRequested
    signal entered // Enter
    signal openRequested // of a download: where it stands among the others

    // A drag by its handle: one place for each height of the row.
    function followDrag(distance: real): void {
        if (distance > 40 && canMoveLater)
            laterRequested();
        else if (distance < -40 && canMoveEarlier)
            earlierRequested();
    }

    function pauseOrResume(): void {
        if (canPause)
            pauseRequested();
        else if (canResume)
            resumeRequested();
    }
    function move(isEarlier: bool): void {
        if (isEarlier && canMoveEarlier)
            earlierRequested();
        else if (!isEarlier && canMoveLater)
            laterRequested();
    }
    function pressed(key: int, modifiers: int): bool {
        const isUp = key === Qt.Key_Up;
        if ((isUp || key === Qt.Key_Down) && modifiers === Qt.AltModifier)
            move(isUp);
        else if (key === Qt.Key_Space)
            pauseOrResume();
        else if (key === Qt.Key_Delete)
            cancelRequested();
        else if (key === Qt.Key_Return || key === Qt.Key_Enter)
            entered();
        else
            return false;
        return true;
    }

    implicitHeight: column.height
    Accessible.role: Accessible.ListItem
    Accessible.name: spokenText

    // Keys are of the row that has the keyboard, itself or by one of its buttons, from which the arrows go on.
    Keys.onPressed: event => {
        const view = root.ListView.view;
        if (view !== null && (event.key === Qt.Key_Up || event.key === Qt.Key_Down)) {
            view.forceLayout(); // it may just have been moved
            view.currentIndex = root.index;
        }
        event.accepted = root.pressed(event.key, event.modifiers);
    }

    TapHandler {
        enabled: root.isDownload
        gesturePolicy: TapHandler.ReleaseWithinBounds // not a tap on one of the buttons
        onTapped: root.openRequested()
    }
    Column {
        id: column
        width: parent.width

        Divider {
            width: parent.width
            visible: root.index > 0
        }
        Item {
            width: parent.width
            height: 26
            visible: root.heading.length > 0
            Label {
                x: 16
                y: 8
                role: Theme.microMedium
                color: root.wordColors[root.tone]
                text: root.heading
                Accessible.ignored: true
            }
            Label {
                anchors.right: parent.right
                anchors.rightMargin: 16
                y: 8
                visible: root.isWaiting && root.canMoveLater
                role: Theme.micro
                color: Theme.t3
                text: qsTr("drag, or Alt+↑ and Alt+↓")
                Accessible.ignored: true
            }
        }
        RowLayout {
            width: parent.width
            spacing: 10

            Item {
                Layout.leftMargin: 12
                Layout.rightMargin: -6
                Layout.alignment: Qt.AlignTop
                Layout.preferredWidth: 16
                Layout.preferredHeight: 36
                visible: root.isWaiting
                Icon {
                    y: 11
                    name: "grip-vertical"
                    size: 15
                    color: Theme.t4
                }
                HoverHandler {
                    cursorShape: Qt.SizeVerCursor
                }
                DragHandler {
                    id: drag
                    property real start: 0
                    target: null
                    xAxis.enabled: false
                    onActiveChanged: start = centroid.scenePosition.y
                    onCentroidChanged: if (active && Math.abs(centroid.scenePosition.y - start) > 40) {
                        const distance = centroid.scenePosition.y - start;
                        start = centroid.scenePosition.y;
                        root.followDrag(distance);
                    }
                }
            }
            Icon {
                Layout.leftMargin: root.isWaiting ? 0 : 16
                Layout.topMargin: 11
                Layout.preferredWidth: 16
                Layout.alignment: Qt.AlignTop
                name: root.iconName
                size: 15
            }
            ColumnLayout {
                Layout.fillWidth: true
                Layout.topMargin: 5
                Layout.bottomMargin: 9
                Layout.rightMargin: 16
                spacing: 0

                RowLayout {
                    Layout.fillWidth: true
                    Layout.preferredHeight: 28
                    spacing: 8
                    Label {
                        Layout.fillWidth: true
                        Layout.maximumWidth: implicitWidth + 1
                        elide: Text.ElideRight
                        text: root.title
                        Accessible.ignored: true
                    }
                    Repeater {
                        model: root.formats
                        delegate: Badge {
                            required property string modelData
                            text: modelData
                        }
                    }
                    Item {
                        Layout.fillWidth: true
                    }
                    Button {
                        visible: root.needsYou
                        isSmall: true
                        text: qsTr("Resume now")
                        onClicked: root.resumeRequested()
                    }
                    // One for both: what was pressed by keyboard keeps the keyboard.
                    IconButton {
                        readonly property bool isResume: root.canResume && !root.canPause
                        visible: root.canPause || (root.canResume && !root.needsYou) || activeFocus
                        iconName: isResume ? "play" : "pause"
                        text: isResume ? qsTr("Resume") : qsTr("Pause")
                        onClicked: root.pauseOrResume()
                    }
                    IconButton {
                        Layout.rightMargin: -8
                        visible: !root.isDownload
                        iconName: "x"
                        text: root.isOver ? qsTr("Take from the list") : qsTr("Cancel")
                        onClicked: root.cancelRequested()
                    }
                }
                Meter {
                    id: bar
                    Layout.fillWidth: true
                    Layout.topMargin: 2
                    Layout.bottomMargin: 5
                    visible: root.hasBar
                    thickness: 4
                    hasLimit: false
                    value: root.share
                    fill: root.barColors[root.tone]
                    name: root.spokenText
                }
                RowLayout {
                    Layout.fillWidth: true
                    Layout.topMargin: bar.visible ? 0 : -3
                    spacing: 12
                    visible: root.stateText.length > 0 || root.doneText.length > 0 || root.sideText.length > 0
                    Label {
                        Layout.fillWidth: true
                        Layout.alignment: Qt.AlignTop
                        visible: root.stateText.length > 0
                        role: Theme.caption
                        wrapMode: Text.Wrap
                        maximumLineCount: 2
                        elide: Text.ElideRight
                        color: root.wordColors[root.tone]
                        text: root.stateText
                        Accessible.ignored: true
                    }
                    Row {
                        Layout.fillWidth: true
                        Layout.alignment: Qt.AlignTop
                        visible: root.stateText.length === 0
                        Repeater {
                            model: [root.amountBefore, root.doneText, root.amountAfter]
                            delegate: Label {
                                required property string modelData
                                required property int index
                                role: Theme.caption
                                color: index === 1 ? Theme.t1 : Theme.t3
                                text: modelData
                                Accessible.ignored: true
                            }
                        }
                    }
                    Label {
                        Layout.alignment: Qt.AlignTop
                        role: Theme.caption
                        color: Theme.t3
                        text: root.sideText
                        Accessible.ignored: true
                    }
                }
                Row {
                    id: actionRow
                    Layout.topMargin: implicitHeight > 0 ? 6 : 0
                    spacing: 4
                }
            }
        }
    }
    FocusRing {
        isInside: true
        visible: root.activeFocus
    }
}

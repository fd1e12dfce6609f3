import QtQuick
import QtQuick.Layouts
import Sotto.App
import Sotto.Components
import Sotto.Theme

// One download: what it is and what can be done with it, how far it is, and in words how it stands.
Item {
    id: root

    required property int index
    required property double downloadId
    required property string title
    required property string format
    required property int tone
    required property bool hasBar
    required property double share
    required property string stateText
    required property string sideText
    required property string problem
    required property bool canPause
    required property bool canResume
    required property bool canBeginAnew
    required property string sizeText
    required property string keptText // of what would go; empty: nothing
    required property bool canMoveEarlier
    required property bool canMoveLater
    required property bool canLoad
    required property string path
    required property string spokenText

    // By DownloadListModel.Tone.
    readonly property list<color> wordColors: [Theme.t3, Theme.t3, Theme.t3, Theme.measured, Theme.err]
    readonly property list<color> barColors: [Theme.otherApps, Theme.measured, Theme.blue, Theme.measured, Theme.err]

    signal pauseRequested
    signal resumeRequested
    signal removeRequested
    signal earlierRequested
    signal laterRequested
    signal loadRequested

    // True where the key means something to this row.
    function pressed(key: int, modifiers: int): bool {
        const isUp = key === Qt.Key_Up;
        if ((isUp || key === Qt.Key_Down) && (modifiers & Qt.AltModifier))
            move(isUp);
        else if (key === Qt.Key_Space)
            pauseOrResume();
        else if (key === Qt.Key_Delete)
            removeRequested();
        else if ((key === Qt.Key_Return || key === Qt.Key_Enter) && canLoad)
            loadRequested();
        else
            return false;
        return true;
    }
    function move(isUp: bool): void {
        if (isUp && canMoveEarlier)
            earlierRequested();
        else if (!isUp && canMoveLater)
            laterRequested();
    }
    function pauseOrResume(): void {
        if (canPause)
            pauseRequested();
        else if (canResume || canBeginAnew)
            resumeRequested();
    }

    implicitHeight: column.implicitHeight + 24
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

    Divider {
        width: parent.width
    }
    ColumnLayout {
        id: column
        x: 20
        y: 9
        width: parent.width - 32
        spacing: 6

        RowLayout {
            Layout.fillWidth: true
            Layout.preferredHeight: 28
            spacing: 8
            Label {
                Layout.fillWidth: true
                Layout.maximumWidth: implicitWidth + 1
                role: Theme.bodyMedium
                elide: Text.ElideRight
                text: root.title
                Accessible.ignored: true
            }
            Badge {
                visible: text.length > 0
                text: root.format
                Accessible.ignored: true
            }
            Item {
                Layout.fillWidth: true
            }
            IconButton {
                visible: root.canMoveEarlier
                iconName: "arrow-up"
                text: qsTr("Earlier")
                keys: "Alt+↑"
                onClicked: root.earlierRequested()
            }
            IconButton {
                visible: root.canPause
                iconName: "pause"
                text: qsTr("Pause")
                onClicked: root.pauseRequested()
            }
            IconButton {
                visible: root.canResume
                iconName: root.problem.length > 0 ? "rotate-ccw" : "play"
                text: root.problem.length > 0 ? qsTr("Resume now") : qsTr("Resume")
                onClicked: root.resumeRequested()
            }
            IconButton {
                objectName: "removeDownload"
                iconName: "x"
                text: root.tone === DownloadListModel.Finished ? qsTr("Take from the list") : qsTr("Remove")
                keys: "Del"
                onClicked: root.removeRequested()
            }
        }
        Meter {
            Layout.fillWidth: true
            Layout.rightMargin: 8
            visible: root.hasBar
            thickness: 6
            hasLimit: false
            value: root.share
            fill: root.barColors[root.tone]
            name: root.spokenText
        }
        RowLayout {
            Layout.fillWidth: true
            Layout.rightMargin: 8
            spacing: 8
            Label {
                Layout.fillWidth: true
                role: Theme.caption
                elide: Text.ElideRight
                color: root.wordColors[root.tone]
                text: root.stateText
                Accessible.ignored: true
            }
            Label {
                role: Theme.caption
                color: Theme.t3
                text: root.sideText
                Accessible.ignored: true
            }
        }
        Label {
            Layout.fillWidth: true
            Layout.rightMargin: 8
            visible: text.length > 0
            role: Theme.caption
            color: Theme.t2
            wrapMode: Text.Wrap
            text: root.problem
            Accessible.ignored: true
        }
        Button {
            visible: root.canBeginAnew
            isSmall: true
            text: root.sizeText.length > 0 ? qsTr("Download again, %1").arg(root.sizeText) : qsTr("Download again")
            onClicked: root.resumeRequested()
        }
        Button {
            objectName: "loadDownload"
            visible: root.canLoad
            isSmall: true
            text: qsTr("Load")
            onClicked: root.loadRequested()
        }
    }
    FocusRing {
        isInside: true
        visible: root.activeFocus
    }
}

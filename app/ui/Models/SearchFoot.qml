import QtQuick
import Sotto.App
import Sotto.Components
import Sotto.Theme

// Below the models found: a further page is on its way, or why it is not.
Item {
    id: root

    required property HubSearchModel search

    readonly property bool hasWords: search.isFetching || search.problem.length > 0

    implicitHeight: Math.max(row.height, problem.visible ? problem.height : 0) + 24

    Row {
        id: row
        anchors.horizontalCenter: parent.horizontalCenter
        y: 12
        spacing: 8
        visible: root.search.isFetching
        Spinner {
        }
        Label {
            role: Theme.caption
            color: Theme.t3
            text: qsTr("Further models")
        }
    }
    Column {
        id: problem
        x: 20
        y: 12
        width: parent.width - 40
        spacing: 8
        visible: root.search.problem.length > 0
        Label {
            width: parent.width
            role: Theme.caption
            color: Theme.err
            wrapMode: Text.Wrap
            text: root.search.problem
        }
        Button {
            isSmall: true
            text: qsTr("Try again")
            onClicked: root.search.search()
        }
    }
}

import QtQuick
import QtQuick.Templates as T
import Sotto.Components
import Sotto.Theme

// One hit of the search: title, date, and the text around the match.
T.AbstractButton {
    id: root

    required property int index
    required property double chatId
    required property double messageId
    required property string title
    required property string snippet // HTML, the match in <b>
    required property date time
    property bool isCurrent: false

    implicitHeight: 52
    focusPolicy: Qt.NoFocus
    hoverEnabled: true
    Accessible.role: Accessible.ListItem
    Accessible.name: titleLabel.text
    Accessible.selected: isCurrent

    contentItem: Item {
        Icon {
            x: 10
            y: 10
            name: "message-square"
            size: 15
        }
        Label {
            id: titleLabel
            x: 34
            y: 6
            width: parent.width - x - date.width - 20
            elide: Text.ElideRight
            text: root.title.length > 0 ? root.title : qsTr("New chat")
        }
        Label {
            id: date
            anchors.right: parent.right
            anchors.rightMargin: 10
            y: 8
            role: Theme.caption
            color: Theme.t3
            text: Theme.format.moment(root.time)
        }
        Label {
            x: 34
            y: 28
            width: parent.width - x - 10
            role: Theme.caption
            color: Theme.t3
            textFormat: Text.StyledText
            maximumLineCount: 1
            elide: Text.ElideRight
            text: root.snippet
        }
    }
    background: Rectangle {
        radius: Theme.radiusControl
        color: root.isCurrent || root.hovered ? Theme.bg4 : "transparent"
    }
}

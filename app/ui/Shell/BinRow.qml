import QtQuick
import Sotto.Components
import Sotto.Theme

// One row of the bin: a heading by the day of deletion, or a chat with the days it has left.
Item {
    id: root

    required property int index
    required property bool isSection
    required property string title
    required property double chatId
    required property int daysLeft
    required property bool isCurrent

    property bool hasDays: true // deleted chats go one day
    property bool isFocused: false
    property bool isMenuOpen: false

    readonly property string shownTitle: title.length > 0 ? title : qsTr("New chat")
    readonly property string daysText: daysLeft < 0 ? "" : Theme.format.count(daysLeft)

    signal opened
    signal pressedByMouse
    signal menuRequested(real x, real y)

    implicitHeight: isSection ? 36 : 32
    Accessible.role: isSection ? Accessible.Heading : Accessible.ListItem
    Accessible.name: isSection ? heading.text : daysLeft < 0 ? shownTitle : qsTr("%1, %n day(s) left", "", daysLeft).arg(shownTitle)
    Accessible.selected: isCurrent
    Accessible.onPressAction: root.opened()

    Label {
        id: heading
        x: 16
        y: 16
        visible: root.isSection
        role: Theme.microMedium
        color: Theme.t3
        text: root.title
    }
    Label {
        anchors.right: parent.right
        anchors.rightMargin: 16
        y: 16
        visible: root.isSection && root.index === 0 && root.hasDays
        role: Theme.micro
        color: Theme.t3
        text: qsTr("days left")
        Accessible.ignored: true
    }
    Rectangle {
        x: 8
        width: root.width - 16
        height: 32
        visible: !root.isSection
        radius: Theme.radiusControl
        color: root.isCurrent ? Theme.bg4 : hover.hovered || root.isMenuOpen ? Theme.bg3 : "transparent"

        FocusRing {
            isInside: true
            visible: root.isFocused
        }
        HoverHandler {
            id: hover
        }
        TapHandler {
            acceptedButtons: Qt.LeftButton
            onPressedChanged: if (pressed)
                root.pressedByMouse()
            onTapped: root.opened()
        }
        TapHandler {
            acceptedButtons: Qt.RightButton
            onTapped: eventPoint => root.menuRequested(eventPoint.position.x + 8, eventPoint.position.y)
        }
        Label {
            x: 8
            anchors.verticalCenter: parent.verticalCenter
            width: parent.width - 16 - (days.visible ? days.width + 8 : 0)
            elide: Text.ElideRight
            color: root.isCurrent || hover.hovered ? Theme.t1 : Theme.t2
            text: root.shownTitle
        }
        Label {
            id: days
            anchors.right: parent.right
            anchors.rightMargin: 8
            anchors.verticalCenter: parent.verticalCenter
            visible: text.length > 0
            role: Theme.caption
            color: root.daysLeft <= 3 ? Theme.warn : Theme.t3
            text: root.daysText
        }
    }
}

pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Templates as T
import Sotto.Theme

// Chooses one of a list: model [{text, value}], currentValue, activated(index). `name` is what it sets.
T.ComboBox {
    id: root

    property string name
    property bool isSmall: false
    property var chosenValue // the row with this value is the current one; undefined: whoever sets currentIndex

    implicitWidth: 124
    implicitHeight: isSmall ? 28 : 32
    leftPadding: isSmall ? 10 : 12
    rightPadding: 28
    textRole: "text"
    valueRole: "value"
    hoverEnabled: true
    focusPolicy: Qt.TabFocus
    Accessible.name: name
    Accessible.description: displayText
    Accessible.role: Accessible.ComboBox

    function follow(): void {
        if (chosenValue !== undefined)
            selectValue(chosenValue);
    }
    // Sets the row whose value this is; does nothing when there is none.
    function selectValue(value: var): void {
        currentIndex = indexOfValue(value);
    }

    signal entered // Enter while the list is closed, which the control keeps for itself

    // As the arrows do; by itself the control would only show another row. Open, its list has the keys.
    function chooseRow(row: int, event: KeyEvent): void {
        event.accepted = !popup.visible;
        if (popup.visible || row === currentIndex)
            return;
        currentIndex = row;
        activated(row);
    }

    function enter(event: KeyEvent): void {
        event.accepted = !popup.visible;
        if (!popup.visible)
            entered();
    }

    Keys.onReturnPressed: event => enter(event)
    Keys.onEnterPressed: event => enter(event)
    Keys.onPressed: event => {
        if (event.key === Qt.Key_Home)
            chooseRow(0, event);
        else if (event.key === Qt.Key_End)
            chooseRow(count - 1, event);
    }
    onChosenValueChanged: follow()
    onModelChanged: follow()
    Component.onCompleted: follow()

    contentItem: Item {
        Label {
            width: parent.width
            anchors.verticalCenter: parent.verticalCenter
            role: root.isSmall ? Theme.caption : Theme.body
            color: root.enabled ? Theme.t1 : Theme.t4
            elide: Text.ElideRight
            text: root.displayText
        }
    }
    indicator: Icon {
        x: root.width - width - 8
        y: Math.round((root.height - height) / 2)
        name: "chevron-down"
        size: 14
        color: root.enabled ? Theme.t3 : Theme.t4
    }
    background: Rectangle {
        radius: Theme.radiusControl
        color: root.isSmall && Theme.isDark ? (root.hovered || root.down ? Theme.bg5 : Theme.bg4) : root.hovered && root.enabled ? Theme.bg4 : Theme.bg3
        border.color: root.enabled ? Theme.line2 : Theme.line
        FocusRing {
            visible: root.visualFocus
        }
    }
    delegate: MenuItem {
        required property int index
        width: ListView.view ? ListView.view.width : 0
        text: root.textAt(index)
        isChosen: root.currentIndex === index
        isCheckable: true
        highlighted: root.highlightedIndex === index
        Accessible.role: Accessible.ListItem
    }
    popup: Popup {
        y: root.height + 4
        width: Math.max(root.width, 124)
        padding: 4
        implicitHeight: Math.min(contentItem.implicitHeight + 8, 320)
        contentItem: ListView {
            clip: true
            implicitHeight: contentHeight
            model: root.delegateModel
            currentIndex: root.highlightedIndex
            boundsBehavior: Flickable.StopAtBounds
            T.ScrollBar.vertical: ScrollBar {
            }
        }
    }
}

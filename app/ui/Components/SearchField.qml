import QtQuick

// A field for searching: Esc or the cross empties it.
TextField {
    id: root

    iconName: "search"
    Accessible.role: Accessible.EditableText
    rightPadding: length > 0 ? 36 : keys.length > 0 && !activeFocus ? 60 : 10
    Keys.onEscapePressed: event => {
        event.accepted = length > 0;
        clear();
    }

    IconButton {
        anchors.right: parent.right
        anchors.rightMargin: 2
        anchors.verticalCenter: parent.verticalCenter
        visible: root.length > 0
        iconName: "x"
        text: qsTr("Clear")
        focusPolicy: Qt.NoFocus
        onClicked: root.clear()
    }
}

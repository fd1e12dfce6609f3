import QtQuick

QtObject {
    property string text
    property string cause
    property bool canTryAgain: text.length > 0
    property bool canDismiss: false
    property bool isTrying: false
    property var calls: []

    function tryAgain(): void {
        calls = calls.concat(["tryAgain"]);
    }
    function dismiss(): void {
        text = "";
    }
}

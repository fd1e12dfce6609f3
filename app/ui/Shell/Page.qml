import QtQuick
import Sotto.App

// What every page of the window is. PageStack makes it and hands it what it needs; a page asks the window
// for other things by its commands only.
FocusScope {
    required property AppFacade app
    required property WindowCommands commands
    property real foot: 0 // height of what stands at its lower edge and is not to be covered
    property real middle: width / 2 // x of what stands there

    // The page asks to be the one that is shown.
    signal showRequested

    // What is on its way from a hub, where the page has it.
    function showDownloads(): void {
    }
    // Called when the page comes up or was asked for again: where typing should go.
    function focusPage(): void {
        forceActiveFocus(Qt.OtherFocusReason);
    }
}

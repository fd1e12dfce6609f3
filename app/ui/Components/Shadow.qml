import QtQuick
import Sotto.Theme

// The shadow of a popup (0/12/32 at 40 %) or of a dialog (0/24/64 at 50 %), as a nine-patch image made
// by scripts/make_shadows.py. Fill the casting rectangle with it.
BorderImage {
    id: root

    property bool isDialog: false
    readonly property int reach: isDialog ? 64 : 32 // px beyond the rectangle
    readonly property int cut: isDialog ? 104 : 52

    anchors.fill: parent
    anchors.margins: -reach
    anchors.topMargin: -reach + (isDialog ? 24 : 12)
    anchors.bottomMargin: -reach - (isDialog ? 24 : 12)
    border.left: cut
    border.right: cut
    border.top: cut
    border.bottom: cut
    source: Qt.resolvedUrl(isDialog ? "shadow_dialog.png" : "shadow_popup.png")
    opacity: Theme.isDark ? 1 : 0.5 // the same black weighs more on a light page
    Accessible.ignored: true
}

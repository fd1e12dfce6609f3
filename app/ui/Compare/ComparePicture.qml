import QtQuick
import Sotto.App
import Sotto.Theme

// The result for a picture: all columns side by side with their whole answers, and the figures. On the page some of it
// has to be scrolled to. It stands behind the page for as long as it is taken.
Item {
    id: root

    required property AppFacade app
    required property real columnWidth
    required property url file

    readonly property CompareController compare: app.compare
    readonly property int count: compare.columns.count
    // Below the 16,384 of most textures; a result that is larger is drawn smaller, and whole.
    readonly property int mostPixels: 16000
    property bool isLaidOut: false

    signal taken

    function take(): void {
        const scale = Math.min(1, mostPixels / (Math.max(width, height) * Screen.devicePixelRatio));
        const size = scale < 1 ? Qt.size(Math.floor(width * scale), Math.floor(height * scale)) : Qt.size(0, 0);
        const isBegun = grabToImage(grabbed => {
                compare.savePicture(grabbed.image, Theme.bg2, Theme.t1, Theme.read.font, file);
                taken();
            }, size);
        if (isBegun)
            return;
        compare.tellNoPicture();
        taken();
    }

    width: Math.ceil(columnWidth) * count + columns.gap * (count - 1) + 48
    height: Math.ceil(strip.y + strip.implicitHeight + 20)

    CompareColumns {
        id: columns
        width: parent.width
        height: wholeHeight()
        compare: root.compare
        forced: root.app.forcedAnswers
        shownColumns: root.count
    }
    LossStrip {
        id: strip
        x: 24
        y: columns.height + 16
        width: parent.width - 48
        measurement: root.app.measurement
    }
    // A frame has laid out all of it.
    Connections {
        target: root.Window.window
        function onFrameSwapped(): void {
            if (root.isLaidOut)
                return;
            root.isLaidOut = true;
            root.take();
        }
    }
}

import QtQuick
import Sotto.Chat
import Sotto.Components
import Sotto.Theme

// One part of a source of text: selectable, links told on click only and named in a tooltip before.
TextEdit {
    id: root

    required property TextSource source
    property int part: 0
    property bool goesOn: false // below lines of the same paragraph
    property TextStyle style: ChatStyle.readText
    // Of the conversation, and where in it this is; without one it is selected on its own.
    property TextSelection selection: null
    property int messageRow: -1
    property int messageBlock: 0
    readonly property string spokenText: content.plainText
    readonly property int leading: Math.floor((style.lineHeight - font.pixelSize * 1.21) / 2)
    // px that the first baseline is lower than a paragraph's without formulas
    readonly property real firstDrop: content.firstDrop + topPadding + leading

    signal linkOpened(string link)

    readOnly: true
    activeFocusOnPress: selection === null
    selectByMouse: selection === null
    persistentSelection: selection !== null
    textFormat: TextEdit.PlainText
    wrapMode: TextEdit.Wrap
    font: style.font
    color: Theme.t1
    selectionColor: Theme.isDark ? Theme.bg5 : Theme.measuredDim
    selectedTextColor: Theme.t1
    renderType: Text.NativeRendering
    // Qt puts what a line is higher than its font above it: half of that is below, where it belongs.
    // A first line that a formula makes higher has nothing of it.
    topPadding: content.isFirstTall && !goesOn ? 0 : -leading
    bottomPadding: leading
    Accessible.role: Accessible.StaticText
    Accessible.name: spokenText
    onLinkActivated: link => linkOpened(link)

    StyledDocument {
        id: content
        document: root.textDocument
        source: root.source
        part: root.part
        style: root.style
    }
    SelectedPart {
        id: share
        selection: root.selection
        edit: root
        text: content
        row: root.messageRow
        block: root.messageBlock
        onLinkActivated: link => root.linkOpened(link)
    }
    Loader {
        active: content.isDecorated || share.hasFound
        // Formulas and fields reach a little out of their lines.
        z: -1
        x: -12
        y: -12
        width: root.width + 24
        height: root.height + 24
        // qmllint disable unqualified
        sourceComponent: TextUnderlay {
            text: content
            found: share
            // Seen on the page, in bubbles and on code alike.
            foundColor: Qt.alpha(Theme.measured, 0.22)
            currentColor: Qt.alpha(Theme.measured, 0.5)
            color: root.color
            textX: 12 + root.leftPadding
            textY: 12 + root.topPadding
        }
        // qmllint enable unqualified
    }
    Loader {
        active: root.hoveredLink.length > 0
        x: linkHover.point.position.x
        y: linkHover.point.position.y + 10
        // qmllint disable unqualified
        sourceComponent: Tooltip {
            text: root.hoveredLink
            visible: true
        }
        // qmllint enable unqualified
    }
    HoverHandler {
        id: linkHover
        cursorShape: root.hoveredLink.length > 0 ? Qt.PointingHandCursor : Qt.IBeamCursor
    }
}

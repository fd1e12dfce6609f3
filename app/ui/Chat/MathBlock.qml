import QtQuick
import QtQuick.Templates as T
import Sotto.Chat
import Sotto.Components
import Sotto.Theme

// A formula on its own line; wider than the column it scrolls sideways. Copy gives its TeX source through the message.
Item {
    id: root

    required property MessageBlock block

    implicitHeight: text.height + (flick.clip ? 12 : 0)

    Flickable {
        id: flick
        // Letters and accents reach a little out of their line.
        y: -4
        width: root.width
        height: root.height + 8
        contentWidth: text.width
        contentHeight: height
        clip: contentWidth > width
        flickableDirection: Flickable.HorizontalFlick
        boundsBehavior: Flickable.StopAtBounds
        T.ScrollBar.horizontal: ScrollBar {
        }

        SelectionSurface {
            z: -1
            width: flick.contentWidth
            height: flick.contentHeight
            selection: root.block.selection
        }
        TextPart {
            id: text
            y: 4
            width: Math.max(flick.width, implicitWidth)
            selection: root.block.selection
            messageRow: root.block.messageRow
            messageBlock: root.block.row
            source: InlineSource {
                content: root.block.content
            }
            wrapMode: TextEdit.NoWrap
            horizontalAlignment: TextEdit.AlignHCenter
            color: root.block.isQuoted ? Theme.t2 : Theme.t1
        }
    }
}

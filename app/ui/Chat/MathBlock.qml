import QtQuick
import Sotto.Chat
import Sotto.Theme

// A formula on its own line; Copy gives its TeX source through the message.
TextPart {
    id: root

    required property MessageBlock block

    source: InlineSource {
        content: root.block.content
    }
    horizontalAlignment: TextEdit.AlignHCenter
    color: block.isQuoted ? Theme.t2 : Theme.t1
}

import QtQuick
import Sotto.Theme

// A formula on its own line; Copy gives its LaTeX source through the message.
RichText {
    required property MessageBlock block

    html: block.html
    horizontalAlignment: TextEdit.AlignHCenter
    role: ChatStyle.heading3
    font.weight: Font.Normal
    font.italic: true
    color: Theme.t1
    Accessible.name: block.text
}

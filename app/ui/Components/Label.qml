import QtQuick
import Sotto.Theme

// Text in one role of the type table. Its height is a whole number of the role's lines, and its first
// baseline is where Inter's would be, also when Chinese makes the line taller: so do not set a height
// or a vertical alignment, and centre the item itself.
Text {
    id: root

    property TypeRole role: Theme.body

    color: Theme.t1
    font: root.role.font
    lineHeight: root.role.line
    lineHeightMode: Text.FixedHeight
    textFormat: Text.PlainText
    renderType: Text.NativeRendering
    linkColor: Theme.blue
    transform: Translate {
        y: Math.round(root.role.baseline - root.baselineOffset)
    }
}

pragma Singleton
import QtQuick
import Sotto.App
import Sotto.Chat
import Sotto.Theme

// Measures of the conversation, and the fonts and colours of each kind of text in it.
QtObject {
    id: root

    readonly property int columnWidth: 680
    readonly property int composerWidth: 712
    readonly property int bubbleWidth: 528

    // With which t1 on the page comes to t3: messages that are not sent any more.
    readonly property real droppedOpacity: Theme.isDark ? 0.6 : 0.72

    // The program's, given by the chat page.
    property FormulaCache formulas: null

    // Mono 13 in text of 15.
    readonly property int inlineCodeSize: Math.round(Theme.textSize * 13 / 15)

    // Of each kind of text (TypeRole): fonts and colours of its parts.
    component Style: TextStyle {
        property int size: Theme.textSize
        codeFont: Qt.font({
                "family": Theme.mono,
                "pixelSize": Math.round(size * 13 / 15),
                "hintingPreference": Font.PreferNoHinting
            })
        linkColor: Theme.blue
        chipColor: Theme.bg4
        codeColors: [Theme.codeKeyword, Theme.codeString, Theme.codeNumber, Theme.codeComment, Theme.codeFunction]
        formulas: root.formulas // qmllint disable unqualified
    }
    readonly property Style readText: Style {
        font: Theme.read.font
        lineHeight: Theme.read.line
    }
    readonly property Style bodyText: Style {
        font: Theme.body.font
        lineHeight: Theme.body.line
        size: 13
    }

    // What is left of a damaged message.
    readonly property Style partText: Style {
        font: Qt.font({
                "family": Theme.sans,
                "pixelSize": Theme.body.size,
                "italic": true,
                "hintingPreference": Font.PreferNoHinting
            })
        lineHeight: Theme.body.line
        size: 13
    }
    readonly property Style labelText: Style {
        font: Theme.label.font
        lineHeight: Theme.label.line
        size: 12
    }
    readonly property Style codeText: Style {
        font: root.codeFont(root.inlineCodeSize)
        lineHeight: Math.round(root.inlineCodeSize * 19 / 13)
    }
    readonly property Style headingText1: Style {
        font: root.heading1.font
        lineHeight: root.heading1.line
        size: root.heading1.size
    }
    readonly property Style headingText2: Style {
        font: root.heading2.font
        lineHeight: root.heading2.line
        size: root.heading2.size
    }
    readonly property Style headingText3: Style {
        font: root.heading3.font
        lineHeight: root.heading3.line
    }

    // Headings 1 to 6: the first two a little larger than the text, the others by weight alone.
    readonly property TypeRole heading1: TypeRole {
        family: Theme.displayFamily
        size: Math.round(Theme.textSize * 4 / 3)
        line: Math.round(size * 1.4)
        weight: Font.DemiBold
        tracking: -0.1
    }
    readonly property TypeRole heading2: TypeRole {
        family: Theme.sans
        size: Math.round(Theme.textSize * 1.14)
        line: Math.round(size * 1.5)
        weight: Font.DemiBold
        tracking: -0.1
    }
    readonly property TypeRole heading3: TypeRole {
        family: Theme.sans
        size: Theme.textSize
        line: Math.round(Theme.textSize * 1.6)
        weight: Font.DemiBold
    }

    function codeFont(pixels: int): font {
        return Qt.font({
                "family": Theme.mono,
                "pixelSize": pixels,
                "hintingPreference": Font.PreferNoHinting
            });
    }
    function headingText(level: int): TextStyle {
        return level === 1 ? headingText1 : level === 2 ? headingText2 : headingText3;
    }
}

pragma Singleton
import QtQuick
import Sotto.Theme

// What rich text starts with: the colours that HTML cannot take from the palette. One string for all
// blocks, built again when theme or text size change.
QtObject {
    readonly property int columnWidth: 680
    readonly property int composerWidth: 712
    readonly property int bubbleWidth: 528

    // Mono 13 in text of 15.
    readonly property int inlineCodeSize: Math.round(Theme.textSize * 13 / 15)

    readonly property string text: {
        const link = "a{color:" + Theme.blue + ";text-decoration:none}";
        const code = "code{font-family:'" + Theme.mono + "';font-size:" + inlineCodeSize + "px;background-color:" + Theme.bg4 + "}";
        return "<style>" + link + "b,th{font-weight:600}" + code + "</style>";
    }

    readonly property string code: {
        const words = ".k{color:" + Theme.codeKeyword + "}.s{color:" + Theme.codeString + "}.f{color:" + Theme.codeFunction + "}";
        return "<style>" + words + ".n{color:" + Theme.codeNumber + "}.c{color:" + Theme.codeComment + "}</style>";
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

    function headingRole(level: int): TypeRole {
        return level === 1 ? heading1 : level === 2 ? heading2 : heading3;
    }
}

pragma Singleton
import QtQuick
import Sotto.System

// The tokens of the design (UI.md section 3). Main.qml binds isDark, language, textSize and
// reducedMotion to the settings; everything else follows. The token onMeasured is called textOnMeasured
// here, because QML takes "on…" for a signal handler.
QtObject {
    id: root

    property bool isDark: true
    property string language: "en" // "en" or "zh_CN", never "system"
    property int textSize: 15 // px of messages and composer, 13 to 20
    property bool reducedMotion: false

    // Colour: surfaces
    readonly property color bg0: isDark ? "#0B0E0F" : "#EAECE8"
    readonly property color bg1: isDark ? "#101415" : "#F2F4F1"
    readonly property color bg2: isDark ? "#14191A" : "#FAFBF9"
    readonly property color bg3: isDark ? "#1A2021" : "#FFFFFF"
    readonly property color bg4: isDark ? "#232B2C" : "#E8ECE8"
    readonly property color bg5: isDark ? "#2D3738" : "#DBE1DC"
    readonly property color line: isDark ? "#222A2B" : "#E2E6E1"
    readonly property color line2: isDark ? "#354142" : "#C4CCC6"
    readonly property color railOn: isDark ? "#232B2C" : "#FAFBF9"
    readonly property color bubble: isDark ? "#232B2C" : "#E8EFEB"
    readonly property color scrim: isDark ? "#A8050808" : "#61161E1C"
    // Text
    readonly property color t1: isDark ? "#E8EDEB" : "#161E1C"
    readonly property color t2: isDark ? "#B0BBB8" : "#43504C"
    readonly property color t3: isDark ? "#8B9895" : "#5C6965"
    readonly property color t4: isDark ? "#5C6866" : "#9AA5A0"
    // Meaning
    readonly property color measured: isDark ? "#86D3BC" : "#17735E"
    readonly property color measuredHover: isDark ? "#9BDFCB" : "#126350"
    readonly property color measuredPress: isDark ? "#6DBBA5" : "#0E5242"
    readonly property color measuredDim: isDark ? "#1B332D" : "#DCEFE9"
    readonly property color textOnMeasured: isDark ? "#0A1F19" : "#FFFFFF"
    readonly property color limit: isDark ? "#E3B56B" : "#8A5C0A"
    readonly property color limitDim: isDark ? "#362C1B" : "#F6ECD7"
    readonly property color diff: isDark ? "#C3A8EC" : "#6E47B0"
    readonly property color diffDim: isDark ? "#2D2640" : "#EEE7F9"
    readonly property color warn: isDark ? "#EFA873" : "#9A5213"
    readonly property color warnDim: isDark ? "#38281B" : "#FAEBDD"
    readonly property color err: isDark ? "#F2938A" : "#B3372C"
    readonly property color errDim: isDark ? "#3A2220" : "#FBE6E3"
    readonly property color blue: isDark ? "#86B1E6" : "#2F66AE"
    readonly property color blueDim: isDark ? "#1E2A3A" : "#E3ECF8"
    // Memory stack
    readonly property color weights: isDark ? "#7BA3D6" : "#4F82C4"
    readonly property color kv: isDark ? "#86D3BC" : "#238A72"
    readonly property color scratch: isDark ? "#B79FDF" : "#8E6CC8"
    readonly property color otherApps: isDark ? "#6C7977" : "#7C8883"
    readonly property color free: isDark ? "#252D2E" : "#E3E8E4"
    // KV map
    readonly property color kvChat: isDark ? "#9BE6CF" : "#0E5B49"
    readonly property color kvShared: isDark ? "#56A992" : "#3C9780"
    readonly property color kvCached: isDark ? "#336256" : "#94CCBC"
    readonly property color kvFree: isDark ? "#1F2627" : "#E6EAE6"
    // Code
    readonly property color codeBg: isDark ? "#0F1314" : "#F3F5F2"
    readonly property color codeKeyword: diff
    readonly property color codeString: isDark ? "#9AD6B4" : "#17735E"
    readonly property color codeFunction: blue
    readonly property color codeNumber: limit
    readonly property color codeComment: t3

    // Space
    readonly property int s4: 4
    readonly property int s8: 8
    readonly property int s12: 12
    readonly property int s16: 16
    readonly property int s20: 20
    readonly property int s24: 24
    readonly property int s32: 32
    readonly property int s48: 48

    // Radii
    readonly property int radiusCell: 2
    readonly property int radiusBadge: 5
    readonly property int radiusControl: 8
    readonly property int radiusRail: 10
    readonly property int radiusCard: 12
    readonly property int radiusBubble: 14
    readonly property int radiusDialog: 16

    // Durations in ms; 0 with reduced motion
    readonly property int pressTime: reducedMotion ? 0 : 80
    readonly property int hoverTime: reducedMotion ? 0 : 120
    readonly property int panelTime: reducedMotion ? 0 : 200
    readonly property int pageTime: reducedMotion ? 0 : 320

    // Type
    readonly property string sans: "Sotto Sans"
    readonly property string displayFamily: "Sotto Sans Display"
    readonly property string mono: "Sotto Mono"

    readonly property TypeRole hero: TypeRole {
        family: root.displayFamily
        size: 48
        line: 52
        weight: Font.Light
        tracking: -1.2
    }
    readonly property TypeRole big: TypeRole {
        family: root.displayFamily
        size: 32
        line: 36
        weight: Font.Light
        tracking: -0.6
    }
    readonly property TypeRole display: TypeRole {
        family: root.displayFamily
        size: 32
        line: 40
        weight: Font.Medium
        tracking: -0.6
    }
    readonly property TypeRole h1: TypeRole {
        family: root.displayFamily
        size: 20
        line: 28
        weight: Font.DemiBold
        tracking: -0.1
    }
    readonly property TypeRole h2: TypeRole {
        family: root.sans
        size: 15
        line: 20
        weight: Font.DemiBold
        tracking: -0.1
    }
    readonly property TypeRole h3: TypeRole {
        family: root.sans
        size: 13
        line: 20
        weight: Font.DemiBold
    }
    readonly property TypeRole read: TypeRole {
        family: root.sans
        size: root.textSize
        line: Math.round(root.textSize * 1.6)
        weight: Font.Normal
    }
    // The number in a row of figures: 15/20, medium.
    readonly property TypeRole figure: TypeRole {
        family: root.sans
        size: 15
        line: 20
        weight: Font.Medium
    }
    readonly property TypeRole body: TypeRole {
        family: root.sans
        size: 13
        line: 20
        weight: Font.Normal
    }
    readonly property TypeRole bodyMedium: TypeRole {
        family: root.sans
        size: 13
        line: 20
        weight: Font.Medium
    }
    readonly property TypeRole label: TypeRole {
        family: root.sans
        size: 12
        line: 16
        weight: Font.Medium
    }
    readonly property TypeRole caption: TypeRole {
        family: root.sans
        size: 12
        line: 16
        weight: Font.Normal
    }
    readonly property TypeRole micro: TypeRole {
        family: root.sans
        size: 11
        line: 16
        weight: Font.Normal
    }
    readonly property TypeRole microMedium: TypeRole {
        family: root.sans
        size: 11
        line: 16
        weight: Font.Medium
    }
    readonly property TypeRole code: TypeRole {
        family: root.mono
        size: 13
        line: 19
        weight: Font.Normal
    }
    readonly property TypeRole codeSmall: TypeRole {
        family: root.mono
        size: 12
        line: 16
        weight: Font.Normal
    }
    readonly property TypeRole badgeCode: TypeRole {
        family: root.mono
        size: 11
        line: 16
        weight: Font.Medium
        tracking: -0.1
    }

    // Number formats. One object per language, so that bindings on Theme.format follow a change.
    readonly property NumberFormat englishFormat: NumberFormat {
        language: "en"
    }
    readonly property NumberFormat chineseFormat: NumberFormat {
        language: "zh_CN"
    }
    readonly property NumberFormat format: language === "zh_CN" ? chineseFormat : englishFormat
}

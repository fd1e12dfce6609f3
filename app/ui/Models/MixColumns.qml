import QtQuick

// Where the columns of the mixes stand, for their heads and their rows.
QtObject {
    required property real width

    readonly property bool isWide: width >= 860
    readonly property real bits: 172
    readonly property real size: 248
    readonly property real memory: 324
    readonly property real memoryWidth: isWide ? 96 : 64
    readonly property real memoryText: memory + memoryWidth + 10
    readonly property real speed: memoryText + 92
    readonly property real speedWidth: isWide ? 72 : 48
    readonly property real speedText: speed + speedWidth + 10
    readonly property real quality: speedText + 100
    readonly property real qualityText: width - 62
    readonly property real qualityWidth: Math.max(32, qualityText - quality - 12)
}

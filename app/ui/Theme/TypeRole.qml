import QtQuick

// One line of the type table: a font and the line height it is set in.
QtObject {
    required property string family
    required property int size // px
    required property int line // px
    required property int weight
    property real tracking: 0 // px

    readonly property font font: Qt.font({
            "family": family,
            "pixelSize": size,
            "weight": weight,
            "letterSpacing": tracking,
            "hintingPreference": Font.PreferNoHinting
        })
    // Distance from the top of a line to the baseline, with the ascent and descent of Inter
    // (2728 and 680 of 2816 units). Labels use it so that Chinese and Latin text share one baseline.
    readonly property real baseline: (line - size * 1.2102) / 2 + size * 0.96875
}

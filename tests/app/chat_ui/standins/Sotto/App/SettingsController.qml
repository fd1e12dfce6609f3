import QtQuick
import Sotto.App

QtObject {
    property bool isDark: true
    property string language: "en"
    property int textSize: 15
    property bool enterSends: true
    property bool reducedMotion: false
    property string systemPrompt
    property SamplingModel sampling
    property int contextTokens: 0
    property bool isListOpen: true
    property bool isLiveOpen: true
}

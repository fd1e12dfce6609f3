import QtQuick

QtObject {
    enum Theme {
        System,
        Light,
        Dark
    }

    property int theme: SettingsController.Dark
    property bool isDark: theme !== SettingsController.Light
    property string language: "en"
    property int textSize: 15
    property bool enterSends: true
    property bool reducedMotion: false
    property string systemPrompt
    property SamplingModel sampling: SamplingModel {}
    property int contextTokens: 0
    property int threads: 0
    property string kvType: "f16"
    property var modelFolders: ["/home/ada/Models"]
    property bool isFirstRun: false
    property bool isListOpen: true
    property bool isLiveOpen: true
    property rect windowGeometry

    function finishFirstRun(): void {
        isFirstRun = false;
    }
    function licences(): string {
        return "Lucide, ISC";
    }
}

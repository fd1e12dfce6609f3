import QtQuick

QtObject {
    enum State {
        NoModel,
        Loading,
        Loaded,
        Failed
    }

    property int state: ModelController.Loaded
    property double loadProgress: 0
    property string name: "Sotto Demo"
    property string quantization: "Q8_0"
    property string path: ":demo"
    property double memoryBytes: 4.2e7
    property double cardBytes: 0
    property int contextTokens: 16384
    property bool isDemo: true
    property string notice
    property string errorText
    property ModelListModel list: ModelListModel {}
    property string deviceName: "AMD EPYC 7763 64-Core Processor"
    property string deviceDetail: "2 cores, AVX-512 VNNI"
    property double memoryTotal: 24e9
    property double readBandwidth: 33.4
    property bool isBandwidthMeasured: true
    property bool isOnCard: false
    property bool isRestartNeeded: false
    property string deviceProblem
    property var deviceChoices: []
    property var calls: []

    function note(name: string, value: var): void {
        calls = calls.concat([[name].concat(Array.from(value))]);
    }
    function load(path: string): void {
        note("load", [path]);
    }
    function loadDemo(): void {
        note("loadDemo", []);
    }
    function cancelLoad(): void {
        note("cancelLoad", []);
    }
    function unload(): void {
        note("unload", []);
    }
    function retry(): void {
        note("retry", []);
    }
    function addFile(file: url): void {
        note("addFile", [file]);
    }
    function addFolder(folder: url): void {
        note("addFolder", [folder]);
    }
    function removeFolder(folder: string): void {
        note("removeFolder", [folder]);
    }
    function refresh(): void {
        note("refresh", []);
    }
}

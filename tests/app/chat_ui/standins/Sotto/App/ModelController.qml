import QtQuick
import Sotto.App

QtObject {
    enum State {
        NoModel,
        Loading,
        Loaded,
        Failed
    }

    property int state: ModelController.Loaded
    property double loadProgress: 0
    property string name
    property string quantization
    property string path
    property double memoryBytes: 0
    property double cardBytes: 0
    property int contextTokens: 16384
    property bool isDemo: false
    property string notice
    property string errorText
    property ModelListModel list
    property string deviceName: "AMD EPYC 9654"
    property string deviceDetail: "2 cores, avx512-vnni"
    property double memoryTotal: 34359738368
    property double readBandwidth: 33.4
    property bool isBandwidthMeasured: true
    property bool isOnCard: false
    property bool isRestartNeeded: false
    property string deviceProblem
    property var deviceChoices: []

    property var calls: []

    function note(call: string): void {
        calls = calls.concat([call]);
    }
    function load(modelPath: string): void {
        note("load:" + modelPath);
    }
    function loadDemo(): void {
        note("loadDemo");
    }
    function cancelLoad(): void {
        note("cancelLoad");
    }
    function unload(): void {
        note("unload");
    }
    function retry(): void {
        note("retry");
    }
    function addFile(file: url): void {
        note("addFile:" + file);
    }
    function addFolder(folder: url): void {
        note("addFolder:" + folder);
    }
    function refresh(): void {
        note("refresh");
    }
}

import QtQuick

QtObject {
    property bool hasModel: true
    property bool isGenerating: false
    property double tokensPerSecond: 41.2
    property double limitTokensPerSecond: 63
    property double share: 0.65
    property double ttftMs: 38
    property double tpotP50Ms: 24.1
    property double tpotP95Ms: 26.5
    property int sampleCount: 642
    property double bandwidth: 21.6
    property double bandwidthLimit: 33.4
    property double copyBandwidth: 17.2
    property double bytesPerToken: 5.2e8
    property var sparkline: []
    property double memoryTotal: 24e9
    property double memoryWeights: 5.2e8
    property double memoryKv: 2.5e8
    property double memoryScratch: 8e7
    property double memoryOther: 6e9
    property double memoryFree: 17e9
    property int kvBlocksTotal: 1024
    property int kvBlocksUsed: 124
    property bool hasCard: false
    property bool isCardMemory: false
    property string cardName: ""
    property double specBandwidth: 0
    property double powerWatts: 0
    property double powerLimitWatts: 0
    property int temperature: 0
    property int clockMhz: 0
    property int clockMaxMhz: 0
    property int memoryClockMhz: 0
    property string slowdown: ""
    property int kvBlockTokens: 16
}

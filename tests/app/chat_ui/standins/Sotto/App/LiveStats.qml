import QtQuick

QtObject {
    property bool hasModel: true
    property bool isGenerating: false
    property double tokensPerSecond: 0
    property double limitTokensPerSecond: 0
    property double share: 0
    property double ttftMs: 0
    property double tpotP50Ms: 0
    property double tpotP95Ms: 0
    property int sampleCount: 0
    property double bandwidth: 0
    property double bandwidthLimit: 0
    property double copyBandwidth: 0
    property double bytesPerToken: 0
    property var sparkline: []
    property double memoryTotal: 0
    property double memoryWeights: 0
    property double memoryKv: 0
    property double memoryScratch: 0
    property double memoryOther: 0
    property double memoryFree: 0
    property int kvBlocksTotal: 0
    property int kvBlocksUsed: 0
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
    property int kvBlockTokens: 0
}

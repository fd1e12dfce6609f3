// LiveStats: what the live panel shows, refreshed four times a second from the engine's snapshot.
// GUI thread only.
#pragma once

#include <QList>
#include <QObject>
#include <QQmlEngine>

namespace sotto::app {

class LiveStats : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by AppFacade")
    Q_PROPERTY(bool hasModel READ hasModel NOTIFY updated)
    Q_PROPERTY(bool isGenerating READ isGenerating NOTIFY updated)
    Q_PROPERTY(double tokensPerSecond READ tokensPerSecond NOTIFY
                   updated)  // now, or of the last answer when idle
    Q_PROPERTY(double limitTokensPerSecond READ limitTokensPerSecond NOTIFY
                   updated)  // read bandwidth / bytes per token; 0 unknown
    Q_PROPERTY(double share READ share NOTIFY updated)    // 0..1 of the limit
    Q_PROPERTY(double ttftMs READ ttftMs NOTIFY updated)  // of the last answer; 0: none yet
    Q_PROPERTY(double tpotP50Ms READ tpotP50Ms NOTIFY updated)
    Q_PROPERTY(double tpotP95Ms READ tpotP95Ms NOTIFY updated)   // 0 below 20 samples
    Q_PROPERTY(int sampleCount READ sampleCount NOTIFY updated)  // tokens behind the percentiles
    Q_PROPERTY(double bandwidth READ bandwidth NOTIFY updated)   // GB/s
    Q_PROPERTY(
        double bandwidthLimit READ bandwidthLimit NOTIFY updated)  // GB/s measured read; 0 unknown
    Q_PROPERTY(double copyBandwidth READ copyBandwidth NOTIFY updated)
    Q_PROPERTY(double bytesPerToken READ bytesPerToken NOTIFY updated)
    Q_PROPERTY(QList<double> sparkline READ sparkline NOTIFY
                   updated)  // tokens/s, 4 per second, last 30 s; < 0: idle
    Q_PROPERTY(double memoryTotal READ memoryTotal NOTIFY updated)  // bytes of RAM
    Q_PROPERTY(double memoryWeights READ memoryWeights NOTIFY updated)
    Q_PROPERTY(double memoryKv READ memoryKv NOTIFY updated)
    Q_PROPERTY(double memoryScratch READ memoryScratch NOTIFY updated)
    Q_PROPERTY(double memoryOther READ memoryOther NOTIFY updated)  // other programs
    Q_PROPERTY(double memoryFree READ memoryFree NOTIFY updated)
    Q_PROPERTY(int kvBlocksTotal READ kvBlocksTotal NOTIFY updated)
    Q_PROPERTY(int kvBlocksUsed READ kvBlocksUsed NOTIFY updated)
    Q_PROPERTY(int kvBlockTokens READ kvBlockTokens NOTIFY updated)

signals:
    void updated();
};

}  // namespace sotto::app

// LiveStats: what the live panel shows, refreshed four times a second from the engine's snapshot.
// GUI thread only.
#pragma once

#include <QList>
#include <QObject>
#include <QQmlEngine>
#include <QTimer>
#include <map>
#include <set>

#include "app/bridge/engine_bridge.h"
#include "engine/api/stats.h"

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
                   updated)  // read bandwidth / bytes per token; 0: unknown, or the model stays in
                             // the cache
    Q_PROPERTY(double share READ share NOTIFY updated)  // 0..1 of the limit
    // Of the answer in work so far, else of the last one; 0: none yet.
    Q_PROPERTY(double ttftMs READ ttftMs NOTIFY updated)
    Q_PROPERTY(double tpotP50Ms READ tpotP50Ms NOTIFY updated)
    Q_PROPERTY(double tpotP95Ms READ tpotP95Ms NOTIFY updated)   // 0 below 20 samples
    Q_PROPERTY(int sampleCount READ sampleCount NOTIFY updated)  // tokens behind the percentiles
    Q_PROPERTY(double bandwidth READ bandwidth NOTIFY updated)   // GB/s
    Q_PROPERTY(double bandwidthLimit READ bandwidthLimit NOTIFY
                   updated)  // GB/s measured read; 0 unknown,
                             // or the model stays in the cache
    Q_PROPERTY(double copyBandwidth READ copyBandwidth NOTIFY updated)
    Q_PROPERTY(double bytesPerToken READ bytesPerToken NOTIFY updated)
    Q_PROPERTY(QList<double> sparkline READ sparkline NOTIFY
                   updated)  // tokens/s, 4 per second, last 30 s; < 0: idle
    Q_PROPERTY(double memoryTotal READ memoryTotal NOTIFY updated)  // bytes of RAM, or of the card
    Q_PROPERTY(double memoryWeights READ memoryWeights NOTIFY updated)
    Q_PROPERTY(double memoryKv READ memoryKv NOTIFY updated)
    Q_PROPERTY(double memoryScratch READ memoryScratch NOTIFY updated)
    Q_PROPERTY(double memoryOther READ memoryOther NOTIFY updated)  // other programs
    Q_PROPERTY(double memoryFree READ memoryFree NOTIFY updated)
    Q_PROPERTY(int kvBlocksTotal READ kvBlocksTotal NOTIFY updated)
    Q_PROPERTY(int kvBlocksUsed READ kvBlocksUsed NOTIFY updated)
    // Held by nobody, kept to be found again, and given to whoever needs them.
    Q_PROPERTY(int kvBlocksCached READ kvBlocksCached NOTIFY updated)
    Q_PROPERTY(int kvBlockTokens READ kvBlockTokens NOTIFY updated)
    // What the last answer held at its end, with its prompt; 0: none yet.
    Q_PROPERTY(int lastKvBlocks READ lastKvBlocks NOTIFY updated)
    // tokens/s while the last answer was written, or the last ones to one question, as sampled:
    // for who cannot see the line. Answers that were written meanwhile are in it.
    Q_PROPERTY(double lowestSpeed READ lowestSpeed NOTIFY answerEnded)
    Q_PROPERTY(double averageSpeed READ averageSpeed NOTIFY answerEnded)
    Q_PROPERTY(double highestSpeed READ highestSpeed NOTIFY answerEnded)
    // Of the card that the model lies on; what its driver does not tell is 0.
    Q_PROPERTY(bool hasCard READ hasCard NOTIFY updated)
    Q_PROPERTY(bool isCardMemory READ isCardMemory NOTIFY updated)  // the memory figures are its
    Q_PROPERTY(QString cardName READ cardName NOTIFY updated)
    Q_PROPERTY(double specBandwidth READ specBandwidth NOTIFY updated)  // GB/s by the data sheet
    Q_PROPERTY(double powerWatts READ powerWatts NOTIFY updated)
    Q_PROPERTY(double powerLimitWatts READ powerLimitWatts NOTIFY updated)
    Q_PROPERTY(int temperature READ temperature NOTIFY updated)  // degrees Celsius
    Q_PROPERTY(int clockMhz READ clockMhz NOTIFY updated)        // of the multiprocessors
    Q_PROPERTY(int clockMaxMhz READ clockMaxMhz NOTIFY updated)
    Q_PROPERTY(int memoryClockMhz READ memoryClockMhz NOTIFY updated)
    Q_PROPERTY(
        QString slowdown READ slowdown NOTIFY updated)  // why it runs slower, in words; empty

public:
    explicit LiveStats(EngineBridge& engine, QObject* parent = nullptr);

    bool hasModel() const { return m_snapshot.isModelLoaded; }
    bool isGenerating() const { return m_snapshot.isGenerating; }
    double tokensPerSecond() const;
    double limitTokensPerSecond() const;
    double share() const;
    double ttftMs() const { return answer().ttftMs; }
    double tpotP50Ms() const { return answer().tpotP50Ms; }
    double tpotP95Ms() const { return answer().tpotP95Ms; }
    int sampleCount() const;
    double bandwidth() const;
    double bandwidthLimit() const { return isInCache() ? 0 : m_snapshot.readBandwidthGbS; }
    double copyBandwidth() const { return m_snapshot.copyBandwidthGbS; }
    double bytesPerToken() const;
    QList<double> sparkline() const { return m_sparkline; }
    double memoryTotal() const;
    double memoryWeights() const;
    double memoryKv() const;
    double memoryScratch() const;
    double memoryOther() const;
    double memoryFree() const;
    int kvBlocksTotal() const { return static_cast<int>(m_snapshot.kvBlocksTotal); }
    int kvBlocksUsed() const { return static_cast<int>(m_snapshot.kvBlocksUsed); }
    int kvBlocksCached() const { return static_cast<int>(m_snapshot.kvBlocksCached); }
    int kvBlockTokens() const { return m_snapshot.kvBlockTokens; }
    int lastKvBlocks() const;
    double lowestSpeed() const { return m_lowest; }
    double averageSpeed() const { return m_average; }
    double highestSpeed() const { return m_highest; }
    bool hasCard() const { return m_snapshot.device.name[0] != 0; }
    bool isCardMemory() const { return isCardMemoryKnown(); }
    QString cardName() const { return QString::fromUtf8(m_snapshot.device.name); }
    double specBandwidth() const { return m_snapshot.device.specGbS; }
    double powerWatts() const { return m_snapshot.device.powerWatts; }
    double powerLimitWatts() const { return m_snapshot.device.powerLimitWatts; }
    int temperature() const { return m_snapshot.device.temperatureCelsius; }
    int clockMhz() const { return m_snapshot.device.smClockMhz; }
    int clockMaxMhz() const { return m_snapshot.device.smClockMaxMhz; }
    int memoryClockMhz() const { return m_snapshot.device.memoryClockMhz; }
    QString slowdown() const;

signals:
    void updated();
    void answerEnded();

private:
    void read();
    void sample();
    // The answers to it are written side by side.
    struct Question {
        RequestId end = 0;  // behind the ids of its answers
        int nOpen = 0;
        int nEnded = 0;
        bool isWriting = false;  // the first text of one was seen
        bool isShared = false;   // the samples are of more than one answer
        double speed = 0;        // of the last one that ended, by itself
        int nSamples = 0;
        double lowest = 0, highest = 0, sumOfSpeeds = 0;  // of the samples
    };

    void takeText(RequestId request);
    void takeSample(double speed);
    void takeFinish(const GenerationFinished& finish);
    void takeEnd(RequestId request);
    Question* questionOf(RequestId request);  // null: it has ended
    void forgetAnswers();
    const RequestStats& answer() const {
        return m_snapshot.answerRequest != 0 ? m_snapshot.answer : m_last;
    }
    bool isInCache() const;
    bool isCardMemoryKnown() const { return m_snapshot.device.isMemoryKnown; }

    EngineBridge& m_engine;
    EngineSnapshot m_snapshot;
    RequestStats m_last;  // of the last finished answer
    QList<double> m_sparkline;
    double m_speed = 0;  // of the answer that ended since the last sample
    double m_lowest = 0, m_average = 0, m_highest = 0;
    std::map<RequestId, Question> m_open;  // by the first answer
    std::set<RequestId> m_written;         // answers whose first text was seen
    QTimer m_timer;
};

}  // namespace sotto::app

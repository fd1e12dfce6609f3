#include "app/performance/live_stats.h"

#include <algorithm>
#include <utility>

#include "app/models/machine.h"

namespace sotto::app {
namespace {

constexpr int kRefreshMs = 250;        // four times a second, UI.md section 3
constexpr qsizetype kPoints = 30 * 4;  // 30 s
constexpr double kIdle = -1;

}  // namespace

LiveStats::LiveStats(EngineBridge& engine, QObject* parent) : QObject(parent), m_engine(engine) {
    m_sparkline.fill(kIdle, kPoints);
    connect(&engine, &EngineBridge::generationFinished, this, &LiveStats::takeFinish);
    connect(&engine, &EngineBridge::generationFailed, this,
            [this](const GenerationFailed& failure) { takeEnd(failure.request); });
    // Another model: the numbers of the one before say nothing about it.
    connect(&engine, &EngineBridge::modelLoaded, this, &LiveStats::forgetAnswers);
    connect(&engine, &EngineBridge::modelUnloaded, this, &LiveStats::forgetAnswers);
    // The idle pace is slow; the first words wake it.
    connect(&engine, &EngineBridge::promptProgressed, this, [this](const PromptProgress& progress) {
        m_inWork.insert(progress.request);
        if (m_timer.interval() != kRefreshMs) m_timer.start(kRefreshMs);
    });
    // How long it took is of interest at once.
    connect(&engine, &EngineBridge::textArrived, this, [this](const TextRun& run) {
        m_inWork.insert(run.request);
        if (m_written.insert(run.request).second) read();
    });
    connect(&m_timer, &QTimer::timeout, this, &LiveStats::sample);
    m_timer.start(kRefreshMs);
}

void LiveStats::read() {
    if (m_engine.engine() == nullptr) return;
    m_snapshot = m_engine.engine()->snapshot();
    emit updated();
}

void LiveStats::sample() {
    if (m_engine.engine() == nullptr) return;
    const bool wasIdle = !m_snapshot.isGenerating && m_sparkline.count(kIdle) == kPoints;
    const bool hadModel = m_snapshot.isModelLoaded;
    m_snapshot = m_engine.engine()->snapshot();
    double speed = std::exchange(m_speed, 0);
    if (m_snapshot.isGenerating && m_snapshot.tokensPerSecond > 0) {
        speed = m_snapshot.tokensPerSecond;
        m_lowest = m_nSamples > 0 ? std::min(m_lowest, speed) : speed;
        m_highest = m_nSamples > 0 ? std::max(m_highest, speed) : speed;
        m_sumOfSpeeds += speed;
        ++m_nSamples;
    }
    m_sparkline.removeFirst();
    m_sparkline.append(speed > 0 ? speed : kIdle);
    // An idle window costs nothing: nothing is told while nothing moves, but for memory once in two
    // seconds.
    const bool isIdle =
        wasIdle && speed <= 0 && !m_snapshot.isGenerating && hadModel == m_snapshot.isModelLoaded;
    m_timer.setInterval(isIdle ? 8 * kRefreshMs : kRefreshMs);
    emit updated();
}

void LiveStats::takeFinish(const GenerationFinished& finish) {
    if (finish.stats.generatedTokens > 1) {
        m_last = finish.stats;
        ++m_nEnded;
    }
    takeEnd(finish.request);
    read();
}

// An answer that was over before it could be sampled is a point all the same: its average. Of those
// that were written side by side the samples are of all together, and so is their average.
void LiveStats::takeEnd(RequestId request) {
    m_inWork.erase(request);
    m_written.erase(request);
    if (!m_inWork.empty()) return;
    const int nEnded = std::exchange(m_nEnded, 0);
    const int nSamples = std::exchange(m_nSamples, 0);
    const double sum = std::exchange(m_sumOfSpeeds, 0);
    if (nEnded == 0) return;
    m_average = nEnded > 1 && nSamples > 0 ? sum / nSamples : m_last.tokensPerSecond;
    if (nSamples == 0) m_speed = m_lowest = m_highest = m_average;
    m_timer.start(kRefreshMs);
    emit answerEnded();
}

void LiveStats::forgetAnswers() {
    m_last = {};
    m_speed = m_lowest = m_average = m_highest = 0;
    m_inWork.clear();
    m_written.clear();
    m_nEnded = m_nSamples = 0;
    m_sumOfSpeeds = 0;
    emit answerEnded();
    read();
}

double LiveStats::tokensPerSecond() const {
    return m_snapshot.isGenerating && m_snapshot.tokensPerSecond > 0 ? m_snapshot.tokensPerSecond
                                                                     : m_last.tokensPerSecond;
}

// Answers that are written side by side share what a step reads; at rest the speed is that of one.
double LiveStats::bytesPerToken() const {
    const bool isAtRest = !m_snapshot.isGenerating && m_last.bytesPerStep > 0;
    if (m_snapshot.bytesPerStep == 0 || isAtRest) return m_last.bytesPerStep;
    const auto nRows = static_cast<double>(std::max<std::int64_t>(1, m_snapshot.rowsPerStep));
    return static_cast<double>(m_snapshot.bytesPerStep) / nRows;
}

double LiveStats::limitTokensPerSecond() const {
    const double bytes = bytesPerToken();
    return bytes > kCacheBytes ? m_snapshot.readBandwidthGbS * 1e9 / bytes : 0;
}

bool LiveStats::isInCache() const {
    const double bytes = bytesPerToken();
    return bytes > 0 && bytes <= kCacheBytes;
}

double LiveStats::share() const {
    const double limit = limitTokensPerSecond();
    return limit > 0 ? tokensPerSecond() / limit : 0;
}

// The engine's own figure: what the steps read over the time they took.
double LiveStats::bandwidth() const {
    return m_snapshot.isGenerating && m_snapshot.bandwidthGbS > 0
               ? m_snapshot.bandwidthGbS
               : m_last.tokensPerSecond * m_last.bytesPerStep / 1e9;
}

// Times between tokens: one less than the tokens themselves.
int LiveStats::sampleCount() const {
    return static_cast<int>(std::max<std::int64_t>(0, answer().generatedTokens - 1));
}

int LiveStats::lastKvBlocks() const {
    const std::int64_t tokens = m_last.promptTokens + m_last.generatedTokens;
    const std::int64_t inBlock = m_snapshot.kvBlockTokens;
    return inBlock > 0 ? static_cast<int>((tokens + inBlock - 1) / inBlock) : 0;
}

double LiveStats::memoryTotal() const {
    return static_cast<double>(isCardMemoryKnown() ? m_snapshot.device.memoryTotal
                                                   : m_snapshot.memory.systemTotal);
}

double LiveStats::memoryWeights() const {
    if (isCardMemoryKnown()) return static_cast<double>(m_snapshot.device.memoryWeights);
    return static_cast<double>(m_snapshot.memory.weightsMapped + m_snapshot.memory.weightsResident);
}

double LiveStats::memoryKv() const {
    return static_cast<double>(isCardMemoryKnown() ? m_snapshot.device.memoryKv
                                                   : m_snapshot.memory.kvCache);
}

// On a card also what the driver keeps for this program: the figures add up to what is held.
double LiveStats::memoryScratch() const {
    if (!isCardMemoryKnown()) return static_cast<double>(m_snapshot.memory.scratch);
    const double rest = memoryTotal() - memoryFree() - memoryOther() - memoryWeights() - memoryKv();
    return std::max(static_cast<double>(m_snapshot.device.memoryScratch), rest);
}

double LiveStats::memoryFree() const {
    return static_cast<double>(isCardMemoryKnown() ? m_snapshot.device.memoryFree
                                                   : m_snapshot.memory.systemAvailable);
}

double LiveStats::memoryOther() const {
    if (isCardMemoryKnown()) return static_cast<double>(m_snapshot.device.memoryOfOthers);
    return std::max(0.0,
                    memoryTotal() - memoryFree() - memoryWeights() - memoryKv() - memoryScratch());
}

// Idle is no slowdown: the card rests because nothing is asked of it.
QString LiveStats::slowdown() const {
    const std::pair<ThrottleReason, QString> words[] = {
        {ThrottleReason::Heat, tr("heat")},
        {ThrottleReason::Power, tr("power limit")},
        {ThrottleReason::PowerBrake, tr("power supply")},
        {ThrottleReason::Hardware, tr("hardware protection")},
        {ThrottleReason::Limited, tr("clocks set lower")},
        {ThrottleReason::Synced, tr("waiting for other cards")},
    };
    QStringList reasons;
    for (const auto& [reason, word] : words)
        if (m_snapshot.device.isThrottledBy(reason)) reasons += word;
    return reasons.join(QStringLiteral(", "));
}

}  // namespace sotto::app

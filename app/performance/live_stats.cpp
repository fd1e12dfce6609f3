#include "app/performance/live_stats.h"

#include <algorithm>
#include <iterator>
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
    connect(&engine, &EngineBridge::submitted, this, [this](RequestId first, int nAnswers) {
        m_open[first] = {.end = first + static_cast<RequestId>(nAnswers), .nOpen = nAnswers};
    });
    // The idle pace is slow; the first words wake it.
    connect(&engine, &EngineBridge::promptProgressed, this, [this] {
        if (m_timer.interval() != kRefreshMs) m_timer.start(kRefreshMs);
    });
    connect(&engine, &EngineBridge::textArrived, this,
            [this](const TextRun& run) { takeText(run.request); });
    connect(&m_timer, &QTimer::timeout, this, &LiveStats::sample);
    m_timer.start(kRefreshMs);
}

LiveStats::Question* LiveStats::questionOf(RequestId request) {
    const auto behind = m_open.upper_bound(request);
    if (behind == m_open.begin()) return nullptr;
    Question& question = std::prev(behind)->second;
    return request < question.end ? &question : nullptr;
}

void LiveStats::takeText(RequestId request) {
    if (!m_written.insert(request).second) return;
    if (Question* question = questionOf(request)) question->isWriting = true;
    read();  // how long it took is of interest at once
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
        takeSample(speed);
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

// The engine tells the speed of all that is written.
void LiveStats::takeSample(double speed) {
    const auto nWriting = std::count_if(m_open.begin(), m_open.end(),
                                        [](const auto& entry) { return entry.second.isWriting; });
    for (auto& [first, question] : m_open) {
        if (!question.isWriting) continue;
        question.isShared |= nWriting > 1;
        question.lowest = question.nSamples > 0 ? std::min(question.lowest, speed) : speed;
        question.highest = question.nSamples > 0 ? std::max(question.highest, speed) : speed;
        question.sumOfSpeeds += speed;
        ++question.nSamples;
    }
}

void LiveStats::takeFinish(const GenerationFinished& finish) {
    if (finish.stats.generatedTokens > 1) {
        m_last = finish.stats;
        if (Question* question = questionOf(finish.request)) {
            question->speed = m_last.tokensPerSecond;
            question->isShared |= ++question->nEnded > 1;
        }
    }
    takeEnd(finish.request);
    read();
}

// An answer that was over before it could be sampled is a point all the same: its average. Of those
// that were written side by side the samples are of all together, and so is their average.
void LiveStats::takeEnd(RequestId request) {
    m_written.erase(request);
    Question* found = questionOf(request);
    if (found == nullptr || --found->nOpen > 0) return;
    const Question question = *found;
    m_open.erase(std::prev(m_open.upper_bound(request)));
    if (question.nEnded == 0) return;
    const bool isSampled = question.nSamples > 0;
    m_average =
        question.isShared && isSampled ? question.sumOfSpeeds / question.nSamples : question.speed;
    m_lowest = isSampled ? question.lowest : m_average;
    m_highest = isSampled ? question.highest : m_average;
    if (!isSampled) m_speed = m_average;
    m_timer.start(kRefreshMs);
    emit answerEnded();
}

void LiveStats::forgetAnswers() {
    m_last = {};
    m_speed = m_lowest = m_average = m_highest = 0;
    m_written.clear();
    // Those that are open end yet, or have waited for this model.
    for (auto& [first, question] : m_open)
        question = {.end = question.end, .nOpen = question.nOpen};
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

#include "app/models/speed_watch.h"

#include <QDateTime>
#include <algorithm>
#include <utility>

#include "app/jobs/window_job.h"
#include "app/models/model_controller.h"

namespace sotto::app {
namespace {

bool isHeldBack(const DeviceStats& device) {
    return device.isThrottledBy(ThrottleReason::Heat) ||
           device.isThrottledBy(ThrottleReason::PowerBrake) ||
           device.isThrottledBy(ThrottleReason::Hardware) ||
           device.isThrottledBy(ThrottleReason::Limited);
}

}  // namespace

SpeedWatch::SpeedWatch(Parts parts, QObject* parent) : QObject(parent), m_parts(std::move(parts)) {
    EngineBridge& engine = m_parts.engine;
    connect(&engine, &EngineBridge::modelLoaded, this,
            [this](const ModelInfo& info) { m_info = info; });
    connect(&engine, &EngineBridge::submitted, this, &SpeedWatch::takeRequests);
    connect(&engine, &EngineBridge::generationFinished, this, &SpeedWatch::takeFinish);
    connect(&engine, &EngineBridge::generationFailed, this,
            [this](const GenerationFailed& failure) {
                m_open.erase(failure.request);
                m_crowded.erase(failure.request);
            });
    if (m_parts.cache.empty()) return;
    m_reading = startForWindow(
        m_parts.jobs, this, shortDiskJob("measured speeds"),
        [store = SpeedStore(SpeedStore::pathIn(m_parts.cache))](
            JobContext&) -> Result<std::vector<MeasuredSpeed>> { return store.load(); },
        [this](Result<std::vector<MeasuredSpeed>> speeds) {
            if (speeds) takeSpeeds(std::move(*speeds));
        });
}

SpeedWatch::~SpeedWatch() { m_parts.jobs.cancel(m_reading); }

void SpeedWatch::takeSpeeds(std::vector<MeasuredSpeed> speeds) {
    m_speeds = std::move(speeds);
    m_error = forecastError(m_speeds);
    m_parts.models.setSpeeds(m_speeds);
    emit changed();
}

void SpeedWatch::takeRequests(RequestId first, int nAnswers) {
    for (int answer = 0; answer < nAnswers; ++answer)
        m_open.insert(first + static_cast<RequestId>(answer));
    if (m_open.size() > 1) m_crowded = m_open;
}

void SpeedWatch::takeFinish(const GenerationFinished& finish) {
    m_open.erase(finish.request);
    const bool wasAlone = m_crowded.erase(finish.request) == 0;
    const auto speed = speedOfAnswer(finish.stats);
    const Engine* engine = m_parts.engine.engine();
    if (!wasAlone || !speed || engine == nullptr || m_info.path.empty()) return;
    const EngineSnapshot now = engine->snapshot();
    // Other users of the engine, or a card that slows itself down.
    if (now.rowsPerStep > 1 || isHeldBack(now.device)) return;
    const double depth = static_cast<double>(finish.stats.promptTokens) +
                         0.5 * static_cast<double>(finish.stats.generatedTokens);
    // Of what is loaded, which may have other parameters than the list's row.
    const KnownRates rates = m_parts.models.forecastSetting().rates;
    const ModelSpeed forecast =
        staysInCache(m_info) ? ModelSpeed()
                             : speedOf(m_info, rates, {.depth = static_cast<std::int64_t>(depth)});
    keep({.key = m_parts.models.speedKey(m_info),
          .tokensPerSecond = *speed,
          .depth = depth,
          .forecast = forecast.forecast.tokensPerSecond,
          .isByRates = forecast.basis == SpeedBasis::Rates,
          .measuredAt = QDateTime::currentMSecsSinceEpoch()});
}

void SpeedWatch::keep(MeasuredSpeed speed) {
    std::vector<MeasuredSpeed> speeds = m_speeds;
    addSpeed(speeds, speed);
    takeSpeeds(std::move(speeds));
    if (m_parts.cache.empty()) return;
    // What cannot be written is measured again by the next answer.
    startForWindow(
        m_parts.jobs, this, shortDiskJob("measured speeds"),
        [store = SpeedStore(SpeedStore::pathIn(m_parts.cache)),
         speed = std::move(speed)](JobContext&) -> Status { return store.save(speed); },
        [](const Status&) {});
}

}  // namespace sotto::app

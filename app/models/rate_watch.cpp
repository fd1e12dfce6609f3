#include "app/models/rate_watch.h"

#include <algorithm>
#include <array>
#include <utility>

#include "app/jobs/window_job.h"

namespace sotto::app {
namespace {

constexpr int kLaterMs = 5'000;
// What most files hold: Q4_K_M is these two.
constexpr std::array kUsualTypes{DType::Q4_K, DType::Q6_K};

constexpr const char* kKind = "measured rates";

JobSpec measuringJob() {
    JobSpec spec;
    spec.lane = JobLane::Processor;  // not a short one: beside other work figures are too low
    spec.kind = kKind;
    return spec;
}

}  // namespace

bool RateWatch::Device::isMissing(DType type) const {
    return remembered.find(type) == nullptr && !failed.contains(type);
}

// The usual ones first, for whoever sees the first page.
std::optional<DType> RateWatch::Device::missing() const {
    for (const DType type : kUsualTypes)
        if (wanted.contains(type) && isMissing(type)) return type;
    const auto found = std::ranges::find_if(wanted, [this](DType type) { return isMissing(type); });
    return found == wanted.end() ? std::nullopt : std::optional(*found);
}

RateWatch::RateWatch(Parts parts, QObject* parent) : QObject(parent), m_parts(std::move(parts)) {
    m_later.setSingleShot(true);
    connect(&m_later, &QTimer::timeout, this, &RateWatch::consider);
    EngineBridge& engine = m_parts.engine;
    connect(&engine, &EngineBridge::submitted, this, [this](RequestId, int nAnswers) {
        m_nOpen += nAnswers;
        interrupt();
    });
    const auto end = [this] {
        m_nOpen = std::max(0, m_nOpen - 1);
        consider();
    };
    connect(&engine, &EngineBridge::warmed, this, [this] {
        interrupt();
        if (!m_later.isActive()) m_later.start(kLaterMs);
    });
    connect(&engine, &EngineBridge::generationFinished, this, end);
    connect(&engine, &EngineBridge::generationFailed, this, end);
}

RateWatch::~RateWatch() {
    m_parts.jobs.cancel(m_reading);
    m_parts.jobs.cancel(m_measuring);
}

void RateWatch::setDevices(const ChosenDevices& devices, int nThreads) {
    m_devices = devices;
    m_nThreads = nThreads;
    bool isNew = false;
    const auto take = [&](Device& device, const DeviceInfo& info) {
        // Its driver is asked once: the program would not outlive another one.
        if (device.key.deviceId == info.id && device.name == info.name &&
            nThreads == device.key.nThreads)
            return;
        Device other;
        other.name = info.name;
        other.key = rateKeyOf(info, nThreads);
        if (device.key.deviceId == info.id) other.readGbS = device.readGbS;
        device = std::move(other);
        isNew = true;
    };
    take(m_processor, devices.processor);
    if (devices.card) {
        take(m_card, *devices.card);
    } else {
        isNew |= !m_card.key.deviceId.empty();
        m_card = {};
    }
    (devices.card ? m_card : m_processor).wanted.insert(kUsualTypes.begin(), kUsualTypes.end());
    if (!isNew) return consider();
    interrupt();
    read();
}

void RateWatch::read() {
    m_isRead = false;
    m_parts.jobs.cancel(std::exchange(m_reading, 0));
    if (m_parts.cache.empty()) return;
    m_reading = startForWindow(
        m_parts.jobs, this, shortDiskJob(kKind),
        [cache = m_parts.cache, devices = m_devices,
         nThreads = m_nThreads](JobContext&) -> Result<KnownRates> {
            return rememberedRates(RateStore(RateStore::pathIn(cache)), devices, nThreads);
        },
        [this, number = ++m_nReads](Result<KnownRates> known) {
            if (!known || number != m_nReads) return;  // of other devices
            m_isRead = true;
            m_processor.remembered = std::move(known->processor);
            if (known->card) m_card.remembered = std::move(*known->card);
            emit changed();
            consider();
        });
}

void RateWatch::setBandwidths(double processor, double card) {
    m_processor.readGbS = processor;
    m_card.readGbS = card;
    consider();
}

void RateWatch::want(const ModelInfo& planned) {
    for (const WeightUse& use : planned.weightUse) {
        if (!hasKernels(use.type)) continue;
        if (planned.cardBytesPerToken < planned.bytesPerToken) m_processor.wanted.insert(use.type);
        if (planned.cardBytesPerToken > 0) m_card.wanted.insert(use.type);
    }
    consider();
}

void RateWatch::setLoading(bool isLoading) {
    m_isLoading = isLoading;
    if (isLoading)
        interrupt();
    else
        consider();
}

void RateWatch::setHeld(bool isHeld) {
    m_isHeld = isHeld;
    if (isHeld)
        interrupt();
    else
        consider();
}

void RateWatch::whenQuiet(std::function<void()> then) {
    if (isQuiet()) return then();
    m_then = std::move(then);
}

void RateWatch::noteEnd() {
    --m_nRunning;
    if (isQuiet() && m_then) std::exchange(m_then, {})();
}

KnownRates RateWatch::now() const {
    const auto at = [](const Device& device) {
        MachineRates rates = ratesAt(device.remembered, device.readGbS);
        if (device.readGbS > 0) rates.readGbS = device.readGbS;
        return rates;
    };
    KnownRates rates;
    rates.processor = at(m_processor);
    if (!m_devices.card) return rates;
    rates.card = at(m_card);
    if (rates.card->readGbS > 0) return rates;
    rates.card->readGbS = m_devices.card->specGbS;
    rates.isCardByDataSheet = true;
    return rates;
}

void RateWatch::interrupt() {
    ++m_nStarted;
    if (m_measuring != 0) m_parts.jobs.cancel(std::exchange(m_measuring, 0));
}

void RateWatch::consider() {
    if (!m_isRead || m_measuring != 0 || m_isLoading || m_isHeld || m_nOpen > 0) return;
    for (Device* device : {&m_card, &m_processor}) {
        if (device->key.deviceId.empty() || device->readGbS <= 0) continue;
        if (const auto type = device->missing()) return startIfIdle(*device, *type);
    }
}

void RateWatch::startIfIdle(Device& device, DType type) {
    const Engine* engine = m_parts.engine.engine();
    if (engine == nullptr) return;
    if (!engine->snapshot().isWorking()) return start(device, type);
    // Another user of the engine, whose end nobody tells here.
    if (!m_later.isActive()) m_later.start(kLaterMs);
}

void RateWatch::start(Device& device, DType type) {
    EngineOptions engine;
    engine.device = device.key.deviceId;
    engine.nThreads = m_nThreads;
    ++m_nRunning;
    RateWish wish{
        .types = {type}, .known = device.remembered, .readGbS = device.readGbS, .isQuick = true};
    m_measuring = startForWindow(
        m_parts.jobs, this, measuringJob(),
        [engine, wish = std::move(wish), measure = m_parts.probe.measureRates](
            JobContext& context) mutable -> Result<MachineRates> {
            auto rates = measure(engine, std::move(wish), [&context](std::int64_t, std::int64_t) {
                return !context.isCancelled();
            });
            if (context.isCancelled()) return fail(ErrorCode::Cancelled, "Stopped.");
            return rates;
        },
        [this, key = device.key, type, number = ++m_nStarted](Result<MachineRates> rates) {
            noteEnd();
            if (number == m_nStarted) take(key, type, std::move(rates));
        });
}

RateWatch::Device* RateWatch::deviceOf(const RateKey& key) {
    for (Device* device : {&m_card, &m_processor})
        if (!device->key.deviceId.empty() && device->key == key) return device;
    return nullptr;
}

void RateWatch::take(const RateKey& key, DType type, Result<MachineRates> rates) {
    m_measuring = 0;
    Device* device = deviceOf(key);
    const Engine* engine = m_parts.engine.engine();
    if (device == nullptr || engine == nullptr) return consider();
    // Beside what another user of the engine writes the figures are too low.
    if (engine->snapshot().isWorking()) return consider();
    if (rates) {
        keep(key, *rates);
        device->remembered = std::move(*rates);
        emit changed();
    } else {
        device->failed.insert(type);  // no kernel reads it, or there is no room
    }
    consider();
}

void RateWatch::keep(const RateKey& key, const MachineRates& rates) {
    // What cannot be kept is measured again after the next start.
    startForWindow(
        m_parts.jobs, this, shortDiskJob(kKind),
        [store = RateStore(RateStore::pathIn(m_parts.cache)), key,
         all = rates](JobContext&) mutable -> Status {
            // sotto-cli may have measured more meanwhile.
            for (const TypeRate& rate : ratesAt(store.load(key), all.readGbS).types)
                if (all.find(rate.type) == nullptr) all.types.push_back(rate);
            return store.save(key, all);
        },
        [](const Status&) {});
}

}  // namespace sotto::app

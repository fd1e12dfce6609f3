// ModelController's part about devices: which one the next model goes to, what it has, how fast it
// reads, and why it is not the one that might be expected.
#include <algorithm>

#include "app/jobs/window_job.h"
#include "app/models/model_controller.h"
#include "app/models/model_texts.h"
#include "app/settings/settings_controller.h"

namespace sotto::app {

qint64 ModelController::memoryBytes() const {
    return m_state == Loaded ? static_cast<qint64>(m_info.memory.total()) : 0;
}

qint64 ModelController::cardBytes() const {
    return m_state == Loaded ? static_cast<qint64>(m_info.cardMemory.total()) : 0;
}

QString ModelController::deviceDetail() const {
    const DeviceInfo& device = m_devices.main();
    const QString kind = QString::fromStdString(device.instructionSet);
    return isOnCard() ? tr("%n multiprocessor(s), %1", nullptr, device.nCores).arg(kind)
                      : tr("%n core(s), %1", nullptr, device.nCores).arg(kind);
}

QString ModelController::deviceProblem() const {
    switch (m_devices.problem) {
        case ChosenDevices::Problem::None: break;
        case ChosenDevices::Problem::CardMissing:
            return isOnCard()
                       ? tr("The graphics card that was chosen is not there any more; "
                            "another one is used.")
                       : tr("The graphics card that was chosen is not there any more; models "
                            "run on the processor.");
        case ChosenDevices::Problem::CardUnusable:
            if (isOnCard()) break;  // another one takes its place
            return tr("Models run on the processor, the graphics card cannot be used. %1")
                .arg(QString::fromStdString(m_devices.problemDetail));
    }
    return {};
}

// Why the loaded model is not whole on the card.
QString ModelController::placementNotice() const {
    switch (m_info.deviceReason) {
        case DeviceReason::None:
        case DeviceReason::AsChosen: break;
        case DeviceReason::CardFull:
            return tr("%1 of %2 layers are on the graphics card, the others on the processor: "
                      "there is no more graphics memory free.")
                .arg(m_info.nGpuLayers)
                .arg(m_info.nLayers);
        case DeviceReason::CardTooSmall:
            return tr("This model runs on the processor: too little graphics memory is free.");
        case DeviceReason::CardUnusable:
            if (!deviceProblem().isEmpty()) break;  // says it of all models
            return tr("This model runs on the processor, the graphics card cannot be used. %1")
                .arg(QString::fromStdString(m_info.deviceNote));
    }
    return {};
}

QVariantList ModelController::deviceChoices() const {
    QVariantList choices;
    const auto add = [&choices](const QString& text, const QString& value) {
        choices.append(
            QVariantMap{{QStringLiteral("text"), text}, {QStringLiteral("value"), value}});
    };
    add(tr("Automatic"), QStringLiteral("auto"));
    for (const DeviceInfo& device : m_listed)
        if (device.unusableReason.empty())
            add(device.id == "cpu" ? tr("Processor") : QString::fromStdString(device.name),
                QString::fromStdString(device.id));
    return choices;
}

// The engine has measured the card it was started with, so a second one waits for the next start.
std::string ModelController::deviceSetting() const {
    return isRestartNeeded() ? m_startCard : m_settings.device().toStdString();
}

bool ModelController::isRestartNeeded() const {
    const auto wanted = chosenDevice(m_settings.device().toStdString(), m_listed);
    return wanted && wanted->id != "cpu" && !m_startCard.empty() && wanted->id != m_startCard;
}

LoadOptions ModelController::loadOptions(const QString& path) const {
    const EffectiveSettings settings = m_settings.model()->effectiveFor(path);
    LoadOptions options;
    options.path = path.toStdString();
    options.contextTokens = settings.contextTokens.value;
    options.kv = kvTypesFromText(settings.kvType.value).value_or(KvTypes());
    options.device = deviceFor(QString::fromStdString(settings.device.value));
    // Layers are of a card; without one the wish waits.
    if (options.device != "cpu") options.gpuLayers = settings.gpuLayers.value;
    return options;
}

// Read at the load, which may be before the list is there. One that is gone leaves the model as it
// is without.
std::string ModelController::draftFor(const QString& path) const {
    const EffectiveSettings settings = m_settings.model()->effectiveFor(path);
    const std::string& draft = settings.draftModel.value;
    const bool isWanted = settings.draft.value == DraftKind::Model && !draft.empty();
    return isWanted && m_probe.isThere(draft) ? draft : std::string();
}

LoadOptions ModelController::optionsFor(const QString& path) const {
    const auto given = m_given.find(path);
    return given == m_given.end() ? loadOptions(path) : given->second;
}

std::string ModelController::deviceFor(const QString& own) const {
    const auto usable = [this](const std::string& device) {
        return chosenDevice(device, m_listed).has_value();
    };
    const std::string wanted = own.toStdString();
    // A second card waits for the next start, see deviceSetting().
    const bool isOther = wanted != "cpu" && !m_startCard.empty() && wanted != m_startCard;
    if (!wanted.empty() && usable(wanted) && !isOther) return wanted;
    // "auto" stays the engine's own choice: it may fall back when a card fails to open.
    const std::string setting = deviceSetting();
    return usable(setting) ? setting : "auto";
}

double ModelController::corrected(const ModelInfo& planned, const QString& path,
                                  const ModelSpeed& speed) const {
    const SpeedKey key = speedKeyOf(path.toStdString(), planned.fileBytes,
                                    speedDevice(m_devices, planned.nGpuLayers, planned.nLayers));
    return correctedSpeed(speed, findSpeed(m_speeds, key));
}

HeldMemory ModelController::heldMemory() const {
    HeldMemory held;
    held.hasCardContext = m_hasUsedCard;
    if (m_state != Loaded) return held;
    held.card = m_info.cardMemory.total();
    // The file's pages count as free already.
    held.processor = m_info.memory.total() - held.card;
    held.processor -= std::min(held.processor, m_mappedBytes);
    return held;
}

ForecastSetting ModelController::forecastSetting(const LoadOptions& load) const {
    ForecastSetting setting;
    setting.load = load;
    setting.devices = chooseDevices(load.device, m_listed);
    setting.held = heldMemory();
    setting.nThreads = m_settings.threads();
    setting.rates = m_rates.now();
    return setting;
}

double ModelController::readBandwidth() const {
    if (!isOnCard()) return m_processorBandwidth;
    return m_cardBandwidth > 0 ? m_cardBandwidth : m_devices.card->specGbS;
}

// KV cache and scratch take the rest.
double ModelController::largestFile() const {
    constexpr double kShareOfWeights = 0.85;
    const PlanSpace space = spaceFor(m_devices, heldMemory(), m_settings.threads());
    return kShareOfWeights * static_cast<double>(space.cardBytes.value_or(space.processorBytes));
}

bool ModelController::isBandwidthMeasured() const {
    return (isOnCard() ? m_cardBandwidth : m_processorBandwidth) > 0;
}

// What the engine measured before the load that has just ended. Of a model on two devices it tells
// one figure for both, which says nothing of either.
void ModelController::takeBandwidth() {
    const EngineSnapshot snapshot = m_engine.engine()->snapshot();
    m_mappedBytes = snapshot.memory.weightsMapped;
    const double measured = snapshot.readBandwidthGbS;
    if (measured > 0 && m_info.nGpuLayers == 0) m_processorBandwidth = measured;
    if (measured > 0 && m_info.nGpuLayers > 0 && m_info.nGpuLayers == m_info.nLayers)
        m_cardBandwidth = measured;
    tellBandwidth();
}

// With a card the engine may never tell the processor's figure, but models that do not fit the card
// are predicted with it.
void ModelController::measureProcessor() {
    if (m_processorBandwidth > 0 || m_measuring != 0 || m_state != Loaded || !isOnCard()) return;
    const auto& entries = m_list.entries();
    const bool isNeeded = std::any_of(entries.begin(), entries.end(), [](const ModelEntry& entry) {
        return entry.bytesPerToken > entry.cardBytesPerToken;
    });
    if (isNeeded && !m_engine.engine()->snapshot().isWorking()) startMeasuring();
}

void ModelController::measureAgain() {
    const Engine* engine = m_engine.engine();
    const bool isBusy = m_state == Loading || (engine != nullptr && engine->snapshot().isWorking());
    if (canMeasure() && !isBusy) startMeasuring();
}

void ModelController::startMeasuring() {
    JobSpec spec;
    spec.lane = JobLane::Processor;  // not short: beside other work the figure would be too low
    spec.kind = "measure processor";
    m_measuring = startForWindow(
        m_jobs, this, spec,
        [probe = m_probe, threads = m_settings.threads()](JobContext& context) -> Result<double> {
            const double measured = probe.measureProcessor(threads, context.cancelFlag()).readGbS;
            if (context.isCancelled()) return fail(ErrorCode::Cancelled, "Stopped.");
            return measured;
        },
        [this](const Result<double>& measured) { takeMeasurement(measured); });
    emit bandwidthChanged();
}

// Beside an answer that is being written the figure would be too low; a load has cancelled it.
void ModelController::takeMeasurement(const Result<double>& measured) {
    m_measuring = 0;
    const Engine* engine = m_engine.engine();
    if (measured && engine != nullptr && !engine->snapshot().isWorking())
        m_processorBandwidth = *measured;
    tellBandwidth();
}

void ModelController::tellBandwidth() {
    m_rates.setBandwidths(m_processorBandwidth, m_cardBandwidth);
    tellRates();
}

void ModelController::tellRates() {
    m_list.setRates(m_rates.now());
    emit bandwidthChanged();
}

ModelSpeed ModelController::exampleForecast() const {
    ModelInfo info;
    info.bytesPerToken = kExampleBytes;
    if (isOnCard()) info.cardBytesPerToken = kExampleBytes;
    info.weightUse = {{DType::Q4_K, kExampleBytes, 0}};
    return speedOf(info, m_rates.now(), {});
}

double ModelController::exampleSpeed() const { return exampleForecast().forecast.tokensPerSecond; }

QString ModelController::predictionNote() const {
    const SpeedBasis basis = exampleForecast().basis;
    return tr("≈ is a prediction. %1 After your first reply Sotto shows the measured speed "
              "instead.")
        .arg(speedNote(basis));
}

SpeedKey ModelController::speedKey(const ModelInfo& loaded) const {
    return speedKeyOf(loaded.path, loaded.fileBytes,
                      speedDevice(m_devices, loaded.nGpuLayers, loaded.nLayers));
}

void ModelController::setSpeeds(std::vector<MeasuredSpeed> speeds) {
    m_speeds = std::move(speeds);
    tellSpeeds();
}

void ModelController::tellSpeeds() {
    if (m_speeds.empty()) return;
    QHash<QString, ModelListModel::Speed> found;
    for (const ModelEntry& entry : m_list.entries()) {
        const auto fileBytes = static_cast<std::uint64_t>(entry.fileBytes);
        // The disk is asked for those alone that may be among them.
        const bool isPossible = std::any_of(
            m_speeds.begin(), m_speeds.end(),
            [fileBytes](const MeasuredSpeed& speed) { return speed.key.fileBytes == fileBytes; });
        if (!isPossible) continue;
        const SpeedKey key = speedKeyOf(entry.path.toStdString(), fileBytes,
                                        speedDevice(m_devices, entry.nCardLayers, entry.nLayers));
        if (const auto speed = findSpeed(m_speeds, key))
            found[entry.path] = {speed->tokensPerSecond, correctionOf(SpeedBasis::Rates, speed),
                                 correctionOf(SpeedBasis::Bandwidth, speed)};
    }
    m_list.setSpeeds(std::move(found));
}

}  // namespace sotto::app

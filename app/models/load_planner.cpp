#include "app/models/load_planner.h"

#include <algorithm>
#include <utility>

#include "app/bridge/error_text.h"
#include "app/jobs/window_job.h"
#include "app/models/model_controller.h"
#include "app/models/model_texts.h"
#include "app/settings/setting_choices.h"
#include "app/settings/settings_controller.h"
#include "app/system/number_format.h"

namespace sotto::app {
namespace {

JobSpec planningJob() {
    JobSpec spec;
    spec.lane = JobLane::Disk;
    spec.kind = "plan a load";
    spec.isShort = true;
    return spec;
}

MemoryEstimate without(const MemoryEstimate& all, const MemoryEstimate& part) {
    const auto rest = [](std::uint64_t left, std::uint64_t right) {
        return left - std::min(left, right);
    };
    return {rest(all.weights, part.weights), rest(all.kv, part.kv),
            rest(all.scratch, part.scratch)};
}

QVariantMap roomMap(const MemoryRoom& room, const MemoryEstimate& memory, bool isCard) {
    const auto bytes = [](std::uint64_t number) { return static_cast<double>(number); };
    return {{QStringLiteral("isCard"), isCard},
            {QStringLiteral("weights"), bytes(memory.weights)},
            {QStringLiteral("kv"), bytes(memory.kv)},
            {QStringLiteral("scratch"), bytes(memory.scratch)},
            {QStringLiteral("others"), bytes(room.ofOthers)},
            {QStringLiteral("total"), bytes(room.total)},
            {QStringLiteral("needed"), bytes(memory.total())},
            {QStringLiteral("available"), bytes(room.available)},
            {QStringLiteral("isOver"), memory.total() > room.available}};
}

}  // namespace

LoadPlanner::LoadPlanner(Parts parts, QObject* parent)
    : QObject(parent), m_parts(std::move(parts)), m_format(std::make_unique<NumberFormat>()) {
    const auto followLanguage = [this] {
        m_format->followLanguage();
        emit changed();
    };
    connect(&m_language, &LanguageWatch::changed, this, followLanguage);
    connect(m_parts.settings.model(), &ModelSettings::loadChanged, this, &LoadPlanner::changed);
    followLanguage();
}

LoadPlanner::~LoadPlanner() { m_parts.jobs.cancel(m_planning); }

int LoadPlanner::open(const QString& path) {
    m_path = path;
    m_name.clear();
    for (const ModelEntry& entry : m_parts.models.list()->entries())
        if (entry.path == path)
            m_name = entry.quantization.isEmpty()
                         ? entry.name
                         : entry.name + QLatin1Char(' ') + entry.quantization;
    m_forecast.reset();
    m_device = QString::fromStdString(
        m_parts.settings.model()->loadSettings(path).device.value_or(std::string()));
    change(m_parts.models.loadOptions(path));
    return ++m_nOpened;
}

void LoadPlanner::close(int opened) {
    if (opened != m_nOpened) return;
    m_parts.jobs.cancel(std::exchange(m_planning, 0));
    m_forecast.reset();
    m_error.reset();
    m_state = Closed;
    emit changed();
}

void LoadPlanner::change(LoadOptions options) {
    m_options = std::move(options);
    plan();
}

void LoadPlanner::plan() {
    m_parts.jobs.cancel(m_planning);
    m_state = Planning;
    m_error.reset();
    m_planning = startForWindow(
        m_parts.jobs, this, planningJob(),
        [machine = m_parts.machine, setting = m_parts.models.forecastSetting(m_options)](
            JobContext& context) mutable -> Result<ModelForecast> {
            if (context.isCancelled()) return fail(ErrorCode::Cancelled, "Stopped.");
            // What is free changes by the second.
            setting.devices = chooseDevices(setting.load.device, machine.listDevices());
            SOTTO_ASSIGN(PlannedModel plan, machine.planModel(setting.load, setting.space()));
            if (context.isCancelled()) return fail(ErrorCode::Cancelled, "Stopped.");
            return app::forecastOf(std::move(plan), setting);
        },
        [this, number = ++m_nPlans](Result<ModelForecast> forecast) {
            take(number, std::move(forecast));
        });
    emit changed();
}

// One that had ended before it was cancelled still comes: of other parameters, or another model.
void LoadPlanner::take(int number, Result<ModelForecast> forecast) {
    if (m_state != Planning || number != m_nPlans) return;
    m_state = forecast ? Planned : Failed;
    if (forecast)
        m_forecast = std::move(*forecast);
    else
        m_error = forecast.error();
    emit changed();
}

void LoadPlanner::setContextTokens(int tokens) {
    if (tokens == contextTokens()) return;
    LoadOptions options = m_options;
    options.contextTokens = tokens;
    change(std::move(options));
}

void LoadPlanner::setDevice(const QString& device) {
    if (device == m_device) return;
    m_device = device;
    LoadOptions options = m_options;
    options.device = m_parts.models.deviceFor(device);
    if (!m_parts.models.forecastSetting(options).devices.card) options.gpuLayers = kGpuLayersAuto;
    change(std::move(options));
}

QString LoadPlanner::kvType() const {
    return m_options.kvType == KvType::F32 ? QStringLiteral("f32") : QStringLiteral("f16");
}

void LoadPlanner::setKvType(const QString& type) {
    if (type == kvType()) return;
    LoadOptions options = m_options;
    options.kvType = type == QLatin1String("f32") ? KvType::F32 : KvType::F16;
    change(std::move(options));
}

int LoadPlanner::cardLayers() const {
    if (m_options.gpuLayers >= 0) return m_options.gpuLayers;
    return m_forecast ? static_cast<int>(m_forecast->plan.info.nGpuLayers) : 0;
}

void LoadPlanner::setCardLayers(int nLayers) {
    if (nLayers < 0 || nLayers == m_options.gpuLayers) return;
    LoadOptions options = m_options;
    options.gpuLayers = nLayers;
    change(std::move(options));
}

void LoadPlanner::useAutomaticLayers() {
    if (areLayersAutomatic()) return;
    LoadOptions options = m_options;
    options.gpuLayers = kGpuLayersAuto;
    change(std::move(options));
}

void LoadPlanner::resetDefaults() {
    forget(m_path);
    if (m_state == Closed) return;
    m_device.clear();
    change(m_parts.models.loadOptions(m_path));
}

void LoadPlanner::forget(const QString& path) {
    m_parts.settings.model()->setLoadSettings(path, {});
}

// Only what differs is the model's own: the rest goes on following Settings.
bool LoadPlanner::load(bool isKept) {
    if (!canLoad()) return false;
    LoadOptions options = m_options;
    if (isKept) {
        const EffectiveSettings below = m_parts.settings.model()->effectiveFor({});
        LoadSettings own;
        if (options.contextTokens != below.contextTokens.value)
            own.contextTokens = options.contextTokens;
        if (kvType().toStdString() != below.kvType.value) own.kvType = kvType().toStdString();
        if (!m_device.isEmpty()) own.device = m_device.toStdString();
        if (!areLayersAutomatic()) own.gpuLayers = options.gpuLayers;
        m_parts.settings.model()->setLoadSettings(m_path, own);
    }
    if (m_forecast->plan.isShortened && options.contextTokens > 0) {
        options.contextTokens = m_forecast->plan.info.contextTokens;
        options.isContextFitted = true;
    }
    return m_parts.models.loadWith(m_path, options);
}

QVariantList LoadPlanner::contextChoices() const {
    const auto longest =
        m_forecast ? static_cast<double>(m_forecast->plan.info.trainedContext) : 0.0;
    QVariantList choices;
    for (const QVariant& choice : app::contextChoices(contextTokens())) {
        const int tokens = choice.toMap()[QStringLiteral("value")].toInt();
        if (longest <= 0 || tokens <= longest || tokens == kOwnContext || tokens == contextTokens())
            choices.append(choice);
    }
    return choices;
}

QVariantList LoadPlanner::deviceChoices() const {
    QVariantList choices = m_parts.models.deviceChoices();
    // In the place of the automatic choice.
    choices[0] = QVariantMap{{QStringLiteral("text"), tr("As in Settings")},
                             {QStringLiteral("value"), QString()}};
    return choices;
}

int LoadPlanner::layerCount() const {
    return m_forecast ? static_cast<int>(m_forecast->plan.info.nLayers) : 0;
}

bool LoadPlanner::hasCard() const { return m_forecast && m_forecast->card.total > 0; }

QVariantList LoadPlanner::rooms() const {
    if (!m_forecast) return {};
    const ModelInfo& info = m_forecast->plan.info;
    const MemoryEstimate onProcessor = without(info.memory, info.cardMemory);
    QVariantList rooms;
    if (hasCard()) rooms.append(roomMap(m_forecast->card, info.cardMemory, true));
    if (!hasCard() || info.cardBytesPerToken < info.bytesPerToken)
        rooms.append(roomMap(m_forecast->processor, onProcessor, false));
    return rooms;
}

int LoadPlanner::plannedContext() const {
    return m_forecast ? static_cast<int>(m_forecast->plan.info.contextTokens) : 0;
}

double LoadPlanner::predictedSpeed() const {
    if (!isFitting() || staysInCache(m_forecast->plan.info)) return 0;
    return m_parts.models.corrected(m_forecast->plan.info, m_path,
                                    {m_forecast->speed, m_forecast->basis});
}

QString LoadPlanner::speedNote() const {
    return predictedSpeed() > 0 ? app::speedNote(m_forecast->basis) : QString();
}

QString LoadPlanner::problem() const {
    if (m_error) return errorText(*m_error);
    if (!m_forecast || !m_forecast->plan.shortage) return {};
    return errorText(*m_forecast->plan.shortage);
}

QString LoadPlanner::note() const {
    if (!isFitting() || !m_forecast->plan.isShortened || contextTokens() == 0) return {};
    return tr("There is memory for %1 of context, not for as much as you chose. Fewer layers on "
              "the graphics card, or F16, leave more room.")
        .arg(m_format->tokens(plannedContext()));
}

bool LoadPlanner::canLoad() const { return m_state == Planned && isFitting(); }

bool LoadPlanner::hasDefaults() const {
    return !m_parts.settings.model()->loadSettings(m_path).isEmpty();
}

}  // namespace sotto::app

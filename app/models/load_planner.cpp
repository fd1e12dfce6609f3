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

MemoryEstimate without(const MemoryEstimate& all, const MemoryEstimate& part) {
    const auto rest = [](std::uint64_t left, std::uint64_t right) {
        return left - std::min(left, right);
    };
    return {rest(all.weights, part.weights), rest(all.kv, part.kv),
            rest(all.scratch, part.scratch)};
}

// `shortage`: of what does not fit, which has less for it than is free: a margin stays.
QVariantMap roomMap(MemoryRoom room, const MemoryEstimate& memory, bool isCard,
                    const std::optional<Error>& shortage) {
    const auto bytes = [](std::uint64_t number) { return static_cast<double>(number); };
    if (shortage && shortage->needed == memory.total()) room.available = shortage->available;
    return {{QStringLiteral("isCard"), isCard},
            {QStringLiteral("weights"), bytes(memory.weights)},
            {QStringLiteral("kv"), bytes(memory.kv)},
            {QStringLiteral("scratch"), bytes(memory.scratch)},
            {QStringLiteral("others"), bytes(room.ofOthers)},
            {QStringLiteral("limit"), bytes(room.ofOthers + room.available)},
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
    if (const ModelEntry* entry = m_parts.models.list()->find(path)) m_name = nameWithType(*entry);
    m_forecast.reset();
    m_remedies.clear();
    m_device = QString::fromStdString(
        m_parts.settings.model()->loadSettings(path).device.value_or(std::string()));
    change(m_parts.models.loadOptions(path));
    return ++m_nOpened;
}

void LoadPlanner::close(int opened) {
    if (opened != m_nOpened) return;
    m_parts.jobs.cancel(std::exchange(m_planning, 0));
    m_forecast.reset();
    m_remedies.clear();
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
        m_parts.jobs, this, shortDiskJob("plan a load"),
        [machine = m_parts.machine, setting = m_parts.models.forecastSetting(m_options)](
            JobContext& context) { return planNow(setting, machine, *context.cancelFlag()); },
        [this, number = ++m_nPlans](Result<Outcome> outcome) { take(number, std::move(outcome)); });
    emit changed();
}

Result<LoadPlanner::Outcome> LoadPlanner::planNow(ForecastSetting setting,
                                                  const MachineProbe& machine,
                                                  const std::atomic<bool>& isCancelled) {
    if (isCancelled) return fail(ErrorCode::Cancelled, "Stopped.");
    // What is free changes by the second.
    const std::vector<DeviceInfo> devices = machine.listDevices();
    setting.devices = chooseDevices(setting.load.device, devices);
    Result<PlannedModel> plan = machine.planModel(setting.load, setting.space());
    if (!plan)
        return Outcome{.refusal = plan.error(),
                       .forecast = {},
                       .remedies = plan.error().code == ErrorCode::Unsupported
                                       ? remediesOfRefusal(setting, machine)
                                       : std::vector<LoadRemedy>()};
    Outcome outcome{
        .refusal = {}, .forecast = app::forecastOf(std::move(*plan), setting), .remedies = {}};
    outcome.remedies = remediesOf(outcome.forecast, setting, machine, devices, isCancelled);
    if (isCancelled) return fail(ErrorCode::Cancelled, "Stopped.");
    return outcome;
}

// One that had ended before it was cancelled still comes: of other parameters, or another model.
void LoadPlanner::take(int number, Result<Outcome> outcome) {
    if (m_state != Planning || number != m_nPlans) return;
    m_forecast.reset();
    m_remedies.clear();
    m_error = outcome ? outcome->refusal : outcome.error();
    m_state = m_error ? Failed : Planned;
    if (!m_error) m_forecast = std::move(outcome->forecast);
    if (outcome) m_remedies = std::move(outcome->remedies);
    emit changed();
}

void LoadPlanner::lookAgain() {
    if (m_state != Closed) plan();
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

QString LoadPlanner::kvType() const { return QString::fromStdString(kvTypesText(m_options.kv)); }

QString LoadPlanner::kvTypeDetail() const { return app::kvTypeDetail(kvType()); }

QVariantList LoadPlanner::kvTypeChoices() const { return app::kvTypeChoices(kvType()); }

void LoadPlanner::setKvType(const QString& type) {
    if (type == kvType()) return;
    const auto types = kvTypesFromText(type.toStdString());
    if (!types) return;
    LoadOptions options = m_options;
    options.kv = *types;
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

void LoadPlanner::useRemedy(int kind) {
    for (const LoadRemedy& remedy : m_remedies) {
        if (remedy.kind != kind) continue;
        if (remedy.kind == LoadRemedy::Processor) m_device = QStringLiteral("cpu");
        return change(LoadOptions(remedy.options));  // plan() makes other remedies
    }
}

void LoadPlanner::resetDefaults() {
    forget(m_path);
    if (m_state == Closed) return;
    m_device.clear();
    change(m_parts.models.loadOptions(m_path));
}

void LoadPlanner::forget(const QString& path) {
    LoadSettings left;
    left.draftModel = m_parts.settings.model()->loadSettings(path).draftModel;
    m_parts.settings.model()->setLoadSettings(path, left);
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
        own.draftModel = m_parts.settings.model()->loadSettings(m_path).draftModel;
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
    const std::optional<Error>& shortage = m_forecast->plan.shortage;
    if (hasCard() && (!shortage || info.cardMemory.total() > 0))
        rooms.append(roomMap(m_forecast->card, info.cardMemory, true, shortage));
    if (rooms.isEmpty() || info.cardBytesPerToken < info.bytesPerToken)
        rooms.append(roomMap(m_forecast->processor, onProcessor, false, shortage));
    return rooms;
}

int LoadPlanner::plannedContext() const {
    return m_forecast ? static_cast<int>(m_forecast->plan.info.contextTokens) : 0;
}

double LoadPlanner::speedOf(const ModelForecast& forecast) const {
    const ModelInfo& info = forecast.plan.info;
    if (!forecast.isFitting() || staysInCache(info)) return 0;
    return m_parts.models.corrected(info, m_path, {forecast.speed, forecast.basis});
}

double LoadPlanner::predictedSpeed() const { return m_forecast ? speedOf(*m_forecast) : 0; }

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
    return tr("There is memory for %1 of context, not for as much as you chose.")
        .arg(m_format->tokens(plannedContext()));
}

QVariantList LoadPlanner::remedies() const {
    QVariantList rows;
    for (const LoadRemedy& remedy : m_remedies) {
        QString text;
        switch (remedy.kind) {
            case LoadRemedy::CacheF16: text = tr("KV cache in F16"); break;
            case LoadRemedy::CacheQ8: text = tr("KV cache in Q8_0"); break;
            case LoadRemedy::CardLayers:
                text = tr("%1 of %2 layers on the graphics card")
                           .arg(remedy.forecast.plan.info.nGpuLayers)
                           .arg(remedy.forecast.plan.info.nLayers);
                break;
            case LoadRemedy::Processor: text = tr("On the processor"); break;
        }
        const auto tokens = static_cast<int>(remedy.forecast.plan.info.contextTokens);
        const double speed = speedOf(remedy.forecast);
        rows.append(QVariantMap{
            {QStringLiteral("text"), text},
            {QStringLiteral("detail"),
             speed > 0
                 ? tr("%1, %2 tok/s").arg(m_format->tokens(tokens), m_format->prediction(speed))
                 : m_format->tokens(tokens)},
            {QStringLiteral("value"), static_cast<int>(remedy.kind)}});
    }
    return rows;
}

bool LoadPlanner::canLoad() const { return m_state == Planned && isFitting(); }

bool LoadPlanner::hasDefaults() const {
    LoadSettings own = m_parts.settings.model()->loadSettings(m_path);
    own.draftModel.reset();  // chosen elsewhere
    return !own.isEmpty();
}

}  // namespace sotto::app

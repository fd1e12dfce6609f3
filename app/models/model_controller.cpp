#include "app/models/model_controller.h"

#include <QDir>
#include <QFileInfo>
#include <algorithm>
#include <utility>

#include "app/bridge/error_text.h"
#include "app/bridge/local_path.h"
#include "app/jobs/window_job.h"
#include "app/models/model_catalog.h"
#include "app/models/plan_cache.h"
#include "app/settings/settings_controller.h"
#include "app/system/number_format.h"

namespace sotto::app {

ModelController::ModelController(EngineBridge& engine, StorageBridge& storage,
                                 SettingsController& settings, JobRunner& jobs, Places places,
                                 MachineProbe probe, QObject* parent)
    : QObject(parent),
      m_engine(engine),
      m_storage(storage),
      m_settings(settings),
      m_places(std::move(places)),
      m_probe(std::move(probe)),
      m_jobs(jobs),
      m_otherPlaces(settings, jobs, m_probe.listPlaces),
      m_rates({engine, jobs, m_probe, m_places.cacheFolder}),
      m_listed(m_probe.listDevices()) {
    m_devices = chooseDevices(settings.device().toStdString(), m_listed);
    if (m_devices.card) m_startCard = m_devices.card->id;
    connect(&engine, &EngineBridge::loadProgressed, this, [this](double fraction) {
        m_loadProgress = fraction;
        emit loadProgressChanged();
    });
    m_rates.setDevices(m_devices, settings.threads());
    connect(&m_rates, &RateWatch::changed, this, &ModelController::tellRates);
    connect(&engine, &EngineBridge::modelLoaded, this, &ModelController::takeLoaded);
    connect(&engine, &EngineBridge::loadFailed, this, &ModelController::takeFailure);
    connect(&engine, &EngineBridge::modelUnloaded, this,
            [this] { setState(isToComeBack() ? Resting : NoModel); });
    connect(&settings, &SettingsController::modelFoldersChanged, this, &ModelController::refresh);
    connect(settings.model(), &ModelSettings::loadChanged, this, &ModelController::refresh);
    connect(&settings, &SettingsController::engineChanged, this, [this] {
        m_devices = chooseDevices(deviceSetting(), m_listed);
        m_rates.setDevices(m_devices, m_settings.threads());
        emit deviceChanged();
        tellBandwidth();
        refresh();
    });
    connect(&m_watch, &FolderWatch::changed, this, &ModelController::refresh);
    // Queued: the translator is in its place by then.
    connect(
        &settings, &SettingsController::languageChanged, this,
        [this] {
            emit deviceChanged();
            emit stateChanged();
            refresh();
        },
        Qt::QueuedConnection);
    tellBandwidth();
    refresh();
}

ModelController::~ModelController() {
    m_jobs.cancel(m_listing);
    m_jobs.cancel(m_measuring);
}

QString ModelController::refusal() const {
    if (!m_refusal) return {};
    const QString reason = sotto::app::errorText(*m_refusal);
    if (m_refusedName.isEmpty()) return reason;
    return tr("“%1” could not be loaded, so the model before it was loaded again. %2")
        .arg(m_refusedName, reason);
}

QString ModelController::notice() const {
    QStringList notices;
    if (m_refusal) notices << refusal();
    if (m_state != Loaded) return notices.join(QLatin1Char('\n'));
    if (!m_info.templateProblem.empty())
        notices << tr("This model's chat template cannot be used (%1). ChatML is used instead.")
                       .arg(QString::fromStdString(m_info.templateProblem));
    NumberFormat format;
    format.followLanguage();
    if (m_info.shortenedFrom > 0)
        notices << tr("Memory ran out while this model was loaded, so its context is %1 tokens "
                      "instead of %2. Close other programs and load it again for the longer one.")
                       .arg(format.count(static_cast<double>(m_info.contextTokens)),
                            format.count(static_cast<double>(m_info.shortenedFrom)));
    if (m_wantedContext > m_info.trainedContext && m_info.trainedContext > 0 &&
        m_wantedContext != kOwnContext) {
        notices << tr("This model was trained for %1 tokens, so its context is not longer; %2 are "
                      "set.")
                       .arg(format.count(static_cast<double>(m_info.trainedContext)),
                            format.count(static_cast<double>(m_wantedContext)));
    }
    if (m_draftProblem)
        notices
            << tr("The draft model is left out. %1").arg(sotto::app::errorText(*m_draftProblem));
    if (const QString placement = placementNotice(); !placement.isEmpty()) notices << placement;
    return notices.join(QLatin1Char('\n'));
}

QString ModelController::errorText() const {
    return m_error ? sotto::app::errorText(*m_error) : QString();
}

QString ModelController::failedPath() const {
    if (m_state == Failed) return m_path;
    return m_refusal ? m_refusedPath : QString();
}

void ModelController::setEngineProblem(const Error& error) {
    m_error = error;
    setState(Failed);
}

void ModelController::setState(State state) {
    m_state = state;
    m_isUnloading = false;
    m_isGoingToRest = false;
    if (state == NoModel) {
        m_name.clear();
        m_quantization.clear();
        m_path.clear();
    }
    m_list.setLoadedPath(state == Loaded ? m_path : QString());
    m_rates.setLoading(state == Loading);
    emit stateChanged();
}

void ModelController::loadLastUsed() {
    const QString last = m_settings.lastModel();
    if (!last.isEmpty() && QFileInfo::exists(last))
        load(last);
    else
        loadDemo();
}

void ModelController::loadDemo() {
    if (!m_places.demoPath.isEmpty()) load(m_places.demoPath);
}

// A load ends what is being written, so what is sure to fail is not begun with.
bool ModelController::isRefused(const QString& path) {
    const ModelEntry* entry = m_list.find(path);
    const bool isGiven = m_given.contains(path);  // the entry's plan is another
    if (entry != nullptr && (!entry->isReadable || (entry->isTooLarge && !isGiven))) return true;
    if (m_probe.isThere(path.toStdString())) return false;
    const QString name = QFileInfo(path).fileName();
    m_refusal = Error{
        ErrorCode::FileNotFound,
        "“" + name.toStdString() + "” is not there any more. Choose another file or put it back.",
        path.toStdString()};
    m_refusedPath = path;
    m_refusedName.clear();
    emit stateChanged();
    refresh();
    return true;
}

bool ModelController::load(const QString& path) {
    m_given.erase(path);
    return beginLoad(path);
}

bool ModelController::loadWith(const QString& path, const LoadOptions& options) {
    const std::optional<LoadOptions> before =
        m_state == Loaded && path == m_path ? std::optional(m_used) : std::nullopt;
    m_given[path] = options;
    if (!beginLoad(path)) {
        if (before) m_given[path] = *before;
        return false;
    }
    m_usedBefore = before;
    return true;
}

bool ModelController::beginLoad(const QString& path) {
    if (m_engine.engine() == nullptr || path.isEmpty()) return false;
    const QString before = m_state == Loading                    ? m_before
                           : m_state == Loaded && !m_isUnloading ? m_path
                                                                 : QString();
    if (!before.isEmpty() && isRefused(path)) return false;
    m_refusal.reset();
    m_draftProblem.reset();
    m_usedBefore.reset();
    if (!startLoad(path)) return false;
    m_before = before;
    return true;
}

bool ModelController::startLoad(const QString& path) {
    const ModelEntry* entry = m_list.find(path);
    LoadOptions options = optionsFor(path);
    options.draft = m_draftProblem ? std::string() : draftFor(path);
    const std::int64_t wantedContext = options.contextTokens;
    // The list knows the longest context that fits when the wanted one does not; without a wish the
    // engine chooses, with the same plan.
    if (entry != nullptr && entry->isShortened && !m_given.contains(path) &&
        entry->contextTokens < options.contextTokens) {
        options.contextTokens = entry->contextTokens;
        options.isContextFitted = true;
    }
    // A measurement gives its memory back first, which the engine's plan is about to count.
    m_rates.setLoading(true);
    m_isDeferred = !m_rates.isQuiet();
    if (m_isDeferred) {
        m_rates.whenQuiet([this, options] { loadDeferred(options); });
    } else if (const Status asked = m_engine.load(options); !asked) {
        m_rates.setLoading(m_state == Loading);
        m_refusal = asked.error();  // what is loaded stays
        m_refusedPath = path;
        m_refusedName.clear();
        emit stateChanged();
        return false;
    }
    m_used = options;
    m_path = path;
    m_name = entry != nullptr ? entry->name : QFileInfo(path).completeBaseName();
    m_quantization = entry != nullptr ? entry->quantization : QString();
    m_wantedContext = wantedContext;
    m_error.reset();
    m_loadProgress = 0;
    m_hasUsedCard |= isOnCard();
    // The figure would be too low beside a load.
    m_jobs.cancel(m_measuring);
    setState(Loading);
    emit loadProgressChanged();
    return true;
}

void ModelController::loadDeferred(const LoadOptions& options) {
    if (!std::exchange(m_isDeferred, false)) return;  // cancelled
    if (const Status asked = m_engine.load(options); !asked) takeFailure(asked.error());
}

bool ModelController::choose(const QString& path) {
    return (m_state == Loaded && path == m_path) || load(path);
}

void ModelController::cancelLoad() {
    if (m_state != Loading) return;
    if (!std::exchange(m_isDeferred, false)) return m_engine.cancelLoad();
    // The engine was not asked yet: what was loaded is loaded.
    const QString before = std::exchange(m_before, QString());
    if (before.isEmpty()) return setState(NoModel);
    if (const auto used = std::exchange(m_usedBefore, std::nullopt); used && before == m_path)
        m_given[before] = m_used = *used;
    m_path = before;
    m_name = givenName(before, QString::fromStdString(m_info.name));
    m_quantization = QString::fromStdString(m_info.quantization);
    m_wantedContext = 0;
    setState(Loaded);
}

void ModelController::unload() {
    if (m_state != Loaded) return;
    m_isUnloading = true;
    m_engine.unload();
}

void ModelController::rest() {
    if (m_state != Loaded) return;
    m_isGoingToRest = true;
    unload();
}

// What made room for a comparison or the server is loaded again by the next question.
bool ModelController::isToComeBack() const {
    return m_isGoingToRest || (m_engine.hasGivenWay() && !m_isUnloading);
}

void ModelController::wake() {
    if (m_state == Resting) beginLoad(QString(m_path));
}

bool ModelController::isCompared(const QString& path) const {
    return std::ranges::find(m_compared, path.toStdString()) != m_compared.end();
}

void ModelController::setCompared(std::vector<std::string> paths) {
    if (paths == m_compared) return;
    m_compared = std::move(paths);
    emit stateChanged();
}

void ModelController::retry() { beginLoad(QString(m_path)); }

void ModelController::takeLoaded(const ModelInfo& info) {
    m_path = QString::fromStdString(info.path.string());
    m_name = givenName(m_path, QString::fromStdString(info.name));
    m_quantization = QString::fromStdString(info.quantization);
    m_info = info;
    m_before.clear();
    m_usedBefore.reset();
    m_settings.setLastModel(m_path);
    remember(m_path);
    takeBandwidth();
    setState(Loaded);
    refresh();
}

void ModelController::takeFailure(const Error& error) {
    const bool isCancelled = error.code == ErrorCode::Cancelled;
    // What was to guess for it must not keep it away.
    if (!isCancelled && !m_used.draft.empty() && !m_draftProblem) {
        m_draftProblem = error;
        if (startLoad(QString(m_path))) return;
    }
    if (const QString before = std::exchange(m_before, QString()); !before.isEmpty()) {
        if (!isCancelled) {
            m_refusal = error;
            m_refusedPath = m_path;
            m_refusedName = m_name;
        }
        if (const auto used = std::exchange(m_usedBefore, std::nullopt); used && before == m_path)
            m_given[before] = *used;
        // It is there still, or its memory was given back for the one that failed: it fits again,
        // or tells why not.
        if (startLoad(before)) return;
    }
    if (isCancelled) {
        setState(m_engine.hasGivenWay() ? Resting : NoModel);
        return;
    }
    m_error = error;
    setState(Failed);
}

void ModelController::addFile(const QUrl& file) {
    load(localPath(file));  // remembered once it is loaded
}

void ModelController::addFolder(const QUrl& folder) {
    m_settings.addModelFolder(localPath(folder));
}

void ModelController::removeFolder(const QString& folder) { m_settings.removeModelFolder(folder); }

void ModelController::remember(const QString& path) {
    if (path == m_places.demoPath) return;  // it is always in the list
    storage::ModelRecord record;
    record.path = path.toStdString();
    record.name = m_name.toStdString();
    const FileStamp stamp = stampOf(path).value_or(FileStamp{});
    record.sizeBytes = stamp.sizeBytes;
    record.modifiedAt = stamp.modifiedAt;
    m_storage.submit([record](storage::Database& database) -> Status {
        if (auto saved = database.models().save(record); !saved) return saved;
        return database.models().markUsed(record.path);
    });
}

void ModelController::refresh() {
    m_storage.submit(
        this,
        [](storage::Database& database) -> Result<Library> {
            SOTTO_ASSIGN(std::vector<storage::ModelRecord> models, database.models().list());
            return Library{.models = std::move(models), .names = readModelNames(database)};
        },
        [this](const Result<Library>& library) {
            if (library) takeNames(library->names);
            readFiles(library ? *library : Library());
        });
}

QString ModelController::givenName(const QString& path, const QString& own) const {
    const auto given = m_names.find(path);
    return given == m_names.end() ? own : given->second;
}

void ModelController::takeNames(const ModelNames& names) {
    m_names = names;
    if (m_state != Loaded) return;
    const QString name = givenName(m_path, QString::fromStdString(m_info.name));
    if (name == m_name) return;
    m_name = name;
    emit stateChanged();
}

// A reading that was asked for before gives way.
void ModelController::readFiles(const Library& library) {
    ListingWish search;
    if (!m_places.demoPath.isEmpty()) search.paths.append(m_places.demoPath);
    for (const storage::ModelRecord& row : library.models) {
        const QString path = QString::fromStdString(row.path);
        search.remembered[path] = row;
        // The others were only met in folders, which may not be looked through any more.
        if (row.lastUsedAt > 0 || row.isFavourite) search.paths.append(path);
    }
    search.folders = m_settings.modelFolders();
    if (!m_places.ownFolder.isEmpty()) search.folders.prepend(m_places.ownFolder);
    m_watch.setFolders(search.folders);
    search.restless = m_watch.restless();
    search.names = m_names;
    search.demoPath = m_places.demoPath;
    search.options = loadOptions({});
    for (const auto& [path, layer] : m_settings.model()->layers())
        search.ownOptions[path] = loadOptions(path);
    search.held = heldMemory();
    search.nThreads = m_settings.threads();
    m_jobs.cancel(m_listing);
    m_listing = startForWindow(
        m_jobs, this, shortDiskJob("list models"),
        [search = std::move(search), probe = m_probe](JobContext& context) {
            return listModels(search, probe, *context.cancelFlag());
        },
        [this](Result<ModelListing> listing) {
            if (listing) takeListing(std::move(*listing));
        });
}

// In pieces, so that an answer's text never waits for a library of thousands.
void ModelController::keepLearned(std::vector<storage::ModelRecord> learned) {
    constexpr std::size_t kAtOnce = 100;
    for (std::size_t first = 0; first < learned.size(); first += kAtOnce) {
        const std::size_t end = std::min(first + kAtOnce, learned.size());
        m_storage.submit([rows = std::vector(learned.begin() + std::ptrdiff_t(first),
                                             learned.begin() + std::ptrdiff_t(end))](
                             storage::Database& database) -> Status {
            for (const storage::ModelRecord& row : rows)
                if (auto saved = database.models().save(row); !saved) return saved;
            return {};
        });
    }
}

void ModelController::takeListing(ModelListing listing) {
    // Free memory moves all the time, and nobody shows it from here.
    const bool isChanged = !std::equal(
        listing.devices.begin(), listing.devices.end(), m_listed.begin(), m_listed.end(),
        [](const DeviceInfo& a, const DeviceInfo& b) {
            return a.id == b.id && a.name == b.name && a.unusableReason == b.unusableReason;
        });
    m_listed = std::move(listing.devices);
    m_devices = chooseDevices(deviceSetting(), m_listed);
    m_rates.setDevices(m_devices, m_settings.threads());
    for (ModelEntry& entry : listing.entries)
        entry.ownLoad = m_settings.model()->loadSettings(entry.path);
    m_list.setEntries(std::move(listing.entries));
    keepLearned(std::move(listing.learned));
    if (isChanged) emit deviceChanged();
    tellBandwidth();
    tellSpeeds();
    measureProcessor();
    for (const ModelEntry& entry : m_list.entries()) m_rates.want(plannedInfo(entry));
    emit listed();
}

}  // namespace sotto::app

#include "app/models/model_controller.h"

#include <QDir>
#include <QFileInfo>
#include <algorithm>

#include "app/bridge/error_text.h"
#include "app/models/model_catalog.h"
#include "app/settings/settings_controller.h"

namespace sotto::app {

ModelController::ModelController(EngineBridge& engine, StorageBridge& storage,
                                 SettingsController& settings, const QString& demoPath,
                                 MachineProbe probe, QObject* parent)
    : QObject(parent),
      m_engine(engine),
      m_storage(storage),
      m_settings(settings),
      m_demoPath(demoPath),
      m_probe(std::move(probe)),
      m_listed(m_probe.listDevices()) {
    m_pool.setMaxThreadCount(1);
    m_measurePool.setMaxThreadCount(1);
    m_devices = chooseDevices(settings.device().toStdString(), m_listed);
    if (m_devices.card) m_startCard = m_devices.card->id;
    connect(&engine, &EngineBridge::loadProgressed, this, [this](double fraction) {
        m_loadProgress = fraction;
        emit loadProgressChanged();
    });
    connect(&engine, &EngineBridge::modelLoaded, this, &ModelController::takeLoaded);
    connect(&engine, &EngineBridge::loadFailed, this, &ModelController::takeFailure);
    connect(&engine, &EngineBridge::modelUnloaded, this, [this] {
        if (m_state != Loading) setState(NoModel);
    });
    connect(&settings, &SettingsController::modelFoldersChanged, this, &ModelController::refresh);
    connect(&settings, &SettingsController::engineChanged, this, [this] {
        m_devices = chooseDevices(deviceSetting(), m_listed);
        emit deviceChanged();
        tellBandwidth();
        refresh();
    });
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
    m_isClosing = true;
    m_pool.clear();
    m_pool.waitForDone();
    m_measurePool.waitForDone();
}

QString ModelController::notice() const {
    if (m_state != Loaded) return {};
    QStringList notices;
    if (!m_info.templateProblem.empty())
        notices << tr("This model's chat template cannot be used (%1). ChatML is used instead.")
                       .arg(QString::fromStdString(m_info.templateProblem));
    if (const QString placement = placementNotice(); !placement.isEmpty()) notices << placement;
    return notices.join(QLatin1Char('\n'));
}

QString ModelController::errorText() const {
    return m_error ? sotto::app::errorText(*m_error) : QString();
}

void ModelController::setEngineProblem(const Error& error) {
    m_error = error;
    setState(Failed);
}

void ModelController::setState(State state) {
    m_state = state;
    if (state == NoModel) {
        m_name.clear();
        m_quantization.clear();
        m_path.clear();
    }
    m_list.setLoadedPath(state == Loaded ? m_path : QString());
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
    if (!m_demoPath.isEmpty()) load(m_demoPath);
}

void ModelController::load(const QString& path) {
    if (m_engine.engine() == nullptr || path.isEmpty()) return;
    const auto& entries = m_list.entries();
    const auto entry = std::find_if(entries.begin(), entries.end(),
                                    [&path](const ModelEntry& row) { return row.path == path; });
    m_path = path;
    m_name = entry != entries.end() ? entry->name : QFileInfo(path).completeBaseName();
    m_quantization = entry != entries.end() ? entry->quantization : QString();
    m_error.reset();
    m_loadProgress = 0;
    LoadOptions options = loadOptions(path);
    // The list knows the longest context that fits when the wanted one does not; without a wish the
    // engine chooses, with the same plan.
    if (entry != entries.end() && entry->isShortened &&
        entry->contextTokens < options.contextTokens)
        options.contextTokens = entry->contextTokens;
    ++m_nLoads;
    ++m_nLoadsAsked;
    m_hasUsedCard |= isOnCard();
    setState(Loading);
    emit loadProgressChanged();
    m_engine.engine()->load(options);
}

void ModelController::choose(const QString& path) {
    if (m_state != Loaded || path != m_path) load(path);
}

void ModelController::cancelLoad() {
    if (m_state == Loading) m_engine.engine()->cancelLoad();
}

void ModelController::unload() {
    if (m_state == Loaded) m_engine.engine()->unload();
}

void ModelController::retry() { load(QString(m_path)); }

void ModelController::takeLoaded(const ModelInfo& info) {
    if (--m_nLoads > 0) return;  // another one was asked for meanwhile
    m_path = QString::fromStdString(info.path.string());
    m_name = QString::fromStdString(info.name);
    m_quantization = QString::fromStdString(info.quantization);
    m_info = info;
    m_settings.setLastModel(m_path);
    remember(m_path);
    takeBandwidth();
    setState(Loaded);
    refresh();
}

void ModelController::takeFailure(const Error& error) {
    if (--m_nLoads > 0) return;  // another one was asked for meanwhile
    if (error.code == ErrorCode::Cancelled) {
        setState(NoModel);
        return;
    }
    m_error = error;
    setState(Failed);
}

void ModelController::addFile(const QUrl& file) {
    const QString path = QDir::cleanPath(file.isLocalFile() ? file.toLocalFile() : file.path());
    load(path);  // remembered once it is loaded
}

void ModelController::addFolder(const QUrl& folder) {
    m_settings.addModelFolder(folder.isLocalFile() ? folder.toLocalFile() : folder.path());
}

void ModelController::removeFolder(const QString& folder) { m_settings.removeModelFolder(folder); }

void ModelController::remember(const QString& path) {
    if (path == m_demoPath) return;  // it is always in the list
    storage::ModelRecord record;
    record.path = path.toStdString();
    record.name = m_name.toStdString();
    const QFileInfo file(path);
    record.sizeBytes = file.size();
    record.modifiedAt = file.lastModified().toMSecsSinceEpoch();
    m_storage.submit([record](storage::Database& database) -> Status {
        if (auto saved = database.models().save(record); !saved) return saved;
        return database.models().markUsed(record.path);
    });
}

void ModelController::refresh() {
    m_storage.submit(
        this, [](storage::Database& database) { return database.models().list(); },
        [this](const Result<std::vector<storage::ModelRecord>>& library) {
            QStringList paths;
            if (!m_demoPath.isEmpty()) paths.append(m_demoPath);
            if (library)
                for (const storage::ModelRecord& row : *library)
                    paths.append(QString::fromStdString(row.path));
            std::map<QString, LoadOptions> own;
            for (const auto& [path, layer] : m_settings.model()->layers())
                own[path] = loadOptions(path);
            m_pool.clear();
            m_pool.start([this, paths, folders = m_settings.modelFolders(),
                          options = loadOptions({}), own = std::move(own), demo = m_demoPath,
                          held = heldMemory(), threads = m_settings.threads(),
                          setting = deviceSetting()] {
                QStringList all = paths + findModelFiles(folders);
                all.removeDuplicates();
                std::vector<DeviceInfo> devices = m_probe.listDevices();
                const PlanSpace space = spaceFor(chooseDevices(setting, devices), held, threads);
                std::vector<ModelEntry> entries;
                for (const QString& path : all) {
                    const auto wanted = own.find(path);
                    entries.push_back(inspectModelFile(
                        path, wanted == own.end() ? options : wanted->second, space, m_probe));
                    entries.back().isDemo = path == demo;
                }
                QMetaObject::invokeMethod(
                    this,
                    [this, entries = std::move(entries), devices = std::move(devices)]() mutable {
                        takeEntries(std::move(entries), std::move(devices));
                    },
                    Qt::QueuedConnection);
            });
        });
}

void ModelController::takeEntries(std::vector<ModelEntry> entries,
                                  std::vector<DeviceInfo> devices) {
    // Free memory moves all the time, and nobody shows it from here.
    const bool isChanged = !std::equal(
        devices.begin(), devices.end(), m_listed.begin(), m_listed.end(),
        [](const DeviceInfo& a, const DeviceInfo& b) {
            return a.id == b.id && a.name == b.name && a.unusableReason == b.unusableReason;
        });
    m_listed = std::move(devices);
    m_devices = chooseDevices(deviceSetting(), m_listed);
    m_list.setEntries(std::move(entries));
    if (isChanged) emit deviceChanged();
    tellBandwidth();
    measureProcessor();
}

}  // namespace sotto::app

#include "app/models/model_controller.h"

#include <QDir>
#include <QFileInfo>
#include <algorithm>

#include "app/bridge/error_text.h"
#include "app/models/model_catalog.h"
#include "app/settings/settings_controller.h"
#include "engine/api/device_info.h"

namespace sotto::app {
namespace {

LoadOptions loadOptions(const SettingsController& settings) {
    LoadOptions options;
    options.contextTokens = settings.contextTokens();
    options.kvType = settings.kvType() == QLatin1String("f32") ? KvType::F32 : KvType::F16;
    return options;
}

qint64 memoryAvailable() {
    const std::vector<DeviceInfo> devices = listDevices();
    return devices.empty() ? 0 : static_cast<qint64>(devices.front().memoryAvailable);
}

}  // namespace

ModelController::ModelController(EngineBridge& engine, StorageBridge& storage,
                                 SettingsController& settings, const QString& demoPath,
                                 QObject* parent)
    : QObject(parent),
      m_engine(engine),
      m_storage(storage),
      m_settings(settings),
      m_demoPath(demoPath) {
    m_pool.setMaxThreadCount(1);
    // A device that is not there any more gives way to the automatic choice, as in main.
    auto device = chosenDevice(settings.device().toStdString());
    if (!device) device = chosenDevice("auto");
    if (device) {
        m_deviceName = QString::fromStdString(device->name);
        m_instructionSet = QString::fromStdString(device->instructionSet);
        m_nCores = device->nCores;
        m_memoryTotal = static_cast<qint64>(device->memoryTotal);
    }
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
    connect(&settings, &SettingsController::engineChanged, this, &ModelController::refresh);
    // Queued: the translator is in its place by then.
    connect(
        &settings, &SettingsController::languageChanged, this,
        [this] {
            emit languageChanged();
            emit stateChanged();
        },
        Qt::QueuedConnection);
    refresh();
}

ModelController::~ModelController() {
    m_pool.clear();
    m_pool.waitForDone();
}

QString ModelController::deviceDetail() const {
    return tr("%n core(s), %1", nullptr, m_nCores).arg(m_instructionSet);
}

QVariantList ModelController::deviceChoices() const {
    QVariantList choices;
    const auto add = [&choices](const QString& text, const QString& value) {
        choices.append(
            QVariantMap{{QStringLiteral("text"), text}, {QStringLiteral("value"), value}});
    };
    add(tr("Automatic"), QStringLiteral("auto"));
    for (const DeviceInfo& device : listDevices())
        if (device.unusableReason.empty())
            add(device.id == "cpu" ? tr("Processor") : QString::fromStdString(device.name),
                QString::fromStdString(device.id));
    return choices;
}

QString ModelController::notice() const {
    if (m_templateProblem.empty()) return QString::fromStdString(m_deviceNote);
    return tr("This model's chat template cannot be used (%1). ChatML is used instead.")
        .arg(QString::fromStdString(m_templateProblem));
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
        m_templateProblem.clear();
        m_deviceNote.clear();
    }
    if (state != Loaded) m_memoryBytes = 0;
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
    m_templateProblem.clear();
    m_loadProgress = 0;
    LoadOptions options = loadOptions(m_settings);
    options.path = path.toStdString();
    // The list knows the longest context that fits when the wanted one does not.
    if (entry != entries.end() && entry->isShortened &&
        (options.contextTokens == 0 || entry->contextTokens < options.contextTokens))
        options.contextTokens = entry->contextTokens;
    ++m_nLoads;
    setState(Loading);
    emit loadProgressChanged();
    m_engine.engine()->load(options);
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
    m_memoryBytes = static_cast<qint64>(info.memory.total());
    m_contextTokens = static_cast<int>(info.contextTokens);
    m_hasThinking = info.hasThinking;
    m_templateProblem = info.templateProblem;
    m_deviceNote = info.deviceNote;
    m_settings.setLastModel(m_path);
    remember(m_path);
    refresh();
    m_readBandwidth = m_engine.engine()->snapshot().readBandwidthGbS;
    m_list.setMachine(memoryAvailable() + m_memoryBytes, m_readBandwidth);
    emit bandwidthChanged();
    setState(Loaded);
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
    m_storage.submit([record](storage::Database& database) -> storage::Status {
        if (auto saved = database.saveModel(record); !saved) return saved;
        return database.markModelUsed(record.path);
    });
}

void ModelController::refresh() {
    m_storage.submit(
        this, [](storage::Database& database) { return database.listModels(); },
        [this](const storage::Result<std::vector<storage::ModelRecord>>& library) {
            QStringList paths;
            if (!m_demoPath.isEmpty()) paths.append(m_demoPath);
            if (library)
                for (const storage::ModelRecord& row : *library)
                    paths.append(QString::fromStdString(row.path));
            m_pool.clear();
            m_pool.start([this, paths, folders = m_settings.modelFolders(),
                          options = loadOptions(m_settings), demo = m_demoPath] {
                QStringList all = paths + findModelFiles(folders);
                all.removeDuplicates();
                const qint64 available = memoryAvailable();
                std::vector<ModelEntry> entries;
                for (const QString& path : all) {
                    entries.push_back(inspectModelFile(path, options, available));
                    entries.back().isDemo = path == demo;
                }
                QMetaObject::invokeMethod(
                    this,
                    [this, entries = std::move(entries)]() mutable {
                        takeEntries(std::move(entries));
                    },
                    Qt::QueuedConnection);
            });
        });
}

void ModelController::takeEntries(std::vector<ModelEntry> entries) {
    m_list.setMachine(memoryAvailable() + m_memoryBytes, m_readBandwidth);
    m_list.setEntries(std::move(entries));
}

}  // namespace sotto::app

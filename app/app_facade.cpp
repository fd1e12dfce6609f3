#include "app/app_facade.h"

#include <QCoreApplication>
#include <utility>

#include "app/bridge/engine_bridge.h"
#include "app/bridge/storage_bridge.h"
#include "app/models/idle_rest.h"

namespace sotto::app {

AppFacade::AppFacade(const Services& services, QObject* parent)
    : AppFacade(services, readStored(services.storage), parent) {}

AppFacade::AppFacade(const Services& services, Stored stored, QObject* parent)
    : QObject(parent),
      m_dataFolder(services.dataFolder),
      m_storage(std::make_unique<StorageBridge>(services.storage)),
      m_temporaryStorage(std::make_unique<StorageBridge>(services.temporaryStorage)),
      m_health(std::make_unique<HealthController>(*m_storage, *m_temporaryStorage,
                                                  services.storageProblem)),
      m_settings(std::make_unique<SettingsController>(*m_storage, std::move(stored.settings),
                                                      std::move(stored.models))),
      m_network(std::make_unique<NetworkController>(
          NetworkController::Parts{*m_storage, *m_settings, services.hub, services.hubProblem,
                                   services.ledger, services.tokenFile, services.keyring})),
      m_models(std::make_unique<ModelController>(
          services.engine, *m_storage, *m_settings, services.jobs,
          ModelController::Places{services.demoModelPath, services.modelsFolder,
                                  services.cacheFolder.toStdString()},
          services.machine)),
      m_hub(std::make_unique<HubController>(
          services.hub,
          HubMachine{.largestFile = [this] { return m_models->largestFile(); },
                     .forecast = [this] { return m_models->forecastSetting(); },
                     .readBandwidth = [this] { return m_models->readBandwidth(); },
                     .wantRates = [this](const ModelInfo& of) { m_models->wantRates(of); }})),
      m_jobs(std::make_unique<JobListModel>(services.jobs)),
      m_installed(std::make_unique<InstalledController>(InstalledController::Parts{
          *m_models, *m_storage, services.jobs, services.modelsFolder, services.machine.listPlaces,
          services.moveToTrash, services.cacheFolder})),
      m_loadPlanner(std::make_unique<LoadPlanner>(
          LoadPlanner::Parts{*m_models, *m_settings, services.jobs, services.machine})),
      m_ownQuantizing(services.quantizing == nullptr ? std::make_unique<QuantizeJobs>(services.jobs)
                                                     : nullptr),
      m_quantize(std::make_unique<QuantizeController>(QuantizeController::Parts{
          *m_models, *m_storage, services.jobs,
          services.quantizing != nullptr ? *services.quantizing : *m_ownQuantizing,
          services.modelsFolder, [this] { return m_settings->contextTokens(); },
          services.evaluationText, m_hub.get()})),
      m_compare(std::make_unique<CompareController>(
          CompareController::Parts{services.engine, *m_models, *m_settings, services.jobs})),
      m_measurement(std::make_unique<TextMeasurement>(
          TextMeasurement::Parts{{*m_compare, *m_models, *m_settings, services.jobs},
                                 services.evaluationText.toStdString(),
                                 [this] { return openChat(); },
                                 [this] { return m_chat->messages()->rowCount() > 0; }})),
      m_forcedAnswers(std::make_unique<ForcedAnswers>(
          ReadingJob::Parts{*m_compare, *m_models, *m_settings, services.jobs})),
      m_speeds(std::make_unique<SpeedWatch>(SpeedWatch::Parts{
          services.engine, *m_models, services.jobs, services.cacheFolder.toStdString()})),
      m_drafts(std::make_unique<DraftModelList>(
          DraftModelList::Parts{services.engine, *m_models, *m_settings, services.jobs})),
      m_idleRest(
          std::make_unique<IdleRest>(IdleRest::Parts{services.engine, *m_models, *m_settings})),
      m_firstModels(std::make_unique<FirstModelsController>(
          FirstModelsController::Parts{services.hub, m_hub->questions(), *m_hub->downloads(),
                                       [this] { return m_models->forecastSetting(); }})),
      m_chats(std::make_unique<ChatListModel>(*m_storage)),
      m_savedComparisons(std::make_unique<SavedComparisons>(
          SavedComparisons::Parts{*m_storage, *m_compare, *m_chats})),
      m_bin(std::make_unique<BinModel>(*m_storage, *m_chats, *m_settings)),
      m_prefixes(std::make_unique<PrefixController>(PrefixController::Parts{
          services.prefixes, *m_settings, *m_chats, *m_bin, services.forgetGonePrefixes})),
      m_search(std::make_unique<SearchModel>(*m_storage)),
      m_live(std::make_unique<LiveStats>(services.engine)),
      m_formulas(std::make_unique<FormulaCache>()),
      m_chat(std::make_unique<ChatController>(
          ChatController::Parts{services.engine, *m_storage, *m_temporaryStorage, *m_chats,
                                *m_models, *m_settings, services.jobs, services.machine})),
      m_lastChat(std::make_unique<LastChat>(*m_chats, *m_settings)),
      m_closeGuard(std::make_unique<CloseGuard>(
          CloseGuard::Parts{services.storage, *m_storage, *m_health, *m_chat, *m_jobs, *m_settings,
                            services.dataFolder})) {
    m_jobs->setDownloads(*m_hub->downloads());
    connect(m_chat->messages(), &MessageListModel::countChanged, m_measurement.get(),
            &TextMeasurement::followChat);
    // Queued: the translator is in its place by then.
    connect(m_settings.get(), &SettingsController::languageChanged, m_jobs.get(),
            &JobListModel::refresh, Qt::QueuedConnection);
    connect(m_health.get(), &HealthController::tried, m_chat.get(), [this](bool isWell) {
        if (isWell) m_chat->noteAllWritten();
    });
    connect(m_network.get(), &NetworkController::bytesChanged, this, &AppFacade::bytesSentChanged);
    connect(m_network.get(), &NetworkController::offlineChanged, m_hub.get(),
            &HubController::refresh);
    connect(m_network.get(), &NetworkController::endpointChanged, m_hub.get(),
            &HubController::refresh);
    connect(m_models.get(), &ModelController::bandwidthChanged, m_firstModels.get(),
            &FirstModelsController::tellSpeeds);
    connect(m_models.get(), &ModelController::bandwidthChanged, m_hub->search(),
            &HubSearchModel::ratesChanged);
    connect(m_models.get(), &ModelController::listed, m_hub->search(),
            &HubSearchModel::machineChanged);
    if (services.engineProblem != nullptr) m_models->setEngineProblem(*services.engineProblem);
    connect(m_models.get(), &ModelController::stateChanged, m_settings.get(),
            [this] { m_settings->model()->follow(m_models->path()); });
    connect(m_network.get(), &NetworkController::tokenFound, m_hub.get(),
            &HubController::askRefusedAgain);
    connect(m_network.get(), &NetworkController::tokenEntered, m_hub.get(),
            &HubController::askAllRefusedAgain);
    connect(m_hub->downloads(), &DownloadListModel::speedLimitChanged, m_settings.get(),
            [this] { m_settings->setDownloadLimit(m_hub->downloads()->speedLimit()); });
    connect(m_hub->downloads(), &DownloadListModel::finished, m_models.get(),
            &ModelController::refresh);
    m_models->loadLastUsed();
}

AppFacade::~AppFacade() = default;

// The only time that the window's thread waits for storage: once, before there is a window.
AppFacade::Stored AppFacade::readStored(storage::Storage& storage) {
    Stored stored;
    // What cannot be read is told by the next command that wants it.
    static_cast<void>(storage.call([&stored](storage::Database& database) -> Status {
        if (auto settings = database.settings().all()) stored.settings = std::move(*settings);
        if (auto models = database.models().list()) stored.models = std::move(*models);
        return {};
    }));
    return stored;
}

// What is said in it: its words are read by the models that are measured, and kept nowhere.
MeasuredText AppFacade::openChat() const {
    MeasuredText chat;
    chat.source = LossSource::Chat;
    chat.text = m_chat->messages()->asMarkdown().toStdString();
    chat.isPrivate = m_chat->isTemporary();
    return chat;
}

ChatListModel* AppFacade::chats() const { return m_chats.get(); }
BinModel* AppFacade::bin() const { return m_bin.get(); }
PrefixController* AppFacade::prefixes() const { return m_prefixes.get(); }
ChatController* AppFacade::chat() const { return m_chat.get(); }
SearchModel* AppFacade::search() const { return m_search.get(); }
ModelController* AppFacade::models() const { return m_models.get(); }
HubController* AppFacade::hub() const { return m_hub.get(); }
InstalledController* AppFacade::installed() const { return m_installed.get(); }
LoadPlanner* AppFacade::loadPlanner() const { return m_loadPlanner.get(); }
QuantizeController* AppFacade::quantize() const { return m_quantize.get(); }
CompareController* AppFacade::compare() const { return m_compare.get(); }
TextMeasurement* AppFacade::measurement() const { return m_measurement.get(); }
ForcedAnswers* AppFacade::forcedAnswers() const { return m_forcedAnswers.get(); }
SavedComparisons* AppFacade::savedComparisons() const { return m_savedComparisons.get(); }
SpeedWatch* AppFacade::speeds() const { return m_speeds.get(); }
DraftModelList* AppFacade::drafts() const { return m_drafts.get(); }
FirstModelsController* AppFacade::firstModels() const { return m_firstModels.get(); }
LiveStats* AppFacade::live() const { return m_live.get(); }
SettingsController* AppFacade::settings() const { return m_settings.get(); }
CloseGuard* AppFacade::closeGuard() const { return m_closeGuard.get(); }
HealthController* AppFacade::health() const { return m_health.get(); }
JobListModel* AppFacade::jobs() const { return m_jobs.get(); }
FormulaCache* AppFacade::formulas() const { return m_formulas.get(); }
NetworkController* AppFacade::network() const { return m_network.get(); }
double AppFacade::bytesSent() const { return m_network->sentBytes(); }
QString AppFacade::version() const { return QCoreApplication::applicationVersion(); }
QString AppFacade::dataFolder() const { return m_dataFolder; }

}  // namespace sotto::app

// AppFacade: the one object that the window gets; everything QML may touch hangs from it.
//
// Owns the controllers; borrows the composition root (app/core), which must outlive it. GUI thread
// only.
#pragma once

#include <QObject>
#include <QQmlEngine>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "app/bridge/health_controller.h"
#include "app/chat/bin_model.h"
#include "app/chat/chat_controller.h"
#include "app/chat/chat_list_model.h"
#include "app/chat/close_guard.h"
#include "app/chat/last_chat.h"
#include "app/chat/search_model.h"
#include "app/compare/compare_controller.h"
#include "app/compare/forced_answers.h"
#include "app/compare/saved_comparisons.h"
#include "app/compare/text_measurement.h"
#include "app/formula/formula_cache.h"
#include "app/hub/hub_controller.h"
#include "app/jobs/job_list_model.h"
#include "app/models/draft_model_list.h"
#include "app/models/first_models_controller.h"
#include "app/models/installed_controller.h"
#include "app/models/load_planner.h"
#include "app/models/model_controller.h"
#include "app/models/speed_watch.h"
#include "app/network/network_controller.h"
#include "app/performance/live_stats.h"
#include "app/settings/prefix_controller.h"
#include "app/settings/settings_controller.h"
#include "app/workshop/quantize_controller.h"

namespace sotto::storage {
class Storage;
}

namespace sotto::app {

class EngineBridge;
class IdleRest;
class ModelHub;
class StorageBridge;

class AppFacade : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("created by main()")
    Q_PROPERTY(sotto::app::ChatListModel* chats READ chats CONSTANT)
    Q_PROPERTY(sotto::app::BinModel* bin READ bin CONSTANT)
    Q_PROPERTY(sotto::app::PrefixController* prefixes READ prefixes CONSTANT)
    Q_PROPERTY(sotto::app::ChatController* chat READ chat CONSTANT)
    Q_PROPERTY(sotto::app::SearchModel* search READ search CONSTANT)
    Q_PROPERTY(sotto::app::ModelController* models READ models CONSTANT)
    Q_PROPERTY(sotto::app::HubController* hub READ hub CONSTANT)
    Q_PROPERTY(sotto::app::LiveStats* live READ live CONSTANT)
    Q_PROPERTY(sotto::app::SettingsController* settings READ settings CONSTANT)
    Q_PROPERTY(sotto::app::JobListModel* jobs READ jobs CONSTANT)
    Q_PROPERTY(sotto::app::FormulaCache* formulas READ formulas CONSTANT)
    Q_PROPERTY(sotto::app::InstalledController* installed READ installed CONSTANT)
    Q_PROPERTY(sotto::app::LoadPlanner* loadPlanner READ loadPlanner CONSTANT)
    Q_PROPERTY(sotto::app::QuantizeController* quantize READ quantize CONSTANT)
    Q_PROPERTY(sotto::app::CompareController* compare READ compare CONSTANT)
    Q_PROPERTY(sotto::app::TextMeasurement* measurement READ measurement CONSTANT)
    Q_PROPERTY(sotto::app::ForcedAnswers* forcedAnswers READ forcedAnswers CONSTANT)
    Q_PROPERTY(sotto::app::SavedComparisons* savedComparisons READ savedComparisons CONSTANT)
    Q_PROPERTY(sotto::app::SpeedWatch* speeds READ speeds CONSTANT)
    Q_PROPERTY(sotto::app::DraftModelList* drafts READ drafts CONSTANT)
    Q_PROPERTY(sotto::app::FirstModelsController* firstModels READ firstModels CONSTANT)
    Q_PROPERTY(sotto::app::NetworkController* network READ network CONSTANT)
    // Bytes this program has sent over a network since it started.
    Q_PROPERTY(double bytesSent READ bytesSent NOTIFY bytesSentChanged)
    Q_PROPERTY(sotto::app::HealthController* health READ health CONSTANT)
    Q_PROPERTY(sotto::app::CloseGuard* closeGuard READ closeGuard CONSTANT)
    Q_PROPERTY(QString version READ version CONSTANT)
    Q_PROPERTY(QString dataFolder READ dataFolder CONSTANT)

public:
    // What main() has opened before the window. Everything must outlive the facade.
    struct Services {
        EngineBridge& engine;
        storage::Storage& storage;           // on disk, or in memory when the disk cannot be used
        storage::Storage& temporaryStorage;  // in memory, for temporary chats
        JobRunner& jobs;
        std::optional<StartProblem> storageProblem;  // why the disk cannot be used
        QString dataFolder;
        const Error* engineProblem = nullptr;  // why there is no engine
        QString demoModelPath;                 // empty: not installed
        QString modelsFolder;                  // of the program, always looked through; empty: none
        MachineProbe machine;                  // devices and dry runs; tests bring their own
        ModelHub* hub = nullptr;               // the way to the network; null: there is none
        const Error* hubProblem = nullptr;     // why there is none
        StoredLedger* ledger = nullptr;        // of what the hub sends
        TokenStore* tokenFile = nullptr;       // the hub's token where there is no keyring
        TokenKeyring* keyring = nullptr;       // null: the system has none
        QString cacheFolder = {};              // what may be made again; empty: nothing is kept
        QuantizeJobs* quantizing = nullptr;    // null: one of the facade's own
        QString evaluationText = {};           // file that models are compared on; empty: none
        DiskPrefixStore* prefixes = nullptr;   // null: chats are in memory only
        std::function<void()> forgetGonePrefixes = {};  // AppCore's
        TrashMover moveToTrash = {};                    // empty: to the system's bin
    };
    explicit AppFacade(const Services& services, QObject* parent = nullptr);
    ~AppFacade() override;

    ChatListModel* chats() const;
    BinModel* bin() const;
    ChatController* chat() const;
    SearchModel* search() const;
    ModelController* models() const;
    HubController* hub() const;
    LiveStats* live() const;
    InstalledController* installed() const;
    LoadPlanner* loadPlanner() const;
    QuantizeController* quantize() const;
    CompareController* compare() const;
    TextMeasurement* measurement() const;
    ForcedAnswers* forcedAnswers() const;
    SavedComparisons* savedComparisons() const;
    SpeedWatch* speeds() const;
    DraftModelList* drafts() const;
    FirstModelsController* firstModels() const;
    SettingsController* settings() const;
    HealthController* health() const;
    CloseGuard* closeGuard() const;
    JobListModel* jobs() const;
    FormulaCache* formulas() const;
    NetworkController* network() const;
    PrefixController* prefixes() const;
    double bytesSent() const;
    QString version() const;
    QString dataFolder() const;

signals:
    void bytesSentChanged();

private:
    struct Stored {
        std::map<std::string, std::string> settings;
        std::vector<storage::ModelRecord> models;
    };
    static Stored readStored(storage::Storage& storage);
    MeasuredText openChat() const;
    AppFacade(const Services& services, Stored stored, QObject* parent);

    QString m_dataFolder;
    // In the order in which they need each other; destroyed from the last to the first.
    std::unique_ptr<StorageBridge> m_storage;
    std::unique_ptr<StorageBridge> m_temporaryStorage;
    std::unique_ptr<HealthController> m_health;
    std::unique_ptr<SettingsController> m_settings;
    std::unique_ptr<NetworkController> m_network;
    std::unique_ptr<ModelController> m_models;
    std::unique_ptr<HubController> m_hub;
    std::unique_ptr<JobListModel> m_jobs;
    std::unique_ptr<InstalledController> m_installed;
    std::unique_ptr<LoadPlanner> m_loadPlanner;
    std::unique_ptr<QuantizeJobs> m_ownQuantizing;
    std::unique_ptr<QuantizeController> m_quantize;
    std::unique_ptr<CompareController> m_compare;
    std::unique_ptr<TextMeasurement> m_measurement;
    std::unique_ptr<ForcedAnswers> m_forcedAnswers;
    std::unique_ptr<SpeedWatch> m_speeds;
    std::unique_ptr<DraftModelList> m_drafts;
    std::unique_ptr<IdleRest> m_idleRest;
    std::unique_ptr<FirstModelsController> m_firstModels;
    std::unique_ptr<ChatListModel> m_chats;
    std::unique_ptr<SavedComparisons> m_savedComparisons;
    std::unique_ptr<BinModel> m_bin;
    std::unique_ptr<PrefixController> m_prefixes;
    std::unique_ptr<SearchModel> m_search;
    std::unique_ptr<LiveStats> m_live;
    std::unique_ptr<FormulaCache> m_formulas;
    std::unique_ptr<ChatController> m_chat;
    std::unique_ptr<LastChat> m_lastChat;
    std::unique_ptr<CloseGuard> m_closeGuard;
};

}  // namespace sotto::app

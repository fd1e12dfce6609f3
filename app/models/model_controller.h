// ModelController: which model is loaded, loading with progress and cancel, and the list of models
// that are there.
//
// GUI thread only; the engine's events arrive through EngineBridge.
#pragma once

#include <QAbstractListModel>
#include <QObject>
#include <QQmlEngine>
#include <QUrl>
#include <QVariantList>
#include <map>
#include <optional>
#include <string>

#include "app/bridge/engine_bridge.h"
#include "app/bridge/storage_bridge.h"
#include "app/core/job_runner.h"
#include "app/core/speed_store.h"
#include "app/models/folder_watch.h"
#include "app/models/machine.h"
#include "app/models/model_list_model.h"
#include "app/models/model_names.h"
#include "app/models/place_list_model.h"
#include "app/models/rate_watch.h"
#include "engine/api/model_info.h"

namespace sotto::app {

class SettingsController;
struct ModelListing;

// Bytes of a file of eight billion parameters at 4 bits.
inline constexpr std::uint64_t kExampleBytes = 5'000'000'000;

class ModelController : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by AppFacade")
    Q_PROPERTY(State state READ state NOTIFY stateChanged)
    Q_PROPERTY(double loadProgress READ loadProgress NOTIFY loadProgressChanged)  // 0..1
    Q_PROPERTY(QString name READ name NOTIFY stateChanged)  // of the loaded or loading model
    Q_PROPERTY(QString quantization READ quantization NOTIFY stateChanged)  // "Q4_K_M"
    Q_PROPERTY(QString path READ path NOTIFY stateChanged)
    Q_PROPERTY(
        double memoryBytes READ memoryBytes NOTIFY stateChanged)  // weights + KV + scratch in use
    Q_PROPERTY(double cardBytes READ cardBytes NOTIFY stateChanged)  // of it on the graphics card
    Q_PROPERTY(int contextTokens READ contextTokens NOTIFY stateChanged)
    Q_PROPERTY(bool isDemo READ isDemo NOTIFY stateChanged)  // the built-in toy
    Q_PROPERTY(bool hasDemo READ hasDemo CONSTANT)           // it is installed
    // Why the model that was asked for last is not the one in use; empty: it is.
    Q_PROPERTY(QString refusal READ refusal NOTIFY stateChanged)
    // What is not as one would expect: a refusal, its chat template cannot be used, it is not whole
    // on the graphics card. Empty: nothing.
    Q_PROPERTY(QString notice READ notice NOTIFY stateChanged)
    Q_PROPERTY(QString errorText READ errorText NOTIFY
                   stateChanged)  // Failed: sentence and remedy, translated
    Q_PROPERTY(sotto::app::ModelListModel* list READ list CONSTANT)
    Q_PROPERTY(sotto::app::PlaceListModel* places READ places CONSTANT)  // of other programs
    // The device that the next model is loaded on first: the card that is chosen, or the processor.
    Q_PROPERTY(QString deviceName READ deviceName NOTIFY deviceChanged)  // "AMD EPYC …"
    Q_PROPERTY(QString deviceDetail READ deviceDetail NOTIFY
                   deviceChanged)  // "2 cores, avx512-vnni", "128 multiprocessors, sm_89"
    Q_PROPERTY(double memoryTotal READ memoryTotal NOTIFY deviceChanged)  // bytes of its memory
    Q_PROPERTY(bool isOnCard READ isOnCard NOTIFY deviceChanged)
    // Why it is the processor although one might expect a card; empty: nothing to explain.
    Q_PROPERTY(QString deviceProblem READ deviceProblem NOTIFY deviceChanged)
    // Another card than the one at the start: the engine takes it when it starts again.
    Q_PROPERTY(bool isRestartNeeded READ isRestartNeeded NOTIFY deviceChanged)
    // What a user may choose from: rows of {text, value}; a card that cannot be used is not there.
    Q_PROPERTY(QVariantList deviceChoices READ deviceChoices NOTIFY deviceChanged)
    // GB/s of that device: measured, or of a card by its data sheet until then; 0 unknown.
    Q_PROPERTY(double readBandwidth READ readBandwidth NOTIFY bandwidthChanged)
    Q_PROPERTY(double exampleBytes READ exampleBytes CONSTANT)  // of a file
    // Tokens/s that it would be written at in Q4_K; 0 unknown.
    Q_PROPERTY(double exampleSpeed READ exampleSpeed NOTIFY bandwidthChanged)
    // What predictions for that device follow from, for the first page.
    Q_PROPERTY(QString predictionNote READ predictionNote NOTIFY bandwidthChanged)
    // Bytes of a model file that the next load has room for, with some context; 0 unknown.
    Q_PROPERTY(double largestFile READ largestFile NOTIFY bandwidthChanged)
    Q_PROPERTY(bool isBandwidthMeasured READ isBandwidthMeasured NOTIFY bandwidthChanged)
    Q_PROPERTY(bool isMeasuring READ isMeasuring NOTIFY bandwidthChanged)
    // Of the processor's memory; a card is measured by the engine, when it starts.
    Q_PROPERTY(bool canMeasure READ canMeasure NOTIFY bandwidthChanged)

public:
    // Resting: its memory was given back, by itself or for another user of the engine, and the next
    // question loads it again.
    enum State { NoModel, Loading, Loaded, Failed, Resting };
    Q_ENUM(State)

    // While a model is loaded, one that cannot take its place is not begun with (false): what the
    // list calls unreadable or too large, and a file that is gone. A load that fails later, or is
    // cancelled, brings back what was loaded before it. The reason is `refusal`, or the row's own
    // problem.
    Q_INVOKABLE bool load(const QString& path);
    // With other parameters than its settings say, also when it rests or is tried again; a load of
    // it by load() is by its settings again. Of the model in use: where it fails, it comes back as
    // it was.
    bool loadWith(const QString& path, const LoadOptions& options);
    Q_INVOKABLE bool choose(const QString& path);  // loads it unless it is the one in use
    Q_INVOKABLE void loadDemo();
    Q_INVOKABLE void cancelLoad();
    Q_INVOKABLE void unload();
    Q_INVOKABLE void rest();  // as Resting
    Q_INVOKABLE void wake();  // of Resting; else nothing
    Q_INVOKABLE void retry();
    Q_INVOKABLE void addFile(const QUrl& file);      // adds to the library and loads it
    Q_INVOKABLE void addFolder(const QUrl& folder);  // its GGUF files are listed in place
    Q_INVOKABLE void removeFolder(const QString& folder);
    Q_INVOKABLE void refresh();

    // Where models lie that nobody has to add.
    struct Places {
        QString demoPath;              // the built-in model's file; empty when it is not installed
        QString ownFolder;             // the program's folder for models; empty: none
        std::string cacheFolder = {};  // where measured rates lie; empty: nothing is measured
    };
    // The references are borrowed.
    ModelController(EngineBridge& engine, StorageBridge& storage, SettingsController& settings,
                    JobRunner& jobs, Places places, MachineProbe probe = {},
                    QObject* parent = nullptr);
    ~ModelController() override;

    // The engine could not be made: nothing can be loaded, and this says why.
    void setEngineProblem(const Error& error);
    // Loads what was used last, else the demo. Called once at start.
    void loadLastUsed();

    State state() const { return m_state; }
    double loadProgress() const { return m_loadProgress; }
    QString name() const { return m_name; }
    QString quantization() const { return m_quantization; }
    QString path() const { return m_path; }
    qint64 memoryBytes() const;
    qint64 cardBytes() const;
    int contextTokens() const {
        return m_state == Loaded ? static_cast<int>(m_info.contextTokens) : 0;
    }
    // Of the loaded model; 0 without.
    std::int64_t trainedContext() const { return m_state == Loaded ? m_info.trainedContext : 0; }
    std::uint64_t kvBytes() const { return m_state == Loaded ? m_info.memory.kv : 0; }
    // As the model in use was asked for.
    const LoadOptions& usedOptions() const { return m_used; }
    bool isDemo() const { return !m_path.isEmpty() && m_path == m_places.demoPath; }
    bool hasThinking() const { return m_info.hasThinking; }
    // The engine puts a system prompt in front of the first question.
    bool refusesSystemRole() const {
        return m_state == Loaded && m_info.systemRole == SystemRole::Refused;
    }
    QString refusal() const;
    QString notice() const;
    QString errorText() const;
    // The file that `errorText`, or else `refusal`, is about; empty: none.
    QString failedPath() const;
    ModelListModel* list() { return &m_list; }
    PlaceListModel* places() { return &m_otherPlaces; }
    FolderWatch& folderWatch() { return m_watch; }
    QString deviceName() const { return QString::fromStdString(m_devices.main().name); }
    QString deviceDetail() const;
    qint64 memoryTotal() const { return static_cast<qint64>(m_devices.main().memoryTotal); }
    bool isOnCard() const { return m_devices.card.has_value(); }
    QString deviceProblem() const;
    bool isRestartNeeded() const;
    QVariantList deviceChoices() const;
    double readBandwidth() const;
    bool isBandwidthMeasured() const;
    bool isMeasuring() const { return m_measuring != 0; }
    bool canMeasure() const { return !isOnCard() && !isMeasuring(); }
    // Reads memory for up to two seconds; nothing while an answer is written or a model loads.
    Q_INVOKABLE void measureAgain();
    double largestFile() const;
    double exampleBytes() const { return static_cast<double>(kExampleBytes); }
    double exampleSpeed() const;
    QString predictionNote() const;
    // What a forecast of a further model is for: the settings for models without their own, the
    // chosen devices, what the loaded model would give back, the rates of now.
    ForecastSetting forecastSetting() const { return forecastSetting(loadOptions({})); }
    ForecastSetting forecastSetting(const LoadOptions& load) const;
    // As its settings want it, without a draft model: that is a matter of the chat's loads.
    LoadOptions loadOptions(const QString& path) const;
    // The device of a load, where a model is to go to this one; empty: as in Settings.
    std::string deviceFor(const QString& own) const;
    // A forecast of it, corrected by what was measured of the file on these devices.
    double corrected(const ModelInfo& planned, const QString& path, const ModelSpeed& speed) const;
    // Its tensor types are measured when there is time.
    void wantRates(const ModelInfo& planned) { m_rates.want(planned); }
    // Rates are not measured while another user of the engine measures its own.
    void holdRates(bool isHeld) { m_rates.setHeld(isHeld); }
    // A comparison has the engine, and gives it to nobody before it ends.
    bool isCompared() const { return !m_compared.empty(); }
    bool isCompared(const QString& path) const;
    void setCompared(std::vector<std::string> paths);  // of what it reads; none: it is over
    // What answers were measured at, of models on these devices; the list shows it.
    void setSpeeds(std::vector<MeasuredSpeed> speeds);
    SpeedKey speedKey(const ModelInfo& loaded) const;
    bool hasDemo() const { return !m_places.demoPath.isEmpty(); }

signals:
    void stateChanged();
    void loadProgressChanged();
    void bandwidthChanged();
    void deviceChanged();
    void listed();  // files, devices and free memory were read

private:
    void setState(State state);
    void takeLoaded(const ModelInfo& info);
    void takeFailure(const Error& error);
    bool startLoad(const QString& path);
    std::string draftFor(const QString& path) const;
    bool isRefused(const QString& path);
    bool isToComeBack() const;
    bool beginLoad(const QString& path);
    void loadDeferred(const LoadOptions& options);
    struct Library {
        std::vector<storage::ModelRecord> models;
        ModelNames names;
    };
    void readFiles(const Library& library);
    void takeNames(const ModelNames& names);
    QString givenName(const QString& path, const QString& own) const;
    void takeListing(ModelListing listing);
    void keepLearned(std::vector<storage::ModelRecord> learned);
    void remember(const QString& path);
    std::string deviceSetting() const;
    LoadOptions optionsFor(const QString& path) const;  // given, or as its settings want it
    HeldMemory heldMemory() const;
    QString placementNotice() const;
    void takeBandwidth();
    void measureProcessor();
    void startMeasuring();
    void takeMeasurement(const Result<double>& measured);
    void tellBandwidth();
    void tellRates();
    ModelSpeed exampleForecast() const;
    void tellSpeeds();

    EngineBridge& m_engine;
    StorageBridge& m_storage;
    SettingsController& m_settings;
    Places m_places;
    MachineProbe m_probe;
    ModelListModel m_list;
    JobRunner& m_jobs;
    FolderWatch m_watch;
    PlaceListModel m_otherPlaces;
    RateWatch m_rates;
    JobId m_listing = 0;    // the newest reading of the model files; 0: none yet
    JobId m_measuring = 0;  // of the processor; 0: none
    std::vector<DeviceInfo> m_listed;
    ChosenDevices m_devices;
    std::string m_startCard;  // that the engine was started with; empty: none
    State m_state = NoModel;
    QString m_name, m_quantization, m_path;
    ModelNames m_names;                       // that were given to files
    std::map<QString, LoadOptions> m_given;   // in place of settings, by path
    LoadOptions m_used;                       // of the newest load
    std::optional<LoadOptions> m_usedBefore;  // of the same model, while a load of it is under way
    std::int64_t m_wantedContext = 0;         // tokens, as set when it was loaded; 0: what fits
    ModelInfo m_info;  // of the loaded model; causes, not sentences: those follow the language
    std::uint64_t m_mappedBytes = 0;  // what of it is the file's own pages
    std::optional<Error> m_error;
    std::optional<Error> m_refusal;       // of the last load that was asked for
    std::optional<Error> m_draftProblem;  // why that goes on without its draft model
    QString m_refusedPath;                // of the file that it is about
    QString m_refusedName;                // of what failed; empty: it was not begun with
    QString m_before;  // what was loaded when the load under way was asked for; empty: nothing
    bool m_isDeferred = false;   // Loading, and the engine was not asked yet
    bool m_isUnloading = false;  // asked for, and not told yet
    bool m_isGoingToRest = false;
    std::vector<std::string> m_compared;
    bool m_hasUsedCard = false;  // the engine measured it before its first load
    double m_loadProgress = 0;
    std::vector<MeasuredSpeed> m_speeds;
    double m_processorBandwidth = 0, m_cardBandwidth = 0;  // GB/s, measured; 0: not yet
};

}  // namespace sotto::app

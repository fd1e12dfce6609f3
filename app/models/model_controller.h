// ModelController: which model is loaded, loading with progress and cancel, and the list of models
// that are there.
//
// GUI thread only; the engine's events arrive through EngineBridge.
#pragma once

#include <QAbstractListModel>
#include <QObject>
#include <QQmlEngine>
#include <QThreadPool>
#include <QUrl>
#include <QVariantList>
#include <optional>
#include <string>

#include "app/bridge/engine_bridge.h"
#include "app/bridge/storage_bridge.h"
#include "app/models/model_list_model.h"

namespace sotto::app {

class SettingsController;

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
    Q_PROPERTY(int contextTokens READ contextTokens NOTIFY stateChanged)
    Q_PROPERTY(bool isDemo READ isDemo NOTIFY stateChanged)  // the built-in toy
    Q_PROPERTY(QString notice READ notice NOTIFY
                   stateChanged)  // e.g. its chat template cannot be used; empty: none
    Q_PROPERTY(QString errorText READ errorText NOTIFY
                   stateChanged)  // Failed: sentence and remedy, translated
    Q_PROPERTY(sotto::app::ModelListModel* list READ list CONSTANT)
    Q_PROPERTY(QString deviceName READ deviceName CONSTANT)  // "AMD EPYC …"
    // What a user may choose from: rows of {text, value}; a card that cannot be used is not there.
    Q_PROPERTY(QVariantList deviceChoices READ deviceChoices NOTIFY languageChanged)
    Q_PROPERTY(
        QString deviceDetail READ deviceDetail NOTIFY languageChanged)  // "2 cores, avx512-vnni"
    Q_PROPERTY(double memoryTotal READ memoryTotal CONSTANT)            // bytes of RAM
    Q_PROPERTY(
        double readBandwidth READ readBandwidth NOTIFY bandwidthChanged)  // GB/s, 0 until measured

public:
    enum State { NoModel, Loading, Loaded, Failed };
    Q_ENUM(State)

    Q_INVOKABLE void load(const QString& path);
    Q_INVOKABLE void loadDemo();
    Q_INVOKABLE void cancelLoad();
    Q_INVOKABLE void unload();
    Q_INVOKABLE void retry();
    Q_INVOKABLE void addFile(const QUrl& file);      // adds to the library and loads it
    Q_INVOKABLE void addFolder(const QUrl& folder);  // its GGUF files are listed in place
    Q_INVOKABLE void removeFolder(const QString& folder);
    Q_INVOKABLE void refresh();

    // `demoPath`: the built-in model's file; empty when it is not installed.
    ModelController(EngineBridge& engine, StorageBridge& storage, SettingsController& settings,
                    const QString& demoPath, QObject* parent = nullptr);
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
    qint64 memoryBytes() const { return m_memoryBytes; }
    int contextTokens() const { return m_state == Loaded ? m_contextTokens : 0; }
    bool isDemo() const { return !m_path.isEmpty() && m_path == m_demoPath; }
    bool hasThinking() const { return m_hasThinking; }
    QString notice() const;
    QString errorText() const;
    ModelListModel* list() { return &m_list; }
    QString deviceName() const { return m_deviceName; }
    QString deviceDetail() const;
    QVariantList deviceChoices() const;
    qint64 memoryTotal() const { return m_memoryTotal; }
    double readBandwidth() const { return m_readBandwidth; }

signals:
    void stateChanged();
    void loadProgressChanged();
    void bandwidthChanged();
    void languageChanged();

private:
    void setState(State state);
    void takeLoaded(const ModelInfo& info);
    void takeFailure(const Error& error);
    void takeEntries(std::vector<ModelEntry> entries);
    void remember(const QString& path);

    EngineBridge& m_engine;
    StorageBridge& m_storage;
    SettingsController& m_settings;
    QString m_demoPath;
    ModelListModel m_list;
    QThreadPool m_pool;  // reads model files; one at a time
    State m_state = NoModel;
    QString m_name, m_quantization, m_path;
    // Causes, not sentences: those follow the window's language.
    std::string m_templateProblem;
    std::string m_deviceNote;
    std::optional<Error> m_error;
    QString m_deviceName, m_instructionSet;
    int m_nCores = 0;
    int m_nLoads = 0;  // loads that the engine has not answered yet; only the newest counts
    qint64 m_memoryBytes = 0;
    qint64 m_memoryTotal = 0;
    int m_contextTokens = 0;
    double m_loadProgress = 0;
    double m_readBandwidth = 0;
    bool m_hasThinking = false;
};

}  // namespace sotto::app

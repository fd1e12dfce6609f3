// LoadPlanner: a model that is about to be loaded with parameters of a person's choice: what it
// would take of the memory with them, and how fast it would be, before it is loaded.
//
// Each change is answered by the allocators' own dry run, on a worker, with the memory that is free
// then. Owned by AppFacade; borrows its parts. GUI thread only.
#pragma once

#include <QObject>
#include <QQmlEngine>
#include <QVariantList>
#include <memory>
#include <optional>
#include <vector>

#include "app/bridge/language_watch.h"
#include "app/core/job_runner.h"
#include "app/core/model_forecast.h"
#include "app/models/load_remedies.h"
#include "app/models/machine.h"

namespace sotto::app {

class ModelController;
class NumberFormat;
class SettingsController;

class LoadPlanner : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by AppFacade")
    Q_PROPERTY(State state READ state NOTIFY changed)
    Q_PROPERTY(QString name READ name NOTIFY changed)  // with its quantization
    // The parameters.
    Q_PROPERTY(int contextTokens READ contextTokens WRITE setContextTokens NOTIFY changed)
    Q_PROPERTY(QString device READ device WRITE setDevice NOTIFY changed)  // empty: as in Settings
    Q_PROPERTY(QString kvType READ kvType WRITE setKvType NOTIFY changed)
    Q_PROPERTY(QString kvTypeDetail READ kvTypeDetail NOTIFY changed)
    Q_PROPERTY(QVariantList kvTypeChoices READ kvTypeChoices NOTIFY changed)
    // On the card; while they are automatic, as many as would be put there.
    Q_PROPERTY(int cardLayers READ cardLayers WRITE setCardLayers NOTIFY changed)
    Q_PROPERTY(bool areLayersAutomatic READ areLayersAutomatic NOTIFY changed)
    // What may be chosen: rows of {text, value}.
    Q_PROPERTY(QVariantList contextChoices READ contextChoices NOTIFY changed)
    Q_PROPERTY(QVariantList deviceChoices READ deviceChoices NOTIFY changed)
    Q_PROPERTY(int layerCount READ layerCount NOTIFY changed)
    Q_PROPERTY(bool hasCard READ hasCard NOTIFY changed)  // it may lie on one
    // What comes of them. A room per device: isCard weights kv scratch others limit needed
    // available isOver, in bytes.
    Q_PROPERTY(QVariantList rooms READ rooms NOTIFY changed)
    Q_PROPERTY(int plannedContext READ plannedContext NOTIFY changed)     // tokens
    Q_PROPERTY(double predictedSpeed READ predictedSpeed NOTIFY changed)  // tokens/s; 0 unknown
    Q_PROPERTY(QString speedNote READ speedNote NOTIFY changed)
    Q_PROPERTY(QString problem READ problem NOTIFY changed)  // why it does not fit, and the remedy
    Q_PROPERTY(QString note READ note NOTIFY changed)        // what is not as it was asked for
    // What would help then: rows of {text, detail, value}, of which useRemedy() takes the value.
    Q_PROPERTY(QVariantList remedies READ remedies NOTIFY changed)
    Q_PROPERTY(bool canLoad READ canLoad NOTIFY changed)
    Q_PROPERTY(bool hasDefaults READ hasDefaults NOTIFY changed)  // of its own

public:
    enum State { Closed, Planning, Planned, Failed };
    Q_ENUM(State)

    struct Parts {
        ModelController& models;
        SettingsController& settings;
        JobRunner& jobs;
        MachineProbe machine;
    };
    explicit LoadPlanner(Parts parts, QObject* parent = nullptr);
    ~LoadPlanner() override;

    Q_INVOKABLE int open(const QString& path);  // gives a number to close() it with
    Q_INVOKABLE void close(int opened);         // unless it was opened again
    // With what is chosen; `isKept`: it is the model's default from then on. False: it was not
    // begun, for the reason that ModelController tells.
    Q_INVOKABLE bool load(bool isKept);
    Q_INVOKABLE void useAutomaticLayers();
    Q_INVOKABLE void useRemedy(int kind);
    Q_INVOKABLE void lookAgain();                  // what other programs use may have changed
    Q_INVOKABLE void resetDefaults();              // of the model, and of what is chosen here
    Q_INVOKABLE void forget(const QString& path);  // its defaults

    State state() const { return m_state; }
    QString name() const { return m_name; }
    int contextTokens() const { return static_cast<int>(m_options.contextTokens); }
    void setContextTokens(int tokens);
    QString device() const { return m_device; }
    void setDevice(const QString& device);
    QString kvType() const;
    QString kvTypeDetail() const;
    QVariantList kvTypeChoices() const;
    void setKvType(const QString& type);
    int cardLayers() const;
    void setCardLayers(int nLayers);
    bool areLayersAutomatic() const { return m_options.gpuLayers < 0; }
    QVariantList contextChoices() const;
    QVariantList deviceChoices() const;
    int layerCount() const;
    bool hasCard() const;
    QVariantList rooms() const;
    int plannedContext() const;
    double predictedSpeed() const;
    QString speedNote() const;
    QString problem() const;
    QString note() const;
    QVariantList remedies() const;
    bool canLoad() const;
    bool hasDefaults() const;

signals:
    void changed();

private:
    struct Outcome {
        std::optional<Error> refusal;  // in place of a forecast
        ModelForecast forecast;
        std::vector<LoadRemedy> remedies;
    };

    void change(LoadOptions options);
    void plan();
    static Result<Outcome> planNow(ForecastSetting setting, const MachineProbe& machine,
                                   const std::atomic<bool>& isCancelled);
    void take(int number, Result<Outcome> outcome);
    double speedOf(const ModelForecast& forecast) const;  // tokens/s; 0 unknown
    bool isFitting() const { return m_forecast && m_forecast->isFitting(); }

    Parts m_parts;
    std::unique_ptr<NumberFormat> m_format;
    LanguageWatch m_language;
    State m_state = Closed;
    QString m_path, m_name;
    QString m_device;  // as chosen; the options have what it comes to
    LoadOptions m_options;
    std::optional<ModelForecast> m_forecast;  // the newest; of what is chosen once it is Planned
    std::vector<LoadRemedy> m_remedies;       // of m_forecast
    std::optional<Error> m_error;
    JobId m_planning = 0;
    int m_nOpened = 0;
    int m_nPlans = 0;  // asked for; the newest one counts
};

}  // namespace sotto::app

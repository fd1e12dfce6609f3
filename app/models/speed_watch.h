// SpeedWatch: measures what was forecast: an answer of at least 64 tokens, written alone, tells the
// speed of its model, which from then on stands beside the forecast and corrects it.
//
// Owned by AppFacade; borrows all of its parts. Reads and writes its file on a worker. GUI thread
// only.
#pragma once

#include <QObject>
#include <QQmlEngine>
#include <filesystem>
#include <set>
#include <vector>

#include "app/bridge/engine_bridge.h"
#include "app/core/job_runner.h"
#include "app/core/speed_store.h"
#include "engine/api/model_info.h"

namespace sotto::app {

class ModelController;

class SpeedWatch : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by AppFacade")
    // How far the last forecasts were off, the middle one of so many models: 0.04 is 4 %.
    Q_PROPERTY(double errorShare READ errorShare NOTIFY changed)
    Q_PROPERTY(int modelCount READ modelCount NOTIFY changed)  // 0: nothing to tell yet

public:
    struct Parts {
        EngineBridge& engine;
        ModelController& models;
        JobRunner& jobs;
        std::filesystem::path cache;  // the folder; empty: nothing is remembered
    };
    explicit SpeedWatch(Parts parts, QObject* parent = nullptr);
    ~SpeedWatch() override;

    double errorShare() const { return m_error.share; }
    int modelCount() const { return m_error.nModels; }

signals:
    void changed();

private:
    void takeRequests(RequestId first, int nAnswers);
    void takeFinish(const GenerationFinished& finish);
    void takeSpeeds(std::vector<MeasuredSpeed> speeds);
    void keep(MeasuredSpeed speed);

    Parts m_parts;
    std::vector<MeasuredSpeed> m_speeds;
    ForecastError m_error;
    ModelInfo m_info;               // of the loaded model
    std::set<RequestId> m_open;     // being answered
    std::set<RequestId> m_crowded;  // of them those that were not alone all the time
    JobId m_reading = 0;
};

}  // namespace sotto::app

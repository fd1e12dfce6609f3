// FirstModelsController: three models for the first page that fit this computer, once a person has
// asked for them: until then nothing is sent.
//
// Owned by AppFacade; borrows all of its parts. GUI thread only.
#pragma once

#include <QObject>
#include <QQmlEngine>
#include <QVariantList>
#include <functional>
#include <optional>
#include <stop_token>
#include <vector>

#include "app/core/hub/first_models.h"
#include "app/hub/download_list_model.h"
#include "app/hub/hub_worker.h"

namespace sotto::app {

class ModelHub;

class FirstModelsController : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by AppFacade")
    Q_PROPERTY(State state READ state NOTIFY changed)
    // name quantization license bytes memoryBytes cardBytes speed (0: unknown) isSuggested
    // isOnItsWay, smallest model first
    Q_PROPERTY(QVariantList offers READ offers NOTIFY changed)
    // Failed: cause and remedy. Offered: why the last download did not begin; else empty.
    Q_PROPERTY(QString problem READ problem NOTIFY changed)
    Q_PROPERTY(int contextTokens READ contextTokens CONSTANT)  // that all offers are for

public:
    enum State { Idle, Asking, Offered, Failed };
    Q_ENUM(State)

    Q_INVOKABLE void ask();
    Q_INVOKABLE void stop();
    Q_INVOKABLE void download(int row);

    struct Parts {
        ModelHub* hub = nullptr;  // null: there is no way to a network
        HubWorker& questions;
        DownloadListModel& downloads;
        // What a forecast is for, but for the context; asked on the GUI thread.
        std::function<ForecastSetting()> forecast;
        QString list = QStringLiteral(":/models/models.json");
    };
    explicit FirstModelsController(Parts parts, QObject* parent = nullptr);
    ~FirstModelsController() override;

    // This computer is known better than before.
    void tellSpeeds() { emit changed(); }

    State state() const { return m_state; }
    QVariantList offers() const;
    QString problem() const;
    int contextTokens() const;

signals:
    void changed();

private:
    struct Row {
        FirstOffer offer;
        bool isOnItsWay = false;
    };
    void take(Result<std::vector<FirstOffer>> offers);
    void setState(State state);

    Parts m_parts;
    State m_state = Idle;
    std::optional<Error> m_problem;
    std::vector<Row> m_rows;
    bool m_isRefused = false;  // the last download, with the problem of the downloads
    std::stop_source m_asking;
};

}  // namespace sotto::app

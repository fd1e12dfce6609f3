// HubFilesModel: the model files of one repository on a hub, smallest first: what can be had, what
// is here already, what is on its way.
//
// Asks for the list when it is made; helpers of models (mmproj, drafts, imatrix) are no rows. Then
// the files' own headers are read, one after the other, for what each will take and how fast it
// will be. They are megabytes where the vocabulary is large, so that beyond some of them the
// user is asked to ask.
// Borrows what it is made with. GUI thread only.
#pragma once

#include <QAbstractListModel>
#include <QQmlEngine>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "app/bridge/language_watch.h"
#include "app/core/hub/hub_entries.h"
#include "app/core/hub/hub_forecast.h"
#include "app/core/hub/model_hub.h"
#include "app/core/model_forecast.h"
#include "app/models/forecast_figures.h"
#include "net/api/hub_types.h"

namespace sotto::app {

class DownloadListModel;
class HubCard;
class HubWorker;
class NumberFormat;

// Asked on the GUI thread whenever it is wanted.
struct HubMachine {
    // Bytes of a file that a load has room for; 0: not known.
    std::function<double()> largestFile = [] { return 0.0; };
    std::function<ForecastSetting()> forecast = [] { return ForecastSetting(); };
    std::function<double()> readBandwidth = [] { return 0.0; };  // GB/s; 0: not known
    // A forecast meets the types of this model.
    std::function<void(const ModelInfo&)> wantRates = [](const ModelInfo&) {};
};

struct HubFilesParts {
    ModelHub* hub = nullptr;  // null: there is none, and nothing is asked
    HubWorker* worker = nullptr;
    DownloadListModel* downloads = nullptr;
    HubCard* card = nullptr;  // where its model card is read; null: nowhere
    HubMachine machine = {};
};

class HubFilesModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by HubSearchModel")
    Q_PROPERTY(State state READ state NOTIFY stateChanged)
    // Tokens of context that all forecasts are for; 0: none was made yet, or they differ.
    Q_PROPERTY(int contextTokens READ contextTokens NOTIFY forecastMade)
    // Failed: cause and remedy. Ready: why the last download did not begin; else empty.
    Q_PROPERTY(QString problem READ problem NOTIFY stateChanged)
    Q_PROPERTY(bool isGated READ isGated CONSTANT)
    Q_PROPERTY(QString host READ host CONSTANT)        // of the hub
    Q_PROPERTY(QString pageUrl READ pageUrl CONSTANT)  // of the model, for people

public:
    enum State { Reading, Ready, Empty, Failed };
    Q_ENUM(State)

    enum Role {
        TypeRole = Qt::UserRole + 1,  // "Q4_K_M"; else the file's name
        FileNameRole,                 // of the first part, with its folders
        FileBytesRole,                // of all parts
        BitsPerWeightRole,            // 0: not known, see canTypeHave()
        IsInstalledRole,
        IsOnItsWayRole,  // in the list of downloads, and not whole
        ShareRole,       // of the way: 0..1
        StateTextRole,   // of the way: "Paused"; empty while bytes come
        CanDownloadRole,
        PathRole,  // where it lies or would lie
        HasForecastRole,
        IsForecastingRole,    // its header is on its way
        CanForecastRole,      // nobody asked for it yet
        ForecastProblemRole,  // why there is none
        WeightsBytesRole,     // of the devices that it would lie on
        KvBytesRole,
        ScratchBytesRole,
        NeededBytesRole,     // all three
        AvailableBytesRole,  // to them
        IsOverRole,          // it needs more than that
        IsTightRole,         // it fits with a shorter context only
        MemoryTextRole,      // "11.6 GiB VRAM", or "23.5 GiB over"
        ForecastNoteRole,    // for which context, and what the speed follows from
        PredictedSpeedRole,  // tokens/s; 0: it does not fit, or this machine was not measured
        IsAtLeastRole,       // it stays in the cache: the speed is the least that it will be
        SpeedLimitRole,      // its bytes at its device's bandwidth, tokens/s; 0: not known
        SpokenTextRole,      // the row as a sentence, for screen readers
    };
    Q_ENUM(Role)
    // role names: type fileName fileBytes bitsPerWeight isInstalled isOnItsWay share stateText
    // canDownload path hasForecast isForecasting canForecast forecastProblem weightsBytes kvBytes
    // scratchBytes neededBytes availableBytes isOver isTight memoryText forecastNote predictedSpeed
    // isAtLeast speedLimit spokenText

    HubFilesModel(const HubFilesParts& parts, net::HubModel model, QObject* parent = nullptr);
    ~HubFilesModel() override;

    Q_INVOKABLE void download(int row);
    Q_INVOKABLE void read();             // again
    void readRefused();                  // what an access token was missing for: it is there now
    Q_INVOKABLE void forecast(int row);  // reads its header
    // Its model card, which closes with it.
    Q_INVOKABLE void openCard();

    // Context, devices or free memory are others: all that were made, of the headers that are here.
    void forecastAgain();
    // Rates are others: what was planned stays, and its speed is another.
    void followRates();

    State state() const { return m_state; }
    QString problem() const;
    bool isGated() const { return m_model.gate != net::HubGate::Open; }
    QString host() const;
    QString pageUrl() const;
    int contextTokens() const;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

signals:
    void stateChanged();
    void forecastMade();

private:
    enum class Forecasting { NotAsked, Asked, Reading, Made, Failed };

    struct ReadForecast {
        std::shared_ptr<const HubHeaders> headers;  // shared with the work that plans with them
        ModelForecast forecast;
        bool hasCard = false;  // models lie on a card first
    };
    struct Row {
        HubEntry entry;
        bool isInstalled = false;
        bool isOnItsWay = false;
        net::DownloadState way = net::DownloadState::Waiting;
        Error wayProblem;
        std::uint64_t nReceivedBytes = 0;
        Forecasting forecasting = Forecasting::NotAsked;
        Error forecastProblem;
        std::optional<ReadForecast> made;
        ForecastFigures figures;  // of it

        bool hasSameWay(const Row& other) const;
    };

    static std::vector<Row> installedRows(std::vector<net::HubFile> files,
                                          const std::filesystem::path& folder);
    void take(Result<std::vector<Row>> rows);
    void followDownloads();
    void lookAgain();
    void followLanguage();
    void readNextHeader();
    bool isRefusedFor(const std::string& token, const Error& error) const;
    static Result<ReadForecast> forecastOf(std::shared_ptr<const HubHeaders> headers,
                                           const ForecastSetting& setting);
    // With the speed that follows from `rates`: those of now, which it may have been made without.
    void setForecast(Row& row, ReadForecast read, const KnownRates& rates) const;
    void takeForecast(const std::string& name, const Result<ReadForecast>& read);
    QVariant forecastData(const Row& row, int role) const;
    QString repository() const;
    std::filesystem::path folder() const;
    QString spokenText(const Row& row) const;
    double bitsPerWeight(const Row& row) const;

    HubFilesParts m_parts;
    const net::HubModel m_model;
    std::unique_ptr<NumberFormat> m_format;
    LanguageWatch m_language;
    State m_state = Reading;
    bool m_isRefused = false;  // the last download of it did not begin
    std::optional<Error> m_error;
    std::stop_source m_reading{std::nostopstate};
    std::vector<Row> m_rows;
    std::stop_source m_forecasting{std::nostopstate};
    std::stop_source m_planning{std::nostopstate};  // again
    std::uint64_t m_nHeaderBytes = 0;               // read so far
};

}  // namespace sotto::app

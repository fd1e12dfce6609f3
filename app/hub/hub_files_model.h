// HubFilesModel: the model files of one repository on a hub, smallest first: what can be had, what
// is here already, what is on its way.
//
// Asks for the list when it is made; helpers of models (mmproj, drafts, imatrix) are no rows.
// Borrows what it is made with. GUI thread only.
#pragma once

#include <QAbstractListModel>
#include <QQmlEngine>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "app/core/hub/hub_entries.h"
#include "app/core/hub/model_hub.h"
#include "net/api/hub_types.h"

namespace sotto::app {

class DownloadListModel;
class HubWorker;
class NumberFormat;

struct HubFilesParts {
    ModelHub* hub = nullptr;  // null: there is none, and nothing is asked
    HubWorker* worker = nullptr;
    DownloadListModel* downloads = nullptr;
};

class HubFilesModel : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by HubSearchModel")
    Q_PROPERTY(State state READ state NOTIFY stateChanged)
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
        BitsPerWeightRole,            // 0: the hub does not tell the parameters
        IsInstalledRole,
        IsOnItsWayRole,  // in the list of downloads, and not whole
        ShareRole,       // of the way: 0..1
        StateTextRole,   // of the way: "Paused"; empty while bytes come
        CanDownloadRole,
        PathRole,        // where it lies or would lie
        SpokenTextRole,  // the row as a sentence, for screen readers
    };
    Q_ENUM(Role)
    // role names: type fileName fileBytes bitsPerWeight isInstalled isOnItsWay share stateText
    // canDownload path spokenText

    HubFilesModel(const HubFilesParts& parts, net::HubModel model, QObject* parent = nullptr);
    ~HubFilesModel() override;

    Q_INVOKABLE void download(int row);
    Q_INVOKABLE void read();  // again

    State state() const { return m_state; }
    QString problem() const;
    bool isGated() const { return m_model.gate != net::HubGate::Open; }
    QString host() const;
    QString pageUrl() const;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

signals:
    void stateChanged();

private:
    struct Row {
        HubEntry entry;
        bool isInstalled = false;
        bool isOnItsWay = false;
        net::DownloadState way = net::DownloadState::Waiting;
        Error wayProblem;
        std::uint64_t nReceivedBytes = 0;

        bool hasSameWay(const Row& other) const;
    };

    static std::vector<Row> installedRows(std::vector<net::HubFile> files,
                                          const std::filesystem::path& folder);
    void take(Result<std::vector<Row>> rows);
    void followDownloads();
    std::filesystem::path folder() const;
    QString spokenText(const Row& row) const;
    double bitsPerWeight(const Row& row) const;

    HubFilesParts m_parts;
    const net::HubModel m_model;
    std::unique_ptr<NumberFormat> m_format;
    State m_state = Reading;
    std::optional<Error> m_error;
    std::stop_source m_reading{std::nostopstate};
    std::vector<Row> m_rows;
};

}  // namespace sotto::app

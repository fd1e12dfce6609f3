// ImportanceFinder: importance matrices for the source of the quantize dialog that others have
// published on a hub: looked for when a person asks, downloaded when they choose one.
//
// Owned by QuantizeController, which gets the file. Nothing is sent before look(); what is, is in
// the ledger. A download is one among all others, goes on without this, and is found again by where
// it goes: a folder beside the source, one below it for each repository. Borrows its parts. GUI
// thread only.
#pragma once

#include <QObject>
#include <QQmlEngine>
#include <QVariantList>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "app/bridge/language_watch.h"
#include "app/core/hub/published_importance.h"
#include "app/core/job_runner.h"
#include "app/hub/hub_controller.h"

namespace sotto::app {

class NumberFormat;

class ImportanceFinder : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by QuantizeController")
    Q_PROPERTY(State state READ state NOTIFY changed)
    // There is a hub, and a place for a file.
    Q_PROPERTY(bool canLook READ canLook NOTIFY changed)
    Q_PROPERTY(QString host READ host NOTIFY changed)  // "huggingface.co"
    // The model that is looked for, "Qwen/Qwen3-8B": as its file says, until it is typed.
    Q_PROPERTY(QString model READ model WRITE setModel NOTIFY changed)
    // repository file size downloads isGated spoken, the best first
    Q_PROPERTY(QVariantList found READ found NOTIFY foundChanged)
    Q_PROPERTY(int chosenRow READ chosenRow WRITE setChosenRow NOTIFY changed)  // of them; -1: none
    // Failed, Stopped: what happened, in a few words, and as a sentence with its remedy.
    Q_PROPERTY(QString problemTitle READ problemTitle NOTIFY changed)
    Q_PROPERTY(QString problem READ problem NOTIFY changed)
    Q_PROPERTY(bool isOfflineProblem READ isOfflineProblem NOTIFY changed)
    // Fetching, Stopped: of the file.
    Q_PROPERTY(QString fetchedName READ fetchedName NOTIFY changed)
    Q_PROPERTY(double share READ share NOTIFY progressed)  // 0..1
    Q_PROPERTY(QString progressText READ progressText NOTIFY progressed)
    Q_PROPERTY(QString paceText READ paceText NOTIFY progressed)

public:
    // Stopped: a download that does not go on by itself. Fetched: it is there.
    enum State { Idle, Looking, NoneFound, Found, Failed, Fetching, Stopped, Fetched };
    Q_ENUM(State)

    // Reads for which model one would be looked for; sends nothing.
    Q_INVOKABLE void prepare();
    Q_INVOKABLE void look();
    Q_INVOKABLE void stop();      // looking
    Q_INVOKABLE void fetch();     // the chosen one
    Q_INVOKABLE void cancel();    // the download: what came of it goes
    Q_INVOKABLE void tryAgain();  // what failed or stopped

    struct Parts {
        HubController* hub = nullptr;  // null: there is no way to a network
        JobRunner& jobs;
        std::function<void(const QString& path)> take;  // a file that is there
    };
    explicit ImportanceFinder(Parts parts, QObject* parent = nullptr);
    ~ImportanceFinder() override;

    // Another source, and where files for it go; empty: nowhere.
    void begin(const QString& source, const QString& folder);

    State state() const { return m_state; }
    bool canLook() const;
    QString host() const;
    QString model() const { return m_model; }
    void setModel(const QString& model);
    QVariantList found() const;
    int chosenRow() const { return m_chosenRow; }
    void setChosenRow(int row);
    QString problemTitle() const;
    QString problem() const;
    bool isOfflineProblem() const;
    QString fetchedName() const;
    double share() const;
    QString progressText() const;
    QString paceText() const;

signals:
    void changed();
    void foundChanged();
    void progressed();
    void fetched();  // the file is there

private:
    // Where a file of a repository goes.
    QString targetOf(const PublishedImportance& wanted) const;
    const net::DownloadInfo* infoOfTarget() const;  // null: it is not in the queue
    void followDownloads();
    void takeFound(Result<std::vector<PublishedImportance>> found);
    void fail(const Error& error);
    void take(const QString& path);
    void setState(State state);

    Parts m_parts;
    std::unique_ptr<NumberFormat> m_format;
    LanguageWatch m_language;
    State m_state = Idle;
    QString m_source, m_folder;
    QString m_model;
    bool m_isModelTyped = false, m_isPrepared = false;
    int m_nSources = 0;  // answers that belong to an earlier one are dropped
    std::vector<PublishedImportance> m_found;
    int m_chosenRow = -1;
    std::optional<Error> m_error;
    QString m_target;          // of the download; empty: there is none
    net::DownloadInfo m_info;  // of it, as of the last look
    std::stop_source m_asking;
};

}  // namespace sotto::app

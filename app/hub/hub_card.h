// HubCard: the model card that is read: asked of the hub when somebody opens it, shown as an
// answer's blocks are, ended when it is closed.
//
// Owned by HubController. Borrows hub and worker, which must outlive it. GUI thread only.
#pragma once

#include <QObject>
#include <QQmlEngine>
#include <optional>
#include <stop_token>
#include <string>

#include "app/bridge/language_watch.h"
#include "app/chat/block_list_model.h"
#include "base/result.h"

namespace sotto::app {

class HubWorker;
class ModelHub;

class HubCard : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by HubController")
    Q_PROPERTY(State state READ state NOTIFY changed)
    Q_PROPERTY(QString repository READ repository NOTIFY changed)  // "owner/name"
    Q_PROPERTY(QString pageUrl READ pageUrl NOTIFY changed)        // of the model, for people
    Q_PROPERTY(QString problem READ problem NOTIFY changed)        // Failed: cause and remedy
    Q_PROPERTY(bool isWhole READ isWhole NOTIFY changed)           // false: its end was not read
    Q_PROPERTY(sotto::app::BlockListModel* blocks READ blocks CONSTANT)

public:
    enum State { Closed, Reading, Ready, None, Failed };
    Q_ENUM(State)

    // `hub` may be null: nothing is asked.
    HubCard(ModelHub* hub, HubWorker& worker, QObject* parent = nullptr);
    ~HubCard() override;

    // `revision`: the commit that the hub told; empty: its default branch.
    void open(const QString& repository, const std::string& revision);
    Q_INVOKABLE void read();  // again
    void readRefused();       // what an access token was missing for: it is there now
    Q_INVOKABLE void close();

    State state() const { return m_state; }
    QString repository() const { return m_repository; }
    QString pageUrl() const;
    QString problem() const;
    bool isWhole() const { return m_isWhole; }
    BlockListModel* blocks() { return &m_blocks; }

signals:
    void changed();

private:
    struct Text {
        QString markdown;
        bool isWhole = true;
    };
    void take(const Result<Text>& text);

    ModelHub* m_hub;
    HubWorker& m_worker;
    LanguageWatch m_language;
    State m_state = Closed;
    QString m_repository;
    std::string m_revision;
    std::optional<Error> m_error;
    bool m_isWhole = true;
    BlockListModel m_blocks;
    std::stop_source m_reading{std::nostopstate};
};

}  // namespace sotto::app

// HubController: the hub as the window sees it: what it has, and what is on its way from it.
//
// Owns the workers that ask and order. Borrows the hub, which must outlive it; without one nothing
// can be searched. GUI thread only.
#pragma once

#include <QObject>
#include <QQmlEngine>
#include <memory>

#include "app/hub/download_list_model.h"
#include "app/hub/hub_card.h"
#include "app/hub/hub_search_model.h"
#include "app/hub/hub_worker.h"

namespace sotto::app {

class HubController : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by AppFacade")
    Q_PROPERTY(bool isThere READ isThere CONSTANT)            // there is a way to a network
    Q_PROPERTY(QString host READ host NOTIFY networkChanged)  // "huggingface.co"
    Q_PROPERTY(bool isOffline READ isOffline NOTIFY networkChanged)
    Q_PROPERTY(sotto::app::HubSearchModel* search READ search CONSTANT)
    Q_PROPERTY(sotto::app::HubCard* card READ card CONSTANT)  // the one that is read
    Q_PROPERTY(sotto::app::DownloadListModel* downloads READ downloads CONSTANT)

public:
    // `hub` may be null.
    HubController(ModelHub* hub, HubMachine machine, QObject* parent = nullptr);
    ~HubController() override;

    // Where it stands with the network is read anew.
    Q_INVOKABLE void refresh();
    // An access token was found: what this program asked for and was refused for want of it is
    // asked for again.
    void askRefusedAgain();
    void askAllRefusedAgain();  // also what an earlier run of the program left

    bool isThere() const { return m_hub != nullptr; }
    QString host() const;
    bool isOffline() const { return m_hub == nullptr || m_hub->network().isOffline(); }
    HubSearchModel* search() { return &m_search; }
    HubCard* card() { return &m_card; }
    DownloadListModel* downloads() { return &m_downloads; }
    HubWorker& questions() { return m_questions; }
    ModelHub* modelHub() { return m_hub; }  // null: there is none

signals:
    void networkChanged();

private:
    ModelHub* m_hub;
    HubWorker m_questions{HubWorker::Kind::Questions};
    HubWorker m_orders{HubWorker::Kind::Orders};
    DownloadListModel m_downloads;
    HubCard m_card;
    HubSearchModel m_search;
};

}  // namespace sotto::app

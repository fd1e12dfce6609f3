#include "app/hub/hub_controller.h"

#include <QUrl>
#include <utility>

namespace sotto::app {

HubController::HubController(ModelHub* hub, HubMachine machine, QObject* parent)
    : QObject(parent),
      m_hub(hub),
      m_downloads(hub, m_orders),
      m_card(hub, m_questions),
      m_search({.hub = hub,
                .worker = &m_questions,
                .downloads = &m_downloads,
                .card = &m_card,
                .machine = std::move(machine)}) {
    connect(&m_search, &HubSearchModel::stateChanged, this, &HubController::refresh);
}

HubController::~HubController() = default;

void HubController::refresh() { emit networkChanged(); }

void HubController::askRefusedAgain() {
    m_downloads.resumeRefused();
    m_search.readRefused();
    m_card.readRefused();
}

void HubController::askAllRefusedAgain() {
    m_downloads.resumeAllRefused();
    m_search.readRefused();
    m_card.readRefused();
}

QString HubController::host() const {
    if (m_hub == nullptr) return {};
    return QUrl(QString::fromStdString(m_hub->client().options().endpoint)).host();
}

}  // namespace sotto::app

#include "app/hub/hub_card.h"

#include "app/bridge/error_text.h"
#include "app/core/hub/model_hub.h"
#include "app/hub/card_text.h"
#include "app/hub/hub_texts.h"
#include "app/hub/hub_worker.h"

namespace sotto::app {

HubCard::HubCard(ModelHub* hub, HubWorker& worker, QObject* parent)
    : QObject(parent), m_hub(hub), m_worker(worker) {
    connect(&m_language, &LanguageWatch::changed, this, &HubCard::changed);
}

HubCard::~HubCard() { m_reading.request_stop(); }

void HubCard::open(const QString& repository, const std::string& revision) {
    m_repository = repository;
    m_revision = revision;
    read();
}

void HubCard::read() {
    if (m_hub == nullptr || m_repository.isEmpty()) return;
    m_reading.request_stop();
    m_blocks.setSource({});
    m_error.reset();
    m_isWhole = true;
    m_state = Reading;
    emit changed();
    m_reading = m_worker.start(
        this,
        [hub = m_hub, repository = m_repository.toStdString(),
         revision = m_revision](const std::stop_token& stop) -> Result<Text> {
            SOTTO_ASSIGN(const net::HubReadme readme,
                         hub->client().readme(repository, revision, stop));
            Text text{.markdown = cardMarkdown(readme.text)};
            text.isWhole = cutCard(text.markdown) && readme.isWhole;
            return text;
        },
        [this](const Result<Text>& text) { take(text); });
}

void HubCard::readRefused() {
    if (m_state == Failed && isOfTheToken(m_error->code)) read();
}

void HubCard::take(const Result<Text>& text) {
    if (text) {
        m_isWhole = text->isWhole;
        m_blocks.setSource(text->markdown);
        m_state = m_blocks.rowCount() > 0 ? Ready : None;
    } else if (text.error().code == ErrorCode::NotOnHub) {
        m_state = None;
    } else {
        m_error = text.error();
        m_state = Failed;
    }
    emit changed();
}

void HubCard::close() {
    m_reading.request_stop();
    m_repository.clear();
    m_blocks.setSource({});
    m_error.reset();
    m_state = Closed;
    emit changed();
}

QString HubCard::problem() const { return m_error ? errorText(*m_error) : QString(); }

QString HubCard::pageUrl() const {
    if (m_hub == nullptr || m_repository.isEmpty()) return {};
    return QString::fromStdString(m_hub->client().options().endpoint) + QLatin1Char('/') +
           m_repository;
}

}  // namespace sotto::app

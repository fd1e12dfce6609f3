#include "app/network/network_controller.h"

#include <QPointer>
#include <algorithm>
#include <utility>
#include <vector>

#include "app/bridge/error_text.h"
#include "app/settings/settings_controller.h"

namespace sotto::app {
namespace {

constexpr int kCountMs = 1000;
constexpr int kShownEnds = 3;
constexpr int kShortestShown = 12;  // of a shorter one its ends would be too much of it

QString fileProblem(const Error& error) {
    if (error.code != ErrorCode::InvalidArgument) return errorText(error);
    return NetworkController::tr(
               "Other users of this computer can read the token in %1, which cannot be changed: "
               "delete this file, and enter the token again.")
        .arg(QString::fromStdString(error.context));
}

}  // namespace

NetworkController::NetworkController(const Parts& parts, QObject* parent)
    : QObject(parent),
      m_parts(parts),
      m_problem(parts.hubProblem != nullptr ? errorText(*parts.hubProblem) : QString()),
      m_ledger(parts.storage, parts.ledger) {
    connect(&m_language, &LanguageWatch::changed, this, &NetworkController::tokenChanged);
    if (m_parts.hub == nullptr) return;
    if (!m_parts.hub->client().options().token.empty()) m_tokenPlace = InFile;
    readFile();
    // What is under way counts before it ends and stands in the ledger.
    m_counting.setTimerType(Qt::VeryCoarseTimer);
    connect(&m_counting, &QTimer::timeout, this, &NetworkController::count);
    m_counting.setInterval(kCountMs);
    m_parts.hub->network().setListener([this] {
        if (!m_isTold.exchange(true))
            QMetaObject::invokeMethod(this, &NetworkController::followRequests,
                                      Qt::QueuedConnection);
    });
    followRequests();
    // Those begin at once, and one of them may need it.
    const std::vector<net::DownloadInfo> downloads = m_parts.hub->downloads().list();
    if (std::ranges::any_of(downloads, [](const net::DownloadInfo& info) {
            return info.record.state == net::DownloadState::Waiting ||
                   info.record.state == net::DownloadState::Running;
        }))
        needToken();
}

NetworkController::~NetworkController() {
    if (m_parts.hub != nullptr) m_parts.hub->network().setListener({});
}

void NetworkController::followRequests() {
    m_isTold = false;
    count();
    const bool isBusy = m_parts.hub->network().nOpen() > 0;
    if (!isBusy)
        m_counting.stop();
    else if (!m_counting.isActive())
        m_counting.start();
    if (m_sentBytes > 0 || isBusy) needToken();
}

void NetworkController::count() {
    const auto sent = static_cast<double>(m_parts.hub->network().sentBytes());
    const auto received = static_cast<double>(m_parts.hub->network().receivedBytes());
    if (sent == m_sentBytes && received == m_receivedBytes) return;
    m_sentBytes = sent;
    m_receivedBytes = received;
    emit bytesChanged();
}

// --- the switch and the address -----------------------------------------------------------------

bool NetworkController::isOffline() const {
    return m_parts.hub == nullptr || m_parts.hub->network().isOffline();
}

void NetworkController::setOffline(bool isOffline) {
    if (m_parts.hub == nullptr || isOffline == this->isOffline()) return;
    m_parts.hub->setOffline(isOffline);
    m_parts.settings.setOffline(isOffline);
    m_parts.settings.saveNow();
    emit offlineChanged();
}

QString NetworkController::endpoint() const {
    return m_parts.hub == nullptr
               ? m_parts.settings.hubEndpoint()
               : QString::fromStdString(m_parts.hub->client().options().endpoint);
}

bool NetworkController::setEndpoint(const QString& address) {
    if (m_parts.hub == nullptr) return false;
    const QString trimmed = address.trimmed();
    const std::string wanted =
        trimmed.isEmpty() ? net::HubOptions().endpoint : trimmed.toStdString();
    const Status changed = m_parts.hub->setEndpoint(wanted);
    m_endpointProblem = changed
                            ? QString()
                            : tr("This is no address of a hub: it begins with https://, as in %1.")
                                  .arg(QString::fromStdString(net::HubOptions().endpoint));
    if (changed) {
        m_parts.settings.setHubEndpoint(endpoint());
        if (m_parts.hub->client().options().token.empty()) {
            ++m_nTokenChanges;
            tellToken(NoToken);
            readFile();
        }
    }
    emit endpointChanged();
    return changed.has_value();
}

// --- the token ----------------------------------------------------------------------------------

QString NetworkController::tokenText() const {
    switch (m_tokenPlace) {
        case NoToken: break;
        case InKeyring: return tr("In the system's keyring, for gated models");
        case InFile: return tr("In a file that only you can read, for gated models");
        case UntilTheEnd: return tr("Until Sotto is closed, for gated models");
    }
    return tr("None. Gated models need one.");
}

QString NetworkController::tokenHint() const {
    if (m_parts.hub == nullptr) return {};
    const QString token = QString::fromStdString(m_parts.hub->client().options().token);
    if (token.isEmpty()) return {};
    const QString dots(8, QChar(0x2022));
    const bool isLong = token.size() >= kShortestShown;
    return isLong ? token.first(kShownEnds) + dots + token.last(kShownEnds) : dots;
}

void NetworkController::tellToken(TokenPlace place, const QString& problem) {
    m_tokenPlace = place;
    m_tokenProblem = problem;
    emit tokenChanged();
}

// A token of another hub stays where it is kept, and is not this one's.
void NetworkController::take(const HubToken& token, TokenPlace place) {
    if (!isToken(token.token) || token.origin != net::originOf(endpoint().toStdString())) return;
    if (!m_parts.hub->setToken(token.token)) return;
    tellToken(place);
    emit tokenFound();
}

// Before the keyring: there is a file only where a keyring did not take the token, and what that
// one still holds is older.
void NetworkController::readFile() {
    m_isFileRead = m_parts.tokenFile == nullptr;
    if (m_isFileRead) return readKeyring();
    const int change = m_nTokenChanges;
    m_parts.storage.submit(
        this, [file = m_parts.tokenFile](storage::Database&) { return file->read(); },
        [this, change](const Result<HubToken>& token) {
            if (change != m_nTokenChanges) return;
            if (token)
                take(*token, InFile);
            else
                tellToken(m_tokenPlace, fileProblem(token.error()));
            m_isFileRead = true;
            readKeyring();
        });
}

void NetworkController::needToken() {
    if (std::exchange(m_isTokenNeeded, true)) return;
    readKeyring();
}

void NetworkController::readKeyring() {
    if (m_parts.keyring == nullptr || !m_isTokenNeeded || !m_isFileRead) return;
    if (m_tokenPlace != NoToken) return;
    const int change = m_nTokenChanges;
    m_parts.keyring->read([this, self = QPointer(this), change](const Result<std::string>& text) {
        if (!self || change != m_nTokenChanges || !text) return;
        take(parseToken(*text), InKeyring);
    });
}

bool NetworkController::setToken(const QString& text) {
    if (m_parts.hub == nullptr) return false;
    const std::string token = trimmedToken(text.toStdString());
    if (!isToken(token) || !m_parts.hub->setToken(token)) {
        tellToken(m_tokenPlace,
                  tr("This is no access token: it has no blanks and begins with hf_."));
        return false;
    }
    const int change = ++m_nTokenChanges;
    tellToken(UntilTheEnd);
    emit tokenEntered();
    const HubToken kept{.token = token, .origin = net::originOf(endpoint().toStdString())};
    if (m_parts.keyring == nullptr) {
        keepInFile(kept);
        return true;
    }
    m_parts.keyring->write(app::tokenText(kept),
                           [this, self = QPointer(this), change, kept](const Status& written) {
                               if (!self || change != m_nTokenChanges) return;
                               if (!written) return keepInFile(kept);
                               removeFile();
                               tellToken(InKeyring);
                           });
    return true;
}

// On the storage thread, which is there for the window's writing.
void NetworkController::keepInFile(const HubToken& token) {
    if (m_parts.tokenFile == nullptr) return;
    const int change = m_nTokenChanges;
    m_parts.storage.submit(
        this, [file = m_parts.tokenFile, token](storage::Database&) { return file->write(token); },
        [this, change](const Status& written) {
            if (change != m_nTokenChanges) return;
            if (written)
                tellToken(InFile);
            else
                tellToken(UntilTheEnd, errorText(written.error()));
        });
}

void NetworkController::removeFile() {
    if (m_parts.tokenFile == nullptr) return;
    m_parts.storage.submit(
        this, [file = m_parts.tokenFile](storage::Database&) { return file->remove(); },
        [this](const Status& removed) {
            if (!removed) tellToken(m_tokenPlace, errorText(removed.error()));
        });
}

void NetworkController::removeToken() {
    if (m_parts.hub == nullptr || !m_parts.hub->setToken({})) return;
    ++m_nTokenChanges;
    const bool wasInKeyring = m_tokenPlace == InKeyring;
    const int change = m_nTokenChanges;
    tellToken(NoToken);
    removeFile();
    // Also of an older one that was given up for the file.
    if (m_parts.keyring == nullptr) return;
    m_parts.keyring->remove([this, self = QPointer(this), change,
                             wasInKeyring](const Status& removed) {
        if (!self || removed || !wasInKeyring || change != m_nTokenChanges) return;
        tellToken(InKeyring, tr("The token is still in the system's keyring: remove it there, or "
                                "try again."));
    });
}

}  // namespace sotto::app

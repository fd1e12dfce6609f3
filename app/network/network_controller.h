// NetworkController: what a person decides of the network: whether there is one, whose hub, which
// access token; and what was sent.
//
// Place: between the Privacy section of the settings and the ModelHub. Switch and address are
// settings; the token never is: it lies in the system's keyring, or in a file where there is none.
// Borrows what its Parts name. GUI thread only.
#pragma once

#include <QObject>
#include <QQmlEngine>
#include <QTimer>
#include <atomic>
#include <memory>
#include <string>

#include "app/bridge/storage_bridge.h"
#include "app/core/hub/model_hub.h"
#include "app/core/hub/token_store.h"
#include "app/network/ledger_model.h"
#include "app/network/token_keyring.h"

namespace sotto::app {

class SettingsController;

class NetworkController : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by AppFacade")
    Q_PROPERTY(bool isAvailable READ isAvailable CONSTANT)  // there is a way to a network at all
    Q_PROPERTY(QString problem READ problem CONSTANT)       // why not; may be empty
    Q_PROPERTY(bool isOffline READ isOffline WRITE setOffline NOTIFY offlineChanged)
    Q_PROPERTY(QString endpoint READ endpoint NOTIFY endpointChanged)  // "https://huggingface.co"
    Q_PROPERTY(QString endpointProblem READ endpointProblem NOTIFY endpointChanged)
    Q_PROPERTY(TokenPlace tokenPlace READ tokenPlace NOTIFY tokenChanged)
    Q_PROPERTY(QString tokenText READ tokenText NOTIFY tokenChanged)  // where it is kept
    Q_PROPERTY(QString tokenHint READ tokenHint NOTIFY tokenChanged)  // "hf_••••••••3Kq"
    Q_PROPERTY(QString tokenProblem READ tokenProblem NOTIFY tokenChanged)
    Q_PROPERTY(double sentBytes READ sentBytes NOTIFY bytesChanged)  // since the start
    Q_PROPERTY(double receivedBytes READ receivedBytes NOTIFY bytesChanged)
    Q_PROPERTY(sotto::app::LedgerModel* ledger READ ledger CONSTANT)

public:
    enum TokenPlace { NoToken, InKeyring, InFile, UntilTheEnd };
    Q_ENUM(TokenPlace)

    struct Parts {
        StorageBridge& storage;
        SettingsController& settings;
        ModelHub* hub = nullptr;            // null: there is no way to a network
        const Error* hubProblem = nullptr;  // why; may be null
        StoredLedger* ledger = nullptr;     // null: nothing is written down
        TokenStore* tokenFile = nullptr;    // its token is the hub's already; null: no place
        TokenKeyring* keyring = nullptr;    // null: the system has none
    };
    explicit NetworkController(const Parts& parts, QObject* parent = nullptr);
    ~NetworkController() override;

    // Empty: huggingface.co. False, with endpointProblem, for what is no address, or would send a
    // token unencrypted.
    Q_INVOKABLE bool setEndpoint(const QString& address);
    // False, with tokenProblem, for what is no token. Where it is kept is told later.
    Q_INVOKABLE bool setToken(const QString& token);
    Q_INVOKABLE void removeToken();
    // The keyring, which may ask its person for a password, is not opened before somebody looks at
    // the token or something is sent.
    Q_INVOKABLE void needToken();

    bool isAvailable() const { return m_parts.hub != nullptr; }
    QString problem() const { return m_problem; }
    bool isOffline() const;
    void setOffline(bool isOffline);
    QString endpoint() const;
    QString endpointProblem() const { return m_endpointProblem; }
    TokenPlace tokenPlace() const { return m_tokenPlace; }
    QString tokenText() const;
    QString tokenHint() const;
    QString tokenProblem() const { return m_tokenProblem; }
    double sentBytes() const { return m_sentBytes; }
    double receivedBytes() const { return m_receivedBytes; }
    bool isCounting() const { return m_counting.isActive(); }
    LedgerModel* ledger() { return &m_ledger; }

signals:
    void offlineChanged();
    void endpointChanged();
    void tokenChanged();
    // What was refused without it may go well now: one that was kept somewhere, or a person's new
    // one.
    void tokenFound();
    void tokenEntered();
    void bytesChanged();

private:
    void take(const HubToken& token, TokenPlace place);
    void readFile();
    void readKeyring();
    void keepInFile(const HubToken& token);
    void removeFile();
    void tellToken(TokenPlace place, const QString& problem = {});
    void count();
    void followRequests();

    const Parts m_parts;
    const QString m_problem;
    QString m_endpointProblem;
    TokenPlace m_tokenPlace = NoToken;
    QString m_tokenProblem;
    bool m_isTokenNeeded = false;
    bool m_isFileRead = false;
    int m_nTokenChanges = 0;  // an answer of the keyring to an earlier wish counts no more
    double m_sentBytes = 0;
    double m_receivedBytes = 0;
    LedgerModel m_ledger;
    LanguageWatch m_language;
    QTimer m_counting;                  // while something is under way
    std::atomic<bool> m_isTold{false};  // a call of followRequests() is on its way
};

}  // namespace sotto::app

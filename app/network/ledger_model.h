// LedgerModel: what the program sent over a network, newest first, read in pages as the list is
// scrolled; it follows what comes while it is shown.
//
// Borrows the bridge and the ledger. GUI thread only.
#pragma once

#include <QQmlEngine>
#include <atomic>
#include <vector>

#include "app/bridge/language_watch.h"
#include "app/bridge/row_model.h"
#include "app/bridge/storage_bridge.h"
#include "app/core/hub/stored_ledger.h"

namespace sotto::app {

class LedgerModel : public sotto::app::RowModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("owned by NetworkController")
    Q_PROPERTY(int count READ count NOTIFY changed)              // rows that are read
    Q_PROPERTY(bool isLoaded READ isLoaded NOTIFY changed)       // the first page is there
    Q_PROPERTY(QString unwritten READ unwritten NOTIFY changed)  // what is missing; empty: nothing
    // The first few hosts, who was sent most first: rows of {host, requests, sentBytes,
    // receivedBytes}.
    Q_PROPERTY(QVariantList hosts READ hosts NOTIFY changed)

public:
    enum Role {
        TimeRole = Qt::UserRole + 1,
        HostRole,
        PurposeRole,
        SentBytesRole,
        ReceivedBytesRole,
        ResultRole,   // in a few words
        ProblemRole,  // the sentence of a failure, as it was written down
        IsFailedRole,
        IsCountedRole,  // what it moved is known
    };
    Q_ENUM(Role)
    // role names: time host purpose sentBytes receivedBytes result problem isFailed
    // isCounted

    // `ledger` may be null: nothing is written down then.
    LedgerModel(StorageBridge& storage, StoredLedger* ledger, QObject* parent = nullptr);
    ~LedgerModel() override;

    // Reads the newest page and stays up to date from then on.
    Q_INVOKABLE void load();
    Q_INVOKABLE void forget();  // all of it

    int count() const { return static_cast<int>(m_rows.size()); }
    bool isLoaded() const { return m_isLoaded; }
    QString unwritten() const;
    QVariantList hosts() const { return m_hosts; }

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;
    bool canFetchMore(const QModelIndex& parent) const override;
    void fetchMore(const QModelIndex& parent) override;

signals:
    void changed();

private:
    struct Row {
        storage::LedgerRecord entry;
        bool isSameItem(const Row& other) const { return entry.id == other.entry.id; }
        bool operator==(const Row&) const = default;
    };
    struct Read {
        std::vector<storage::LedgerRecord> entries;
        std::vector<storage::LedgerHost> hosts;
    };

    void follow();
    void take(Read read, int nWanted);

    StorageBridge& m_storage;
    StoredLedger* m_ledger;
    std::vector<Row> m_rows;
    QVariantList m_hosts;
    bool m_isFollowed = false;  // load() was called
    bool m_isLoaded = false;
    bool m_isReading = false;  // until the rows have changed: who sees them change asks for more
    bool m_isStale = false;    // something came while it was being read
    bool m_isAtEnd = false;
    std::atomic<bool> m_isTold{false};  // a call of follow() is on its way
    LanguageWatch m_language;
};

}  // namespace sotto::app

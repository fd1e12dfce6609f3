#include "app/network/ledger_model.h"

#include <QDateTime>
#include <algorithm>
#include <utility>

#include "app/bridge/error_text.h"

namespace sotto::app {
namespace {

constexpr int kLedgerPage = 100;
constexpr int kShownHosts = 4;

QString textOf(const std::string& text) { return QString::fromStdString(text); }

QString purposeText(const std::string& purpose) {
    if (purpose == "search") return LedgerModel::tr("Search for models");
    if (purpose == "files") return LedgerModel::tr("List of files");
    if (purpose == "resolve") return LedgerModel::tr("Place of a file");
    if (purpose == "header") return LedgerModel::tr("Header of a model");
    if (purpose == "download") return LedgerModel::tr("Download");
    if (purpose == "card") return LedgerModel::tr("Model card");
    return textOf(purpose);  // of a later version
}

using storage::LedgerState;

bool isFailed(const storage::LedgerRecord& entry) {
    if (entry.state != LedgerState::Ended) return entry.state == LedgerState::Lost;
    return !entry.problem.empty() || entry.httpStatus == 0 || entry.httpStatus >= 400;
}

QString resultText(const storage::LedgerRecord& entry) {
    if (entry.state == LedgerState::Open) return LedgerModel::tr("under way");
    if (entry.state == LedgerState::Lost) return LedgerModel::tr("ended without a result");
    if (entry.httpStatus == 0) return LedgerModel::tr("no answer");
    if (entry.httpStatus >= 400) return LedgerModel::tr("refused (%1)").arg(entry.httpStatus);
    if (!entry.problem.empty()) return LedgerModel::tr("broke off");
    return LedgerModel::tr("complete");
}

QString ledgerProblem(const storage::LedgerRecord& entry) {
    if (entry.state != LedgerState::Lost) return textOf(entry.problem);
    return LedgerModel::tr(
        "Sotto ended before this connection did: what it sent and received is not known.");
}

}  // namespace

LedgerModel::LedgerModel(StorageBridge& storage, StoredLedger* ledger, QObject* parent)
    : RowModel(parent), m_storage(storage), m_ledger(ledger) {
    connect(&m_language, &LanguageWatch::changed, this, [this] {
        if (!m_rows.empty())
            emit dataChanged(index(0), index(rowCount() - 1),
                             {PurposeRole, ResultRole, ProblemRole});
        emit changed();
    });
    if (m_ledger == nullptr) return;
    m_ledger->setListener([this] {
        if (m_isTold.exchange(true)) return;
        QMetaObject::invokeMethod(this, &LedgerModel::follow, Qt::QueuedConnection);
    });
}

LedgerModel::~LedgerModel() {
    if (m_ledger != nullptr) m_ledger->setListener({});
}

void LedgerModel::load() {
    m_isFollowed = true;
    if (m_isReading) {
        m_isStale = true;
        return;
    }
    m_isReading = true;
    // All that is shown, and what came; of a list that goes on the rest is asked for again.
    const int nWanted = m_isAtEnd ? count() + kLedgerPage : std::max(kLedgerPage, count());
    m_storage.submit(
        this,
        [nWanted](storage::Database& database) -> Result<Read> {
            Read read;
            SOTTO_ASSIGN(read.entries, database.ledger().list(nWanted));
            SOTTO_ASSIGN(read.hosts, database.ledger().hosts());
            return read;
        },
        [this, nWanted](Result<Read> read) {
            if (read) take(std::move(*read), nWanted);
            m_isReading = false;
            if (std::exchange(m_isStale, false)) load();
        });
}

void LedgerModel::take(Read read, int nWanted) {
    m_isLoaded = true;
    m_isAtEnd = static_cast<int>(read.entries.size()) < nWanted;
    m_hosts.clear();
    for (const storage::LedgerHost& host : read.hosts) {
        if (m_hosts.size() == kShownHosts) break;
        m_hosts.append(QVariantMap{
            {QStringLiteral("host"), textOf(host.host)},
            {QStringLiteral("requests"), static_cast<double>(host.requests)},
            {QStringLiteral("sentBytes"), static_cast<double>(host.sentBytes)},
            {QStringLiteral("receivedBytes"), static_cast<double>(host.receivedBytes)}});
    }
    std::vector<Row> rows;
    for (storage::LedgerRecord& entry : read.entries) rows.push_back({std::move(entry)});
    replaceRows(m_rows, std::move(rows));
    emit changed();
}

void LedgerModel::follow() {
    m_isTold = false;
    emit changed();
    if (m_isFollowed) load();
}

bool LedgerModel::canFetchMore(const QModelIndex& parent) const {
    return !parent.isValid() && m_isLoaded && !m_isAtEnd && !m_isReading && !m_rows.empty();
}

void LedgerModel::fetchMore(const QModelIndex& parent) {
    if (!canFetchMore(parent)) return;
    m_isReading = true;
    const storage::LedgerPlace place{m_rows.back().entry.startedAt, m_rows.back().entry.id};
    m_storage.submit(
        this,
        [place](storage::Database& database) {
            return database.ledger().list(kLedgerPage, &place);
        },
        [this](Result<std::vector<storage::LedgerRecord>> entries) {
            if (entries && !entries->empty()) {
                const int nRows = rowCount();
                beginInsertRows({}, nRows, nRows + static_cast<int>(entries->size()) - 1);
                for (storage::LedgerRecord& entry : *entries) m_rows.push_back({std::move(entry)});
                endInsertRows();
            }
            m_isAtEnd = !entries || static_cast<int>(entries->size()) < kLedgerPage;
            m_isReading = false;
            emit changed();
            if (std::exchange(m_isStale, false)) load();
        });
}

void LedgerModel::forget() {
    m_storage.submit(
        this, [](storage::Database& database) { return database.ledger().clear(); },
        [this](const Status& status) {
            if (!status && !StorageHealth::isLasting(status.error().code))
                emit m_storage.failed(status.error());
            load();
        });
}

QString LedgerModel::unwritten() const {
    if (m_ledger == nullptr) return {};
    const StoredLedger::Unwritten missing = m_ledger->unwritten();
    const auto nMissing = static_cast<int>(missing.nWaiting + missing.nLost);
    if (missing.problem.message.empty() && missing.nLost == 0) return {};
    const QString count = tr("%n connection(s) could not be written down.", "", nMissing);
    return missing.problem.message.empty() ? count : count + ' ' + errorText(missing.problem);
}

int LedgerModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant LedgerModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const storage::LedgerRecord& entry = m_rows[static_cast<std::size_t>(index.row())].entry;
    switch (role) {
        case TimeRole: return QDateTime::fromMSecsSinceEpoch(entry.startedAt);
        case Qt::DisplayRole:
        case HostRole: return textOf(entry.host);
        case PurposeRole: return purposeText(entry.purpose);
        case SentBytesRole: return static_cast<double>(entry.sentBytes);
        case ReceivedBytesRole: return static_cast<double>(entry.receivedBytes);
        case ResultRole: return resultText(entry);
        case ProblemRole: return ledgerProblem(entry);
        case IsFailedRole: return isFailed(entry);
        case IsCountedRole: return entry.state == LedgerState::Ended;
        default: return {};
    }
}

QHash<int, QByteArray> LedgerModel::roleNames() const {
    return {{TimeRole, "time"},
            {HostRole, "host"},
            {PurposeRole, "purpose"},
            {SentBytesRole, "sentBytes"},
            {ReceivedBytesRole, "receivedBytes"},
            {ResultRole, "result"},
            {ProblemRole, "problem"},
            {IsFailedRole, "isFailed"},
            {IsCountedRole, "isCounted"}};
}

}  // namespace sotto::app

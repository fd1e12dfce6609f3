#include "app/core/hub/stored_ledger.h"

#include <deque>
#include <mutex>
#include <utility>
#include <vector>

#include "base/log.h"

namespace sotto::app {
namespace {

// What waits while the disk takes nothing: some hundred KB, and more than a day's requests.
constexpr std::size_t kMostWaiting = 1000;

}  // namespace

storage::LedgerRecord ledgerRecord(const net::LedgerEntry& entry) {
    return {.startedAt = entry.startedAtMs,
            .host = entry.host,
            .port = entry.port,
            .purpose = std::string(net::purposeName(entry.purpose)),
            .sentBytes = static_cast<std::int64_t>(entry.sentBytes),
            .receivedBytes = static_cast<std::int64_t>(entry.receivedBytes),
            .httpStatus = entry.httpStatus,
            .problem = entry.problem};
}

struct StoredLedger::State : std::enable_shared_from_this<StoredLedger::State> {
    mutable std::mutex mutex;
    // Guarded by `mutex`.
    std::deque<storage::LedgerRecord> waiting;
    std::size_t nTaken = 0;  // being written: not there yet
    bool isPosted = false;   // a command that will take what waits
    std::uint64_t nLost = 0;
    Error problem;
    std::mutex listenerMutex;  // held while it is told
    std::function<void()> listener;

    void post(storage::Storage& storage);
    void write(storage::Database& database);
    void drop(const Error& error);
    void tell();
};

StoredLedger::StoredLedger(storage::Storage& storage)
    : m_storage(storage), m_state(std::make_shared<State>()) {}

StoredLedger::~StoredLedger() {
    setListener({});
    {
        const std::lock_guard lock(m_state->mutex);
        if (m_state->waiting.empty() || m_state->isPosted) return;
        m_state->isPosted = true;
    }
    m_state->post(m_storage);
}

void StoredLedger::record(const net::LedgerEntry& entry) {
    {
        const std::lock_guard lock(m_state->mutex);
        m_state->waiting.push_back(ledgerRecord(entry));
        if (m_state->waiting.size() > kMostWaiting) {
            m_state->waiting.pop_front();
            ++m_state->nLost;
        }
        if (m_state->isPosted) return;
        m_state->isPosted = true;
    }
    m_state->post(m_storage);
}

StoredLedger::Unwritten StoredLedger::unwritten() const {
    const std::lock_guard lock(m_state->mutex);
    return {.nWaiting = m_state->waiting.size() + m_state->nTaken,
            .nLost = m_state->nLost,
            .problem = m_state->problem};
}

void StoredLedger::setListener(std::function<void()> listener) {
    const std::lock_guard lock(m_state->listenerMutex);
    m_state->listener = std::move(listener);
}

void StoredLedger::State::post(storage::Storage& storage) {
    const auto self = shared_from_this();
    storage.post([self](storage::Database& database) { self->write(database); },
                 [self](const Error& error) { self->drop(error); });
}

void StoredLedger::State::write(storage::Database& database) {
    std::vector<storage::LedgerRecord> taken;
    {
        const std::lock_guard lock(mutex);
        isPosted = false;
        taken.assign(waiting.begin(), waiting.end());
        waiting.clear();
        nTaken = taken.size();
    }
    const Status written = database.ledger().append(taken);
    {
        const std::lock_guard lock(mutex);
        nTaken = 0;
        problem = written ? Error{} : written.error();
        if (!written) {
            waiting.insert(waiting.begin(), std::make_move_iterator(taken.begin()),
                           std::make_move_iterator(taken.end()));
            while (waiting.size() > kMostWaiting) {
                waiting.pop_front();
                ++nLost;
            }
        }
    }
    if (!written)
        logMessage(LogLevel::Warning,
                   "The network's ledger cannot be written: " + written.error().message);
    tell();
}

// The storage is closed: nothing comes after this.
void StoredLedger::State::drop(const Error& error) {
    const std::lock_guard lock(mutex);
    isPosted = false;
    nLost += waiting.size();
    waiting.clear();
    problem = error;
}

void StoredLedger::State::tell() {
    const std::lock_guard lock(listenerMutex);
    if (listener) listener();
}

}  // namespace sotto::app

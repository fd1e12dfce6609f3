#include "app/core/hub/stored_ledger.h"

#include <mutex>
#include <utility>

#include "base/log.h"

namespace sotto::app {

struct StoredLedger::State : std::enable_shared_from_this<StoredLedger::State> {
    mutable std::mutex mutex;
    // Guarded by `mutex`.
    LedgerQueue waiting;
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
        if (m_state->waiting.isEmpty() || m_state->isPosted) return;
        m_state->isPosted = true;
    }
    m_state->post(m_storage);
}

void StoredLedger::begin(const net::LedgerEntry& entry) { add(entry, &LedgerQueue::begin); }
void StoredLedger::end(const net::LedgerEntry& entry) { add(entry, &LedgerQueue::end); }

void StoredLedger::add(const net::LedgerEntry& entry,
                       bool (LedgerQueue::*how)(const net::LedgerEntry&)) {
    {
        const std::lock_guard lock(m_state->mutex);
        if (!(m_state->waiting.*how)(entry)) ++m_state->nLost;
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
    LedgerQueue::Batch taken;
    {
        const std::lock_guard lock(mutex);
        isPosted = false;
        taken = waiting.take();
        nTaken = taken.records.size();
    }
    const auto written = database.ledger().write(taken.records);
    {
        const std::lock_guard lock(mutex);
        nTaken = 0;
        problem = written ? Error{} : written.error();
        if (written)
            waiting.written(taken, *written);
        else
            nLost += waiting.putBack(std::move(taken));
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
    nLost += waiting.take().records.size();
    problem = error;
}

void StoredLedger::State::tell() {
    const std::lock_guard lock(listenerMutex);
    if (listener) listener();
}

}  // namespace sotto::app

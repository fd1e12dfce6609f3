#include "app/core/hub/ledger_queue.h"

#include <algorithm>
#include <string>
#include <utility>

namespace sotto::app {
namespace {

using storage::LedgerState;

// What waits while the disk takes nothing: some hundred KB, and more than a day's requests.
constexpr std::size_t kMostWaiting = 1000;

}  // namespace

storage::LedgerRecord ledgerRecord(const net::LedgerEntry& entry, LedgerState state) {
    return {.startedAt = entry.startedAtMs,
            .host = entry.host,
            .port = entry.port,
            .purpose = std::string(net::purposeName(entry.purpose)),
            .sentBytes = static_cast<std::int64_t>(entry.sentBytes),
            .receivedBytes = static_cast<std::int64_t>(entry.receivedBytes),
            .httpStatus = entry.httpStatus,
            .problem = entry.problem,
            .state = state};
}

bool LedgerQueue::begin(const net::LedgerEntry& entry) {
    m_waiting.push_back({entry.id, ledgerRecord(entry, LedgerState::Open)});
    return dropOldest();
}

bool LedgerQueue::end(const net::LedgerEntry& entry) {
    Waiting ended{entry.id, ledgerRecord(entry, LedgerState::Ended)};
    const auto begun = std::ranges::find(m_waiting, entry.id, &Waiting::request);
    if (begun != m_waiting.end()) {
        *begun = std::move(ended);
        return true;
    }
    m_waiting.push_back(std::move(ended));
    return dropOldest();
}

// A beginning first: its end is yet to be told. Never an end whose beginning stands in the library,
// which would stay open there: of those there are no more than were under way when the disk took
// the last entry.
bool LedgerQueue::dropOldest() {
    if (m_waiting.size() <= kMostWaiting) return true;
    const auto begun = std::ranges::find(
        m_waiting, LedgerState::Open, [](const Waiting& waiting) { return waiting.record.state; });
    if (begun != m_waiting.end()) {
        m_waiting.erase(begun);
        return true;
    }
    const auto whole = std::ranges::find_if(
        m_waiting, [this](const Waiting& waiting) { return !m_rows.contains(waiting.request); });
    if (whole == m_waiting.end()) return true;
    m_waiting.erase(whole);
    return false;
}

LedgerQueue::Batch LedgerQueue::take() {
    Batch batch;
    for (Waiting& waiting : m_waiting) {
        const auto row = m_rows.find(waiting.request);
        waiting.record.id = row != m_rows.end() ? row->second : 0;
        batch.requests.push_back(waiting.request);
        batch.records.push_back(std::move(waiting.record));
    }
    m_waiting.clear();
    return batch;
}

void LedgerQueue::written(const Batch& batch, std::span<const std::int64_t> ids) {
    for (std::size_t at = 0; at < batch.requests.size(); ++at) {
        if (batch.records[at].state == LedgerState::Open)
            m_rows[batch.requests[at]] = ids[at];
        else
            m_rows.erase(batch.requests[at]);
    }
}

std::size_t LedgerQueue::putBack(Batch batch) {
    std::size_t nGone = 0;
    for (std::size_t at = batch.requests.size(); at-- > 0;) {
        // It has ended meanwhile.
        if (std::ranges::find(m_waiting, batch.requests[at], &Waiting::request) != m_waiting.end())
            continue;
        m_waiting.push_front({batch.requests[at], std::move(batch.records[at])});
    }
    for (std::size_t size = m_waiting.size() + 1; m_waiting.size() < size;) {
        size = m_waiting.size();
        if (!dropOldest()) ++nGone;
    }
    return nGone;
}

}  // namespace sotto::app

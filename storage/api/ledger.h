// Ledger: what the program sent over a network and what came back, for its user to read. Thread
// rule and common errors: see database.h. Times are milliseconds since 1970-01-01 UTC.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace sotto::storage {

// What is kept: the newest so many, and none that is older.
inline constexpr std::int64_t kMaxLedgerRows = 10'000;
inline constexpr std::int64_t kMaxLedgerAgeMs = std::int64_t{400} * 24 * 3600 * 1000;

enum class LedgerState : std::uint8_t {
    Ended,
    Open,  // what it moves is told at its end
    Lost,  // its program ended before: what it moved is not known
};

struct LedgerRecord {
    std::int64_t id = 0;  // 0: not written yet
    std::int64_t startedAt = 0;
    std::string host;
    int port = 0;
    std::string purpose;  // by its name, "search"
    std::int64_t sentBytes = 0;
    std::int64_t receivedBytes = 0;
    int httpStatus = 0;   // 0: no answer came
    std::string problem;  // one sentence; empty: the answer came whole
    LedgerState state = LedgerState::Ended;

    bool operator==(const LedgerRecord&) const = default;
};

// Where a page of the list ended.
struct LedgerPlace {
    std::int64_t startedAt = 0;
    std::int64_t id = 0;
};

struct LedgerHost {
    std::string host;
    std::int64_t requests = 0;
    std::int64_t sentBytes = 0;
    std::int64_t receivedBytes = 0;
    std::int64_t lastAt = 0;
};

class Ledger {
public:
    virtual ~Ledger() = default;

    // All of them or none; what is too much or too old by then goes. One with an id is what became
    // of that row, where it still stands there without an end; every other one is new. Returns
    // their ids.
    virtual Result<std::vector<std::int64_t>> write(std::span<const LedgerRecord> records) = 0;
    // Newest first, at most `limit`, from behind `after` on; null: from the newest.
    virtual Result<std::vector<LedgerRecord>> list(int limit,
                                                   const LedgerPlace* after = nullptr) = 0;
    virtual Result<std::vector<LedgerHost>> hosts() = 0;  // who got most first
    virtual Status clear() = 0;
};

}  // namespace sotto::storage

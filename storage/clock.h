// Time and ids of the storage.
//
// Ids grow with time (siblings sort by creation), are made without asking the database, and stay
// below 2^53 so that they are exact in JavaScript. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>

namespace sotto::storage {

std::int64_t nowMs();  // since 1970-01-01 UTC

// When an id was made; 0 for one that did not come from an IdGenerator.
std::int64_t timeOfId(std::int64_t id);

class IdGenerator {
public:
    // 41 bits of milliseconds since 2024 (until 2093), then 12 bits that are random where the
    // millisecond is new: two processes that write the same file do not meet. Always larger than
    // the ids before.
    std::int64_t next();

private:
    std::atomic<std::int64_t> m_last{0};
};

}  // namespace sotto::storage

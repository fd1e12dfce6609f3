#include "storage/clock.h"

#include <algorithm>
#include <chrono>
#include <random>

namespace sotto::storage {
namespace {

constexpr std::int64_t kIdEpochMs = 1704067200000;  // 2024-01-01 UTC
constexpr int kIdRandomBits = 12;

}  // namespace

std::int64_t nowMs() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::int64_t timeOfId(std::int64_t id) {
    constexpr std::int64_t kSmallest = std::int64_t{1} << 40;  // ids of the first days of 2024
    return id < kSmallest ? 0 : (id >> kIdRandomBits) + kIdEpochMs;
}

std::int64_t IdGenerator::next() {
    std::random_device device;
    const std::int64_t randomPart = device() & ((1u << kIdRandomBits) - 1u);
    const std::int64_t sinceEpoch = std::max<std::int64_t>(nowMs() - kIdEpochMs, 1);
    const std::int64_t candidate = (sinceEpoch << kIdRandomBits) | randomPart;
    std::int64_t last = m_last.load();
    std::int64_t id = 0;
    do {
        // A clock that was set back, or a second id within the millisecond: go on from the last.
        id = std::max(candidate, last + 1);
    } while (!m_last.compare_exchange_weak(last, id));
    return id;
}

}  // namespace sotto::storage

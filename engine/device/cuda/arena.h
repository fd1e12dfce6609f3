// Arena: all memory of one owner on the card in one allocation, laid out before the first step.
//
// Flow: the memory plan runs an ArenaPlan dry, shows what would be used, and Arena::create() takes
// exactly that; a step only uses addresses. Fragmentation cannot happen, and what the dry run says
// is what is then used. Owns the memory; engine thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/device/cuda/cuda_handles.h"

namespace sotto::cuda {

// Vector loads need 16 bytes, full lines 128; cudaMalloc itself promises 256.
inline constexpr std::size_t kArenaAlignment = 256;

enum class ArenaSlot : std::size_t {};

struct ArenaPart {
    std::string name;  // "KV cache", for people
    std::size_t offset = 0;
    std::size_t bytes = 0;
    // Where a part can be made smaller: it is nUnits of unitBytes, and this is what they are called
    // ("tokens of context"). 0: all or nothing.
    std::int64_t nUnits = 0;
    std::size_t unitBytes = 0;
    std::string unitName;
};

class ArenaPlan {
public:
    explicit ArenaPlan(std::string owner) : m_owner(std::move(owner)) {}

    // Zero bytes are allowed: the slot is then empty.
    ArenaSlot add(std::string_view name, std::size_t bytes);
    ArenaSlot addUnits(std::string_view name, std::int64_t nUnits, std::size_t unitBytes,
                       std::string_view unitName);

    const std::string& owner() const { return m_owner; }
    std::size_t bytes() const { return m_bytes; }  // with the gaps of alignment
    const std::vector<ArenaPart>& parts() const { return m_parts; }
    const ArenaPart& part(ArenaSlot slot) const { return m_parts[static_cast<std::size_t>(slot)]; }
    // How many units of this part fit into `available` when all other parts stay: 0..nUnits.
    std::int64_t unitsThatFit(ArenaSlot slot, std::uint64_t available) const;
    // OutOfMemory with both numbers, the parts, and what would fit.
    Error tooLarge(std::uint64_t available) const;

private:
    ArenaSlot append(ArenaPart part);

    std::string m_owner;
    std::vector<ArenaPart> m_parts;
    std::size_t m_bytes = 0;
};

class Arena {
public:
    Arena() = default;
    // On the current device; not cleared. Errors: OutOfMemory (ArenaPlan::tooLarge), and Internal
    // or DeviceFailed of the runtime.
    static Result<Arena> create(ArenaPlan plan);

    std::size_t bytes() const { return m_buffer.bytes(); }
    const ArenaPlan& plan() const { return m_plan; }
    // Null for an empty slot.
    std::byte* data(ArenaSlot slot) const;
    template <typename T>
    T* as(ArenaSlot slot) const {
        return reinterpret_cast<T*>(data(slot));
    }
    // Queues zeros over one part.
    Status clear(ArenaSlot slot, const Stream& stream) const;

private:
    ArenaPlan m_plan{{}};
    DeviceBuffer m_buffer;
};

}  // namespace sotto::cuda

// MemoryGroups: the pools of everything that sequences keep between their steps, one for each kind
// of layer that a model has.
//
// A block id stands for the same place in every layer of its group. Owns the book-keeping, not the
// bytes (kv_cache.h). Engine thread; must outlive the sequences that hold blocks of it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/kvcache/block_pool.h"

namespace sotto {

enum class MemoryKind : std::uint8_t {
    Full,       // keys and values of all positions, in blocks
    Window,     // of the last positions only: what lies behind the window is given back
    Latent,     // one compressed row per position (MLA), in blocks as Full
    Recurrent,  // one state of fixed size, whatever the length: a block is the state of a sequence
};

// Whether every position stays until it is taken back, so that a sequence can end at any of them.
constexpr bool isKeepingPositions(MemoryKind kind) {
    return kind == MemoryKind::Full || kind == MemoryKind::Latent;
}

struct MemoryGroup {
    MemoryKind kind = MemoryKind::Full;
    BlockPool pool;
    // Window only, > 0: the last so many positions, a step's own among them, are read by it. More
    // where steps shall be taken back.
    std::int64_t window = 0;

    bool isRecurrent() const { return kind == MemoryKind::Recurrent; }
};

// One of each kind at most, so that what belongs to a step lies in arrays of fixed size.
constexpr std::size_t kMaxMemoryGroups = 4;

using MemoryGroups = std::vector<MemoryGroup>;

// Bytes that have to move before a step may write: all layers of block `from` to block `to`.
struct BlockCopy {
    std::size_t groupIndex = 0;
    BlockId from = 0;
    BlockId to = 0;

    bool operator==(const BlockCopy&) const = default;
};

}  // namespace sotto

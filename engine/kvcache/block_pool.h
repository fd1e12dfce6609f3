// BlockPool: which blocks of the KV cache are free, and how many sequences hold each of the others.
//
// Owns only the book-keeping, not the bytes (kv_cache.h). Reference counts are there because blocks
// of a common prefix are shared; a block returns to the free list with its last holder, unless it
// is kept to be found again (prefix_cache.h): then it is idle until somebody holds it or the room
// is needed. Each block is free, idle or held. Engine thread only. Allocates nothing after
// construction. Source: Kwon et al. 2023 (PagedAttention).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace sotto {

using BlockId = std::int32_t;

class BlockPool {
public:
    explicit BlockPool(std::int32_t nBlocks);

    // A free block with one holder, or nothing when the pool is empty. Lowest ids first after a
    // start, then last freed first, whose bytes are the likeliest to be in a CPU cache.
    std::optional<BlockId> take();
    // Of a block that is held or idle.
    void addHolder(BlockId block);
    void release(BlockId block);
    // Of a block that is held: with its last holder it becomes idle.
    void keep(BlockId block);
    // Of one that is kept: it is free now, or will be with its last holder.
    void forget(BlockId block);

    std::int32_t nBlocks() const { return static_cast<std::int32_t>(m_holders.size()); }
    std::int32_t nFree() const { return static_cast<std::int32_t>(m_free.size()); }
    std::int32_t nIdle() const { return m_nIdle; }
    std::int32_t nUsed() const { return nBlocks() - nFree() - nIdle(); }  // held
    bool isKept(BlockId block) const { return m_isKept[static_cast<std::size_t>(block)]; }
    std::int32_t nHolders(BlockId block) const {
        return m_holders[static_cast<std::size_t>(block)];
    }
    // Holders by block id, for the invariant checker.
    std::span<const std::int32_t> holders() const { return m_holders; }

private:
    std::vector<std::int32_t> m_holders;  // [nBlocks], 0: free or idle
    std::vector<bool> m_isKept;           // [nBlocks]
    std::vector<BlockId> m_free;          // a stack
    std::int32_t m_nIdle = 0;
};

}  // namespace sotto

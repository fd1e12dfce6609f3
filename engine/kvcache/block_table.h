// BlockTable: the blocks of one sequence in order of position, and how many of their slots are
// filled.
//
// Holds its blocks in the pool; the destructor gives them back. Growing happens through a
// BlockReservation: take what a step needs, then commit, or drop it and everything is as before.
// Engine thread; the pool must outlive both. Allocates nothing after construction.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/kernels/kernel_set.h"
#include "engine/kvcache/block_pool.h"

namespace sotto {

class BlockTable {
public:
    // Room for `maxTokens` positions is planned now; no block is taken yet.
    BlockTable(BlockPool& pool, std::int32_t blockTokens, std::int64_t maxTokens);
    ~BlockTable() { clear(); }
    BlockTable(const BlockTable&) = delete;
    BlockTable& operator=(const BlockTable&) = delete;

    std::int64_t nTokens() const { return m_nTokens; }  // committed positions
    std::int64_t maxTokens() const { return m_maxTokens; }
    const std::vector<BlockId>& blocks() const { return m_blocks; }
    BlockTableView view() const { return {m_blocks}; }

    // Forgets the positions from `nTokens` on and gives their blocks back.
    void truncate(std::int64_t nTokens);
    void clear() { truncate(0); }

private:
    friend class BlockReservation;

    BlockPool& m_pool;
    std::int32_t m_blockTokens;
    std::int64_t m_maxTokens;
    std::int64_t m_nTokens = 0;
    std::vector<BlockId> m_blocks;
};

// The blocks that `nNewTokens` further positions of a table need. Not ok() when the pool or the
// table's room ran out; nothing is held then.
class BlockReservation {
public:
    BlockReservation(BlockTable& table, std::int64_t nNewTokens);
    ~BlockReservation();
    BlockReservation(BlockReservation&& other) noexcept;
    BlockReservation(const BlockReservation&) = delete;
    BlockReservation& operator=(const BlockReservation&) = delete;
    BlockReservation& operator=(BlockReservation&&) = delete;

    bool ok() const { return m_isOk; }
    // The positions are filled now and belong to the table.
    void commit();

private:
    BlockTable* m_table;
    std::size_t m_blocksBefore;
    std::int64_t m_nNewTokens;
    bool m_isOk = true;
};

}  // namespace sotto

// SequenceMemory: what one sequence keeps between its steps: the blocks of each group of the model
// (memory_groups.h), and how many positions of them are filled.
//
// Holds its blocks in the pools; the destructor gives them back. Growing happens through a
// SequenceReservation over all groups: take what a step needs, then commit, or drop it and
// everything is as before. Blocks may be shared between sequences (share()) and with the states
// that a sequence remembers (keepState()): whoever writes into one that others hold gets a copy of
// its own, as the reservation says. Engine thread; the groups must outlive both classes. Allocates
// nothing after construction. Source: Kwon et al. 2023 (PagedAttention, section 4.4).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/rounding.h"
#include "engine/kernels/kernel_set.h"
#include "engine/kvcache/memory_groups.h"

namespace sotto {

class SequenceMemory {
public:
    // Stands in a table for a block that lies behind the window: no step reads it.
    static constexpr BlockId kGivenBack = -1;
    // Of one recurrent group; with one more the oldest is forgotten.
    static constexpr std::size_t kMaxKeptStates = 4;

    // Room for `maxTokens` positions is planned now; no block is taken yet.
    SequenceMemory(MemoryGroups& groups, std::int32_t blockTokens, std::int64_t maxTokens);
    ~SequenceMemory() { clear(); }
    SequenceMemory(const SequenceMemory&) = delete;
    SequenceMemory& operator=(const SequenceMemory&) = delete;

    std::int64_t nTokens() const { return m_nTokens; }  // committed positions
    std::int64_t maxTokens() const { return m_maxTokens; }
    // In order of position; of a recurrent group its state, once there is one.
    const std::vector<BlockId>& blocks(std::size_t groupIndex = 0) const {
        return m_tables[groupIndex].blocks;
    }
    BlockTableView view(std::size_t groupIndex = 0) const { return {blocks(groupIndex)}; }

    // Of a group's pool: what a reservation would take.
    std::int64_t nBlocksWanted(std::size_t groupIndex, std::int64_t nNewTokens) const;

    // Whether others hold the block that is written next, or it is kept to be found again, so that
    // a reservation takes a copy.
    bool isWritingIntoShared(std::size_t groupIndex) const;

    // Remembers the recurrent states as they are at nTokens(), so that truncate() can go back to
    // them; moves no bytes. Nothing to do without recurrent groups.
    void keepState();

    // The last position up to `nTokens` that truncate() can go back to: that of a state that is
    // remembered, with all of its window still there; 0 always is.
    std::int64_t lastRestorable(std::int64_t nTokens) const;
    // Forgets the positions from lastRestorable(nTokens) on, which it returns, and gives their
    // blocks back.
    std::int64_t truncate(std::int64_t nTokens);
    void clear();

    // Holds the first lastRestorable(nTokens) positions of `other`, which it returns, together with
    // it. This one is empty, and has room for them.
    std::int64_t share(const SequenceMemory& other, std::int64_t nTokens);
    // Holds these blocks, which have the first `nTokens` positions, with whoever else does. This
    // one is empty, has room for them, and is of one group that is not recurrent.
    void share(std::span<const BlockId> blocks, std::int64_t nTokens);
    // Holds `block`, which has the same in it, in place of the one at this place of its one group;
    // neither is written any more.
    void exchange(std::size_t blockIndex, BlockId block);

    // Of a sliding window: what it keeps behind a gap moves forward over it.
    struct Gap {
        std::size_t firstBlock = 0;
        std::size_t nBlocks = 0;  // all of them filled
    };
    // Blocks that closing the gap takes of the pool: what others hold behind it is not theirs to
    // move. Of how many that it gives back nobody else is a holder.
    std::int64_t nSharedBehind(const Gap& gap) const;
    std::int64_t nAloneIn(const Gap& gap) const;
    // Gives the gap's blocks back, of its one group, in which every position is kept.
    void dropGap(const Gap& gap);
    // Holds a block of its own at this place, in place of one that others hold as well, and gives
    // that one back; nothing where the pool is empty.
    std::optional<BlockId> takeOwn(std::size_t blockIndex);

private:
    friend class SequenceReservation;

    struct KeptState {
        std::int64_t nTokens = 0;
        BlockId block = 0;
    };
    struct Table {
        std::vector<BlockId> blocks;
        std::vector<KeptState> states;  // recurrent groups; in order of position
    };

    BlockPool& pool(std::size_t groupIndex) const { return m_groups[groupIndex].pool; }
    // The place of the block that is there and that the next position is written into; a place
    // behind all: none.
    std::size_t writtenIndex(std::size_t groupIndex) const {
        return m_groups[groupIndex].isRecurrent()
                   ? 0
                   : static_cast<std::size_t>(m_nTokens / m_blockTokens);
    }
    std::size_t nBlocksFor(std::int64_t nTokens) const {
        return static_cast<std::size_t>(ceilDiv(nTokens, m_blockTokens));
    }
    const KeptState* stateUpTo(std::size_t groupIndex, std::int64_t nTokens) const;
    std::size_t nGivenBackAt(std::size_t groupIndex, std::int64_t nTokens) const;
    void truncateState(std::size_t groupIndex, std::int64_t nTokens);
    void giveBackBehindWindow(std::size_t groupIndex);
    void popBlocks(std::size_t groupIndex, std::size_t nLeft);

    MemoryGroups& m_groups;
    std::int32_t m_blockTokens;
    std::int64_t m_maxTokens;
    std::int64_t m_nTokens = 0;
    std::vector<Table> m_tables;  // one per group
};

// The blocks that `nNewTokens` (> 0) further positions of a sequence need in all groups. Not ok()
// when a pool or the sequence's room ran out; nothing is held then.
class SequenceReservation {
public:
    SequenceReservation(SequenceMemory& memory, std::int64_t nNewTokens);
    ~SequenceReservation() { rollBack(); }
    SequenceReservation(SequenceReservation&& other) noexcept;
    SequenceReservation(const SequenceReservation&) = delete;
    SequenceReservation& operator=(const SequenceReservation&) = delete;
    SequenceReservation& operator=(SequenceReservation&&) = delete;

    bool ok() const { return m_isOk; }
    // To be carried out before the new positions are written.
    std::span<const BlockCopy> copies() const { return {m_copies.data(), m_nCopies}; }
    // The positions are filled now and belong to the sequence.
    void commit();

private:
    bool reserve(std::size_t groupIndex);
    void rollBack();

    SequenceMemory* m_memory;
    std::int64_t m_nNewTokens;
    bool m_isOk = true;
    std::array<std::size_t, kMaxMemoryGroups> m_blocksBefore{};  // by group
    std::size_t m_nCopies = 0;
    std::array<BlockCopy, kMaxMemoryGroups> m_copies{};
};

}  // namespace sotto

#include "engine/kvcache/sequence_memory.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace sotto {

SequenceMemory::SequenceMemory(MemoryGroups& groups, std::int32_t blockTokens,
                               std::int64_t maxTokens)
    : m_groups(groups),
      m_blockTokens(blockTokens),
      m_maxTokens(maxTokens),
      m_tables(groups.size()) {
    SOTTO_CHECK(groups.size() <= kMaxMemoryGroups);
    for (std::size_t groupIndex = 0; groupIndex < groups.size(); ++groupIndex) {
        const bool isRecurrent = groups[groupIndex].isRecurrent();
        m_tables[groupIndex].blocks.reserve(isRecurrent ? 1 : nBlocksFor(maxTokens));
        if (isRecurrent) m_tables[groupIndex].states.reserve(kMaxKeptStates);
    }
}

bool SequenceMemory::isWritingIntoShared(std::size_t groupIndex) const {
    const std::vector<BlockId>& blocks = m_tables[groupIndex].blocks;
    const std::size_t written = writtenIndex(groupIndex);
    if (written >= blocks.size()) return false;
    const BlockPool& blockPool = pool(groupIndex);
    return blockPool.nHolders(blocks[written]) > 1 || blockPool.isKept(blocks[written]);
}

std::int64_t SequenceMemory::nBlocksWanted(std::size_t groupIndex, std::int64_t nNewTokens) const {
    const std::size_t needed =
        m_groups[groupIndex].isRecurrent() ? 1 : nBlocksFor(m_nTokens + nNewTokens);
    const std::size_t nThere = m_tables[groupIndex].blocks.size();
    return static_cast<std::int64_t>(needed - std::min(needed, nThere)) +
           (isWritingIntoShared(groupIndex) ? 1 : 0);
}

void SequenceMemory::keepState() {
    for (std::size_t groupIndex = 0; groupIndex < m_tables.size(); ++groupIndex) {
        Table& table = m_tables[groupIndex];
        if (!m_groups[groupIndex].isRecurrent() || table.blocks.empty()) continue;
        if (!table.states.empty() && table.states.back().nTokens == m_nTokens) continue;
        if (table.states.size() == kMaxKeptStates) {
            pool(groupIndex).release(table.states.front().block);
            table.states.erase(table.states.begin());
        }
        // The next step finds a second holder and goes on in a copy.
        pool(groupIndex).addHolder(table.blocks.front());
        table.states.push_back({m_nTokens, table.blocks.front()});
    }
}

// The newest kept state of a recurrent group that is not beyond `nTokens`; null: none.
const SequenceMemory::KeptState* SequenceMemory::stateUpTo(std::size_t groupIndex,
                                                           std::int64_t nTokens) const {
    const std::vector<KeptState>& states = m_tables[groupIndex].states;
    for (auto state = states.rbegin(); state != states.rend(); ++state)
        if (state->nTokens <= nTokens) return &*state;
    return nullptr;
}

// How many blocks of a window group lie wholly behind the window of the step at `nTokens`.
std::size_t SequenceMemory::nGivenBackAt(std::size_t groupIndex, std::int64_t nTokens) const {
    const std::int64_t firstRead = nTokens + 1 - m_groups[groupIndex].window;
    return static_cast<std::size_t>(std::max<std::int64_t>(0, firstRead) / m_blockTokens);
}

std::int64_t SequenceMemory::lastRestorable(std::int64_t nTokens) const {
    std::int64_t last = std::clamp<std::int64_t>(nTokens, 0, m_nTokens);
    // Down to a position whose state is there in every recurrent group.
    for (bool isMoved = last > 0; isMoved;) {
        isMoved = false;
        for (std::size_t groupIndex = 0; groupIndex < m_tables.size(); ++groupIndex) {
            if (!m_groups[groupIndex].isRecurrent() || last == m_nTokens) continue;
            const KeptState* state = stateUpTo(groupIndex, last);
            const std::int64_t found = state == nullptr ? 0 : state->nTokens;
            isMoved = isMoved || found < last;
            last = found;
        }
        isMoved = isMoved && last > 0;
    }
    // What lay behind a window is gone, and would be missed the more the further back.
    for (std::size_t groupIndex = 0; groupIndex < m_tables.size(); ++groupIndex) {
        if (m_groups[groupIndex].kind != MemoryKind::Window) continue;
        const std::vector<BlockId>& blocks = m_tables[groupIndex].blocks;
        const auto nGone = static_cast<std::size_t>(
            std::ranges::find_if(blocks, [](BlockId block) { return block != kGivenBack; }) -
            blocks.begin());
        if (nGivenBackAt(groupIndex, last) < nGone) return 0;
    }
    return last;
}

std::int64_t SequenceMemory::truncate(std::int64_t nTokens) {
    const std::int64_t last = lastRestorable(nTokens);
    for (std::size_t groupIndex = 0; groupIndex < m_tables.size(); ++groupIndex) {
        if (m_groups[groupIndex].isRecurrent())
            truncateState(groupIndex, last);
        else
            popBlocks(groupIndex, nBlocksFor(last));
    }
    m_nTokens = last;
    return last;
}

void SequenceMemory::clear() { truncate(0); }

// The state that was kept at `nTokens` becomes the sequence's, and stays kept.
void SequenceMemory::truncateState(std::size_t groupIndex, std::int64_t nTokens) {
    Table& table = m_tables[groupIndex];
    while (!table.states.empty() && (nTokens == 0 || table.states.back().nTokens > nTokens)) {
        pool(groupIndex).release(table.states.back().block);
        table.states.pop_back();
    }
    if (nTokens == m_nTokens) return;
    popBlocks(groupIndex, 0);
    if (nTokens == 0) return;
    SOTTO_CHECK(!table.states.empty() && table.states.back().nTokens == nTokens);
    pool(groupIndex).addHolder(table.states.back().block);
    table.blocks.push_back(table.states.back().block);
}

std::int64_t SequenceMemory::share(const SequenceMemory& other, std::int64_t nTokens) {
    SOTTO_CHECK(m_nTokens == 0 && &m_groups == &other.m_groups);
    const std::int64_t last = other.lastRestorable(nTokens);
    SOTTO_CHECK(last <= m_maxTokens);
    if (last == 0) return 0;
    for (std::size_t groupIndex = 0; groupIndex < m_tables.size(); ++groupIndex) {
        std::vector<BlockId>& blocks = m_tables[groupIndex].blocks;
        const std::vector<BlockId>& others = other.m_tables[groupIndex].blocks;
        if (!m_groups[groupIndex].isRecurrent())
            blocks.assign(others.begin(),
                          others.begin() + static_cast<std::ptrdiff_t>(nBlocksFor(last)));
        else if (last == other.m_nTokens)
            blocks.assign(1, others.front());
        else
            blocks.assign(1, other.stateUpTo(groupIndex, last)->block);
        for (const BlockId block : blocks)
            if (block != kGivenBack) pool(groupIndex).addHolder(block);
    }
    m_nTokens = last;
    return last;
}

void SequenceMemory::share(std::span<const BlockId> blocks, std::int64_t nTokens) {
    SOTTO_CHECK(m_nTokens == 0 && m_groups.size() == 1 && !m_groups.front().isRecurrent());
    SOTTO_CHECK(nTokens <= m_maxTokens && blocks.size() == nBlocksFor(nTokens));
    m_tables.front().blocks.assign(blocks.begin(), blocks.end());
    for (const BlockId block : blocks) pool(0).addHolder(block);
    m_nTokens = nTokens;
}

void SequenceMemory::exchange(std::size_t blockIndex, BlockId block) {
    BlockId& held = m_tables.front().blocks[blockIndex];
    if (held == block) return;
    pool(0).addHolder(block);
    pool(0).release(std::exchange(held, block));
}

std::int64_t SequenceMemory::nSharedBehind(const Gap& gap) const {
    const std::span behind = std::span(blocks()).subspan(gap.firstBlock + gap.nBlocks);
    return std::ranges::count_if(behind,
                                 [&](BlockId block) { return pool(0).nHolders(block) > 1; });
}

std::int64_t SequenceMemory::nAloneIn(const Gap& gap) const {
    const std::span inside = std::span(blocks()).subspan(gap.firstBlock, gap.nBlocks);
    return std::ranges::count_if(inside,
                                 [&](BlockId block) { return pool(0).nHolders(block) == 1; });
}

void SequenceMemory::dropGap(const Gap& gap) {
    SOTTO_CHECK(m_groups.size() == 1 && isKeepingPositions(m_groups.front().kind));
    const std::size_t end = gap.firstBlock + gap.nBlocks;
    SOTTO_CHECK(static_cast<std::int64_t>(end) * m_blockTokens <= m_nTokens);
    std::vector<BlockId>& blocks = m_tables.front().blocks;
    const auto first = blocks.begin() + static_cast<std::ptrdiff_t>(gap.firstBlock);
    const auto behind = blocks.begin() + static_cast<std::ptrdiff_t>(end);
    std::for_each(first, behind, [&](BlockId block) { pool(0).release(block); });
    blocks.erase(first, behind);
    m_nTokens -= static_cast<std::int64_t>(gap.nBlocks) * m_blockTokens;
}

std::optional<BlockId> SequenceMemory::takeOwn(std::size_t blockIndex) {
    const auto own = pool(0).take();
    if (own) pool(0).release(std::exchange(m_tables.front().blocks[blockIndex], *own));
    return own;
}

void SequenceMemory::giveBackBehindWindow(std::size_t groupIndex) {
    std::vector<BlockId>& blocks = m_tables[groupIndex].blocks;
    // From the newest of them backwards: those before it went at earlier steps.
    for (std::size_t blockIndex = nGivenBackAt(groupIndex, m_nTokens);
         blockIndex > 0 && blocks[blockIndex - 1] != kGivenBack; --blockIndex)
        pool(groupIndex).release(std::exchange(blocks[blockIndex - 1], kGivenBack));
}

void SequenceMemory::popBlocks(std::size_t groupIndex, std::size_t nLeft) {
    std::vector<BlockId>& blocks = m_tables[groupIndex].blocks;
    for (; blocks.size() > nLeft; blocks.pop_back())
        if (blocks.back() != kGivenBack) pool(groupIndex).release(blocks.back());
}

SequenceReservation::SequenceReservation(SequenceMemory& memory, std::int64_t nNewTokens)
    : m_memory(&memory), m_nNewTokens(nNewTokens) {
    for (std::size_t groupIndex = 0; groupIndex < memory.m_tables.size(); ++groupIndex)
        m_blocksBefore[groupIndex] = memory.m_tables[groupIndex].blocks.size();
    m_isOk = memory.m_nTokens + nNewTokens <= memory.m_maxTokens;
    for (std::size_t groupIndex = 0; m_isOk && groupIndex < memory.m_tables.size(); ++groupIndex)
        m_isOk = reserve(groupIndex);
    if (!m_isOk) rollBack();
}

// False when the group's pool ran out.
bool SequenceReservation::reserve(std::size_t groupIndex) {
    std::vector<BlockId>& blocks = m_memory->m_tables[groupIndex].blocks;
    BlockPool& pool = m_memory->pool(groupIndex);
    const bool isRecurrent = m_memory->m_groups[groupIndex].isRecurrent();
    if (m_memory->isWritingIntoShared(groupIndex)) {
        const std::size_t written = m_memory->writtenIndex(groupIndex);
        const auto own = pool.take();
        if (!own) return false;
        m_copies[m_nCopies++] = {groupIndex, blocks[written], *own};
        blocks[written] = *own;
    }
    const std::size_t needed =
        isRecurrent ? 1 : m_memory->nBlocksFor(m_memory->m_nTokens + m_nNewTokens);
    while (blocks.size() < needed) {
        const auto block = pool.take();
        if (!block) return false;
        blocks.push_back(*block);
    }
    return true;
}

SequenceReservation::SequenceReservation(SequenceReservation&& other) noexcept
    : m_memory(std::exchange(other.m_memory, nullptr)),
      m_nNewTokens(other.m_nNewTokens),
      m_isOk(other.m_isOk),
      m_blocksBefore(other.m_blocksBefore),
      m_nCopies(other.m_nCopies),
      m_copies(other.m_copies) {}

void SequenceReservation::rollBack() {
    if (m_memory == nullptr) return;
    for (std::size_t groupIndex = 0; groupIndex < m_memory->m_tables.size(); ++groupIndex)
        m_memory->popBlocks(groupIndex, m_blocksBefore[groupIndex]);
    for (const BlockCopy& copy : copies()) {
        std::vector<BlockId>& blocks = m_memory->m_tables[copy.groupIndex].blocks;
        std::ranges::replace(blocks, copy.to, copy.from);
        m_memory->pool(copy.groupIndex).release(copy.to);
    }
    m_nCopies = 0;
    m_memory = nullptr;
}

void SequenceReservation::commit() {
    SOTTO_CHECK(m_isOk && m_memory != nullptr);
    // The originals were held until now, so that a step that is dropped finds them.
    for (const BlockCopy& copy : copies()) m_memory->pool(copy.groupIndex).release(copy.from);
    m_memory->m_nTokens += m_nNewTokens;
    for (std::size_t groupIndex = 0; groupIndex < m_memory->m_tables.size(); ++groupIndex)
        if (m_memory->m_groups[groupIndex].kind == MemoryKind::Window)
            m_memory->giveBackBehindWindow(groupIndex);
    m_memory = nullptr;
}

}  // namespace sotto

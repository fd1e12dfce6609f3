#include "engine/kvcache/block_pool.h"

#include "base/check.h"

namespace sotto {

BlockPool::BlockPool(std::int32_t nBlocks)
    : m_holders(static_cast<std::size_t>(nBlocks), 0),
      m_isKept(static_cast<std::size_t>(nBlocks), false) {
    m_free.reserve(m_holders.size());
    for (BlockId block = nBlocks - 1; block >= 0; --block) m_free.push_back(block);
}

std::optional<BlockId> BlockPool::take() {
    if (m_free.empty()) return std::nullopt;
    const BlockId block = m_free.back();
    m_free.pop_back();
    m_holders[static_cast<std::size_t>(block)] = 1;
    return block;
}

void BlockPool::addHolder(BlockId block) {
    std::int32_t& holders = m_holders[static_cast<std::size_t>(block)];
    SOTTO_CHECK(holders > 0 || isKept(block));
    if (holders++ == 0) --m_nIdle;
}

void BlockPool::release(BlockId block) {
    std::int32_t& holders = m_holders[static_cast<std::size_t>(block)];
    SOTTO_CHECK(holders > 0);
    if (--holders > 0) return;
    if (isKept(block))
        ++m_nIdle;
    else
        m_free.push_back(block);
}

void BlockPool::keep(BlockId block) {
    SOTTO_CHECK(nHolders(block) > 0 && !isKept(block));
    m_isKept[static_cast<std::size_t>(block)] = true;
}

void BlockPool::forget(BlockId block) {
    SOTTO_CHECK(isKept(block));
    m_isKept[static_cast<std::size_t>(block)] = false;
    if (nHolders(block) > 0) return;
    --m_nIdle;
    m_free.push_back(block);
}

}  // namespace sotto

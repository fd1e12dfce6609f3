#include "engine/kvcache/block_table.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace sotto {

BlockTable::BlockTable(BlockPool& pool, std::int32_t blockTokens, std::int64_t maxTokens)
    : m_pool(pool), m_blockTokens(blockTokens), m_maxTokens(maxTokens) {
    m_blocks.reserve(static_cast<std::size_t>((maxTokens + blockTokens - 1) / blockTokens));
}

void BlockTable::truncate(std::int64_t nTokens) {
    m_nTokens = std::min(m_nTokens, nTokens);
    const auto nBlocks = static_cast<std::size_t>((m_nTokens + m_blockTokens - 1) / m_blockTokens);
    while (m_blocks.size() > nBlocks) {
        m_pool.release(m_blocks.back());
        m_blocks.pop_back();
    }
}

BlockReservation::BlockReservation(BlockTable& table, std::int64_t nNewTokens)
    : m_table(&table), m_blocksBefore(table.m_blocks.size()), m_nNewTokens(nNewTokens) {
    const std::int64_t nTokensAfter = table.m_nTokens + nNewTokens;
    if (nTokensAfter > table.m_maxTokens) {
        m_isOk = false;
        return;
    }
    while (static_cast<std::int64_t>(table.m_blocks.size()) * table.m_blockTokens < nTokensAfter) {
        const auto block = table.m_pool.take();
        if (!block) {
            m_isOk = false;
            break;
        }
        table.m_blocks.push_back(*block);
    }
}

BlockReservation::BlockReservation(BlockReservation&& other) noexcept
    : m_table(std::exchange(other.m_table, nullptr)),
      m_blocksBefore(other.m_blocksBefore),
      m_nNewTokens(other.m_nNewTokens),
      m_isOk(other.m_isOk) {}

BlockReservation::~BlockReservation() {
    if (m_table == nullptr) return;
    while (m_table->m_blocks.size() > m_blocksBefore) {
        m_table->m_pool.release(m_table->m_blocks.back());
        m_table->m_blocks.pop_back();
    }
}

void BlockReservation::commit() {
    SOTTO_CHECK(m_isOk && m_table != nullptr);
    m_table->m_nTokens += m_nNewTokens;
    m_table = nullptr;
}

}  // namespace sotto

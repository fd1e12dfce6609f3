#include "storage/prefix/block_tree.h"

#include <algorithm>

#include "storage/clock.h"
#include "storage/prefix/row_checksum.h"

namespace sotto::storage {
namespace {

std::int64_t ownerColumn(std::uint64_t owner) { return static_cast<std::int64_t>(owner); }

BlockTree::Block blockAt(const Statement& row) {
    BlockTree::Block block;
    block.id = row.integer(0);
    const std::vector<std::byte> chain = row.blob(1);
    if (chain.size() == block.chain.size()) std::ranges::copy(chain, block.chain.begin());
    block.parent = row.integer(2);
    return block;
}

Result<std::vector<BlockTree::Block>> blocksOf(Statement& row) {
    std::vector<BlockTree::Block> blocks;
    while (true) {
        SOTTO_ASSIGN(const bool isThere, row.step());
        if (!isThere) return blocks;
        blocks.push_back(blockAt(row));
    }
}

}  // namespace

Result<BlockTree::Block> BlockTree::find(const ChainId& chain) {
    SOTTO_ASSIGN(Statement row,
                 m_connection.query("SELECT id, chain, parent FROM blocks WHERE chain = ?",
                                    std::span<const std::byte>(chain)));
    SOTTO_ASSIGN(const bool isThere, row.step());
    return isThere ? blockAt(row) : Block{};
}

Status BlockTree::add(std::uint64_t owner, const PrefixRow& row, BlockId parent, std::int64_t use) {
    SOTTO_TRY(m_connection.run("INSERT INTO blocks (chain, parent, used) VALUES (?, ?, ?)",
                               std::span<const std::byte>(row.chain), OptionalId{parent}, use));
    SOTTO_ASSIGN(const Block added, find(row.chain));
    const RowChecksum checksum = checksumOf(row);
    SOTTO_TRY(m_connection.run(
        "INSERT INTO bodies (block, checksum, tokens, content) VALUES (?, ?, ?, ?)", added.id,
        std::span<const std::byte>(checksum), std::as_bytes(std::span(row.tokens)),
        std::span<const std::byte>(row.bytes)));
    SOTTO_TRY(removeEnd(owner, parent));
    return addEnd(owner, added.id);
}

Result<std::int64_t> BlockTree::nextUse() {
    SOTTO_ASSIGN(const std::int64_t last,
                 m_connection.queryInteger("SELECT max(used) FROM blocks"));
    return std::max(last + 1, nowMs());
}

Status BlockTree::touch(BlockId block, std::int64_t use) {
    return m_connection.run("UPDATE blocks SET used = ? WHERE id = ?", use, block);
}

Status BlockTree::addEnd(std::uint64_t owner, BlockId block) {
    return m_connection.run("INSERT OR IGNORE INTO ends (owner, block) VALUES (?, ?)",
                            ownerColumn(owner), block);
}

Status BlockTree::removeEnd(std::uint64_t owner, BlockId block) {
    return m_connection.run("DELETE FROM ends WHERE owner = ? AND block = ?", ownerColumn(owner),
                            block);
}

Result<std::optional<BlockTree::Block>> BlockTree::oldestLeaf(std::span<const BlockId> kept) {
    SOTTO_ASSIGN(Statement row, m_connection.prepare(
                                    "SELECT id, chain, parent FROM blocks AS leaf WHERE NOT EXISTS "
                                    "(SELECT 1 FROM blocks WHERE parent = leaf.id) ORDER BY used"));
    while (true) {
        SOTTO_ASSIGN(const bool isThere, row.step());
        if (!isThere) return std::nullopt;
        const Block block = blockAt(row);
        if (std::ranges::find(kept, block.id) == kept.end()) return block;
    }
}

// A block is always younger than what it hangs on.
Result<std::vector<BlockTree::Block>> BlockTree::unneeded() {
    SOTTO_ASSIGN(Statement row, m_connection.prepare(R"(
        WITH RECURSIVE needed (block) AS (
            SELECT block FROM ends
            UNION
            SELECT parent FROM needed JOIN blocks ON blocks.id = block WHERE parent IS NOT NULL)
        SELECT id, chain, parent FROM blocks WHERE id NOT IN (SELECT block FROM needed)
        ORDER BY id DESC)"));
    return blocksOf(row);
}

Result<std::vector<BlockTree::Block>> BlockTree::children(BlockId parent) {
    SOTTO_ASSIGN(
        Statement row,
        m_connection.query("SELECT id, chain, parent FROM blocks WHERE parent = ?", parent));
    return blocksOf(row);
}

Status BlockTree::remove(const Block& block) {
    if (block.parent != 0)
        SOTTO_TRY(
            m_connection.run("INSERT OR IGNORE INTO ends (owner, block) "
                             "SELECT owner, ? FROM ends WHERE block = ?",
                             block.parent, block.id));
    SOTTO_TRY(m_connection.run("DELETE FROM ends WHERE block = ?", block.id));
    SOTTO_TRY(m_connection.run("DELETE FROM bodies WHERE block = ?", block.id));
    return m_connection.run("DELETE FROM blocks WHERE id = ?", block.id);
}

}  // namespace sotto::storage

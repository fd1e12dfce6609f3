// BlockTree: the blocks of a prefix file as a tree in SQL: adding, using and removing them, inside
// the caller's transaction. Borrows the connection; its thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "storage/api/prefix_file.h"
#include "storage/sqlite/connection.h"

namespace sotto::storage {

class BlockTree {
public:
    using BlockId = std::int64_t;  // 0: none

    explicit BlockTree(Connection& connection) : m_connection(connection) {}

    struct Block {
        BlockId id = 0;  // 0: none
        ChainId chain{};
        BlockId parent = 0;
    };
    Result<Block> find(const ChainId& chain);
    // Behind `parent`, as used by `use`; `owner` needs it instead of the parent.
    Status add(std::uint64_t owner, const PrefixRow& row, BlockId parent, std::int64_t use);
    // The time, in ms since 1970 UTC; in any case above that of all uses.
    Result<std::int64_t> nextUse();
    Status touch(BlockId block, std::int64_t use);
    // `owner` needs the block, and for its sake none that it hangs on.
    Status addEnd(std::uint64_t owner, BlockId block);
    Status removeEnd(std::uint64_t owner, BlockId block);

    // Of those that nothing hangs on, the one that was used least recently; `kept`: none of these.
    Result<std::optional<Block>> oldestLeaf(std::span<const BlockId> kept);
    // Those that nobody needs, each behind those that hang on it.
    Result<std::vector<Block>> unneeded();
    Result<std::vector<Block>> children(BlockId parent);
    // A block that nothing hangs on. Who needed it needs its parent now.
    Status remove(const Block& block);

private:
    Connection& m_connection;
};

}  // namespace sotto::storage

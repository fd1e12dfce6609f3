// PrefixCache: finds blocks of the pool by the tokens whose keys and values they hold, so that a
// sequence that begins as an earlier one did need not compute that beginning again.
//
// A tree: what stands in a block depends on all tokens before it, so each block hangs on the one
// before it. Full blocks are found by a chain of keyed hashes (SipHash of the chain so far and the
// block's tokens), and the tokens are compared before they are believed; a block at the end of a
// chain may be filled in part, and of any block a part may be used. A block is kept in one place,
// and whoever writes into a kept one gets a copy (SequenceMemory). What nobody holds goes when the
// room is needed: what was used least recently first, each chain from its end.
// Borrows the pool of a model whose layers are of one kind with a row for each position
// (isUsable()). Engine thread; allocates nothing after construction. Sources: Kwon et al. 2023
// (PagedAttention), Zheng et al. 2024 (RadixAttention).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/keyed_hash.h"
#include "engine/kvcache/sequence_memory.h"

namespace sotto {

class PrefixCache {
public:
    // A window's blocks and a recurrent state are of use at some positions only.
    static bool isUsable(const MemoryGroups& groups);

    // `root`: where chains begin, so that those of different models are never alike.
    PrefixCache(MemoryGroups& groups, std::int32_t blockTokens, KeyedHash hash,
                const KeyedDigest& root = {});

    struct Match {
        std::int64_t nTokens = 0;
        std::int64_t nHeldBlocks = 0;  // of its blocks, filled in whole: sequences hold them
    };
    // How many of these tokens are there, from the first on.
    Match find(std::span<const std::int32_t> tokens) const;
    // `memory`, which is empty, holds them; how many there were.
    std::int64_t share(SequenceMemory& memory, std::span<const std::int32_t> tokens);

    // Keeps the blocks of a sequence whose first positions have these tokens, all of them computed.
    // Those of its blocks that are there already are given back: it holds the kept ones instead, so
    // that whoever holds a block holds all that it hangs on.
    void keep(SequenceMemory& memory, std::span<const std::int32_t> tokens);

    // The chains of the blocks that these tokens fill, kept or not.
    std::vector<KeyedDigest> chainOf(std::span<const std::int32_t> tokens) const;
    const KeyedDigest& root() const { return m_root; }
    // The block of a chain; nothing: it is not kept.
    std::optional<BlockId> blockOf(const KeyedDigest& chain) const;
    std::span<const std::int32_t> tokensOf(BlockId block) const;
    // Keeps a full block, which the caller holds, behind that of `parent` (or as a first one:
    // root()). False where that one is gone, or it is there already.
    bool restore(BlockId block, const KeyedDigest& parent, std::span<const std::int32_t> tokens);

    // Frees idle blocks until so many are free, or none is idle.
    void makeRoom(std::int64_t nFree);
    // Forgets a block, if it is kept, and all that hangs on it: what holds it is about to hold
    // something else there.
    void forget(BlockId block);
    // Forgets all, held ones too.
    void clear();

    // For the invariant checker: a kept block.
    struct Kept {
        BlockId block = 0;
        BlockId parent = -1;  // the one before it; -1: none
        std::vector<std::int32_t> tokens;
    };
    std::vector<Kept> kept() const;

private:
    static constexpr BlockId kNone = -1;
    struct Node {
        KeyedDigest digest{};        // of the chain up to its end; of full ones
        BlockId parent = kNone;      // kNone: the chain's first
        std::int32_t nTokens = 0;    // 0: not in the tree
        std::int32_t nChildren = 0;  // each used less recently than this one is
        BlockId firstChild = kNone;
        BlockId nextSibling = kNone, previousSibling = kNone;
        BlockId nextOfBucket = kNone;
        BlockId older = kNone, newer = kNone;  // in order of use
    };
    // A walk along the tree.
    struct Walk {
        BlockId last = kNone;  // full, all of it
        KeyedDigest digest{};
        std::int64_t nTokens = 0;
        std::int64_t nHeldBlocks = 0;
        // A child of `last` that begins with what follows, and how far; kNone: none.
        BlockId partial = kNone;
        std::int64_t nOfPartial = 0;
    };

    Walk walk(std::span<const std::int32_t> tokens) const;
    KeyedDigest digestBehind(const KeyedDigest& chain, std::span<const std::int32_t> block) const;
    BlockId findFull(BlockId parent, const KeyedDigest& digest,
                     std::span<const std::int32_t> block) const;
    std::size_t bucketOf(const KeyedDigest& digest) const;
    BlockId& firstChildOf(BlockId parent) {
        return parent == kNone ? m_firstRoot : node(parent).firstChild;
    }
    Node& node(BlockId block) { return m_nodes[static_cast<std::size_t>(block)]; }
    const Node& node(BlockId block) const { return m_nodes[static_cast<std::size_t>(block)]; }
    bool isFull(BlockId block) const { return node(block).nTokens == m_blockTokens; }
    BlockPool& pool() const { return m_groups.front().pool; }

    bool add(BlockId block, BlockId parent, const KeyedDigest& digest,
             std::span<const std::int32_t> tokens);
    void removeBegun(BlockId parent, std::span<const std::int32_t> tokens);
    void remove(BlockId block);
    void unlinkFromBucket(BlockId block);
    void touch(BlockId last);
    void linkNewest(BlockId block);
    void unlinkFromOrder(BlockId block);

    MemoryGroups& m_groups;
    std::int32_t m_blockTokens;
    KeyedHash m_hash;
    KeyedDigest m_root;
    std::vector<Node> m_nodes;           // by block
    std::vector<std::int32_t> m_tokens;  // [nBlocks][blockTokens]
    std::vector<BlockId> m_buckets;      // of full blocks, by digest; a power of two
    BlockId m_firstRoot = kNone;
    BlockId m_oldest = kNone, m_newest = kNone;
    std::vector<BlockId> m_found;  // room for share()
};

}  // namespace sotto

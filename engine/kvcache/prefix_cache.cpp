#include "engine/kvcache/prefix_cache.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace sotto {
namespace {

std::int64_t commonBeginning(std::span<const std::int32_t> one,
                             std::span<const std::int32_t> other) {
    return std::ranges::mismatch(one, other).in1 - one.begin();
}

}  // namespace

bool PrefixCache::isUsable(const MemoryGroups& groups) {
    return groups.size() == 1 && isKeepingPositions(groups.front().kind);
}

PrefixCache::PrefixCache(MemoryGroups& groups, std::int32_t blockTokens, KeyedHash hash,
                         const KeyedDigest& root)
    : m_groups(groups),
      m_blockTokens(blockTokens),
      m_hash(std::move(hash)),
      m_root(root),
      m_nodes(static_cast<std::size_t>(groups.front().pool.nBlocks())),
      m_tokens(m_nodes.size() * static_cast<std::size_t>(blockTokens)),
      m_buckets(std::bit_ceil(m_nodes.size()), kNone) {
    SOTTO_CHECK(isUsable(groups));
    m_found.reserve(m_nodes.size());
}

PrefixCache::Match PrefixCache::find(std::span<const std::int32_t> tokens) const {
    const Walk found = walk(tokens);
    return {found.nTokens + found.nOfPartial, found.nHeldBlocks};
}

std::int64_t PrefixCache::share(SequenceMemory& memory, std::span<const std::int32_t> tokens) {
    const Walk found = walk(tokens);
    m_found.clear();
    if (found.partial != kNone) m_found.push_back(found.partial);
    for (BlockId block = found.last; block != kNone; block = node(block).parent)
        m_found.push_back(block);
    if (m_found.empty()) return 0;
    touch(m_found.front());
    std::ranges::reverse(m_found);
    const std::int64_t nTokens = found.nTokens + found.nOfPartial;
    memory.share(m_found, nTokens);
    return nTokens;
}

void PrefixCache::keep(SequenceMemory& memory, std::span<const std::int32_t> tokens) {
    SOTTO_CHECK(std::ssize(tokens) <= memory.nTokens());
    const Walk known = walk(tokens);
    BlockId parent = known.last;
    KeyedDigest digest = known.digest;
    auto rest = tokens.subspan(static_cast<std::size_t>(known.nTokens));
    // What is there already, in this block or another one, stays.
    if (known.nOfPartial == std::ssize(rest)) rest = {};
    std::size_t blockIndex = static_cast<std::size_t>(known.nTokens / m_blockTokens);
    std::size_t ancestor = blockIndex;
    for (BlockId block = known.last; block != kNone; block = node(block).parent)
        memory.exchange(--ancestor, block);
    while (!rest.empty()) {
        const std::size_t nOfBlock = std::min(rest.size(), static_cast<std::size_t>(m_blockTokens));
        const auto block = rest.first(nOfBlock);
        digest = digestBehind(digest, block);
        if (!add(memory.blocks()[blockIndex++], parent, digest, block)) break;
        parent = memory.blocks()[blockIndex - 1];
        rest = rest.subspan(nOfBlock);
    }
    if (parent != kNone) touch(parent);
}

std::vector<KeyedDigest> PrefixCache::chainOf(std::span<const std::int32_t> tokens) const {
    const auto nOfBlock = static_cast<std::size_t>(m_blockTokens);
    std::vector<KeyedDigest> chain;
    chain.reserve(tokens.size() / nOfBlock);
    KeyedDigest digest = m_root;
    for (; tokens.size() >= nOfBlock; tokens = tokens.subspan(nOfBlock)) {
        digest = digestBehind(digest, tokens.first(nOfBlock));
        chain.push_back(digest);
    }
    return chain;
}

std::optional<BlockId> PrefixCache::blockOf(const KeyedDigest& chain) const {
    for (BlockId found = m_buckets[bucketOf(chain)]; found != kNone;
         found = node(found).nextOfBucket)
        if (node(found).digest == chain) return found;
    return std::nullopt;
}

bool PrefixCache::restore(BlockId block, const KeyedDigest& parent,
                          std::span<const std::int32_t> tokens) {
    SOTTO_CHECK(std::ssize(tokens) == m_blockTokens);
    const std::optional before = parent == m_root ? std::optional(kNone) : blockOf(parent);
    const KeyedDigest digest = digestBehind(parent, tokens);
    if (!before || blockOf(digest)) return false;
    return add(block, *before, digest, tokens);
}

void PrefixCache::makeRoom(std::int64_t nFree) {
    // A chain's end is older than what it hangs on, so that one round comes to all of it.
    for (BlockId block = m_oldest;
         block != kNone && pool().nFree() < nFree && pool().nIdle() > 0;) {
        const BlockId next = node(block).newer;
        if (node(block).nChildren == 0 && pool().nHolders(block) == 0) remove(block);
        block = next;
    }
}

void PrefixCache::forget(BlockId block) {
    for (bool isGone = !pool().isKept(block); !isGone;) {
        BlockId last = block;
        while (node(last).firstChild != kNone) last = node(last).firstChild;
        remove(last);
        isGone = last == block;
    }
}

void PrefixCache::clear() {
    while (m_oldest != kNone) remove(m_oldest);
}

std::vector<PrefixCache::Kept> PrefixCache::kept() const {
    std::vector<Kept> blocks;
    for (BlockId block = m_oldest; block != kNone; block = node(block).newer) {
        const auto tokens = tokensOf(block);
        blocks.push_back({block, node(block).parent, {tokens.begin(), tokens.end()}});
    }
    return blocks;
}

PrefixCache::Walk PrefixCache::walk(std::span<const std::int32_t> tokens) const {
    Walk at;
    at.digest = m_root;
    const auto nOfBlock = static_cast<std::size_t>(m_blockTokens);
    while (tokens.size() >= nOfBlock) {
        const auto block = tokens.first(nOfBlock);
        const KeyedDigest digest = digestBehind(at.digest, block);
        const BlockId found = findFull(at.last, digest, block);
        if (found == kNone) break;
        at.last = found;
        at.digest = digest;
        at.nTokens += m_blockTokens;
        if (pool().nHolders(found) > 0) ++at.nHeldBlocks;
        tokens = tokens.subspan(nOfBlock);
    }
    const BlockId first = at.last == kNone ? m_firstRoot : node(at.last).firstChild;
    for (BlockId child = first; child != kNone; child = node(child).nextSibling) {
        const std::int64_t nCommon = commonBeginning(tokensOf(child), tokens);
        if (nCommon <= at.nOfPartial) continue;
        at.partial = child;
        at.nOfPartial = nCommon;
    }
    return at;
}

KeyedDigest PrefixCache::digestBehind(const KeyedDigest& chain,
                                      std::span<const std::int32_t> block) const {
    return m_hash.of(chain, std::as_bytes(block));
}

BlockId PrefixCache::findFull(BlockId parent, const KeyedDigest& digest,
                              std::span<const std::int32_t> block) const {
    for (BlockId found = m_buckets[bucketOf(digest)]; found != kNone;
         found = node(found).nextOfBucket)
        if (node(found).parent == parent && node(found).digest == digest &&
            std::ranges::equal(tokensOf(found), block))
            return found;
    return kNone;
}

std::span<const std::int32_t> PrefixCache::tokensOf(BlockId block) const {
    const std::size_t first =
        static_cast<std::size_t>(block) * static_cast<std::size_t>(m_blockTokens);
    return std::span(m_tokens).subspan(first, static_cast<std::size_t>(node(block).nTokens));
}

std::size_t PrefixCache::bucketOf(const KeyedDigest& digest) const {
    std::uint64_t bits;
    std::memcpy(&bits, digest.data(), sizeof(bits));
    return bits & (m_buckets.size() - 1);
}

// False where the block is kept in another place: what it holds there must not be lost.
bool PrefixCache::add(BlockId block, BlockId parent, const KeyedDigest& digest,
                      std::span<const std::int32_t> tokens) {
    if (pool().isKept(block)) return false;
    removeBegun(parent, tokens);
    pool().keep(block);
    Node& added = node(block);
    added = {
        .digest = digest, .parent = parent, .nTokens = static_cast<std::int32_t>(tokens.size())};
    std::ranges::copy(tokens, m_tokens.begin() + std::ptrdiff_t{block} * m_blockTokens);
    BlockId& first = firstChildOf(parent);
    added.nextSibling = first;
    if (first != kNone) node(first).previousSibling = block;
    first = block;
    if (parent != kNone) ++node(parent).nChildren;
    if (isFull(block)) added.nextOfBucket = std::exchange(m_buckets[bucketOf(digest)], block);
    linkNewest(block);
    return true;
}

// What was kept of a block when it was not yet as full as this one.
void PrefixCache::removeBegun(BlockId parent, std::span<const std::int32_t> tokens) {
    for (BlockId child = firstChildOf(parent); child != kNone;) {
        const BlockId next = node(child).nextSibling;
        if (!isFull(child) && commonBeginning(tokensOf(child), tokens) == node(child).nTokens)
            remove(child);
        child = next;
    }
}

void PrefixCache::remove(BlockId block) {
    const Node& gone = node(block);
    if (isFull(block)) unlinkFromBucket(block);
    if (gone.previousSibling != kNone)
        node(gone.previousSibling).nextSibling = gone.nextSibling;
    else
        firstChildOf(gone.parent) = gone.nextSibling;
    if (gone.nextSibling != kNone) node(gone.nextSibling).previousSibling = gone.previousSibling;
    if (gone.parent != kNone) --node(gone.parent).nChildren;
    unlinkFromOrder(block);
    node(block) = {};
    pool().forget(block);
}

void PrefixCache::unlinkFromBucket(BlockId block) {
    BlockId* place = &m_buckets[bucketOf(node(block).digest)];
    while (*place != block) place = &node(*place).nextOfBucket;
    *place = node(block).nextOfBucket;
}

// The chain up to `last` was used: what hangs on a block stays older than it.
void PrefixCache::touch(BlockId last) {
    for (BlockId block = last; block != kNone; block = node(block).parent) {
        unlinkFromOrder(block);
        linkNewest(block);
    }
}

void PrefixCache::linkNewest(BlockId block) {
    node(block).older = m_newest;
    node(block).newer = kNone;
    if (m_newest != kNone) node(m_newest).newer = block;
    m_newest = block;
    if (m_oldest == kNone) m_oldest = block;
}

void PrefixCache::unlinkFromOrder(BlockId block) {
    const Node& gone = node(block);
    (gone.older != kNone ? node(gone.older).newer : m_oldest) = gone.newer;
    (gone.newer != kNone ? node(gone.newer).older : m_newest) = gone.older;
}

}  // namespace sotto

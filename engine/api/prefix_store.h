// PrefixStore: where blocks of the prefix cache (engine/kvcache/prefix_cache.h) outlive the engine:
// the port through which they leave and enter it. The program implements it
// (app/core/prefix/disk_prefix_store.h); without one they are in memory only.
//
// Blocks are named by their chain: a keyed digest of the model, of how it is computed, and of all
// tokens up to the block's end. What cannot be kept or found is no error: the tokens are computed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/keyed_hash.h"

namespace sotto {

using ChainDigest = KeyedDigest;

struct PrefixBlock {
    ChainDigest chain{};
    std::optional<ChainDigest> parent;  // the chain before it; none: it is a first one
    std::vector<std::int32_t> tokens;
    std::vector<std::byte> bytes;  // KvCache::blockBytes(), canonical
};

// Any thread but where it says otherwise; nothing waits for a disk.
class PrefixStore {
public:
    virtual ~PrefixStore() = default;

    // Of the digests; the same for the life of the store.
    virtual HashKey key() const = 0;

    // Of the blocks of a chain, in order: how many are there, from the first on.
    virtual std::size_t find(std::span<const ChainDigest> chain) const = 0;

    // Bytes per second of the readings so far; 0: none yet.
    virtual double readRate() const = 0;

    // Whether a block is there, or was given to write().
    virtual bool isKnown(const ChainDigest& chain) const = 0;

    // Whether a block of so many bytes may be given to write(): Later, so that writing does not run
    // ahead of the disk; Not where as much was written as may be.
    enum class Taking : std::uint8_t { Now, Later, Not };
    // Beside: answers are being computed, which it should not be felt by.
    enum class Pace : std::uint8_t { Beside, Alone };
    virtual Taking taking(std::size_t nBytes, Pace pace) const = 0;
    // Is written when its time has come, behind the block of its parent; where that is not there,
    // not at all. `owner` needs it, and with it all before it, until the owner is forgotten.
    virtual void write(std::uint64_t owner, PrefixBlock block) = 0;
    // Behind what was given to write(): these blocks were used, and `owner` needs the last of them.
    virtual void own(std::uint64_t owner, std::span<const ChainDigest> chain) = 0;

    // Gives `sink` these blocks, in order and without their parents, on a thread of the store: from
    // the first on as many as could be read whole. Once, also where there are none; not after the
    // store is gone. `memory`: bytes of blocks that are of no use any more, to be read into: fresh
    // memory takes longer to come by than a block takes to be read.
    using BlockMemory = std::vector<std::vector<std::byte>>;
    using BlockSink = std::function<void(std::vector<PrefixBlock>)>;
    virtual void read(std::vector<ChainDigest> chain, BlockMemory memory, BlockSink sink) = 0;
};

}  // namespace sotto

// PrefixTransfer: moves blocks between the prefix cache of the loaded model and the store in which
// they outlive the engine (engine/api/prefix_store.h).
//
// Writes behind: what was kept of a request waits here until the store takes it, a block at a time,
// and is not missed where it is gone by then. Restores: before a request is begun, the blocks that
// follow what memory has of its tokens are read in pieces, two of them under way, and become idle
// blocks of the cache, as if they had been computed here. Borrows all it is given. Engine thread;
// pieces come on the store's, through the sink.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/api/generation_request.h"
#include "engine/api/prefix_store.h"
#include "engine/kvcache/kv_cache.h"
#include "engine/kvcache/prefix_cache.h"

namespace sotto {

// A piece of a chain that was read, to be handed to PrefixTransfer::accept() on the engine thread.
struct RestoredBlocks {
    std::uint64_t restore = 0;  // which one asked for it
    std::vector<PrefixBlock> blocks;
};

// The tokens that a request is to read and may share, and what it costs to compute them instead.
struct PrefixWish {
    std::span<const std::int32_t> tokens;
    std::int64_t nInMemory = 0;  // of them
    double secondsPerToken = 0;  // 0: not known
};

class PrefixTransfer {
public:
    using BlocksSink = std::function<void(RestoredBlocks)>;

    // `sink` is called on a thread of the store, never after the destructor.
    PrefixTransfer(KvCache& cache, PrefixCache& prefixes, PrefixStore& store, BlocksSink sink);
    ~PrefixTransfer();
    PrefixTransfer(const PrefixTransfer&) = delete;
    PrefixTransfer& operator=(const PrefixTransfer&) = delete;

    // The full blocks that are kept of these tokens are to outlive the engine, for `owner`.
    void note(std::uint64_t owner, std::span<const std::int32_t> tokens);
    bool hasUnwritten() const { return !m_unwritten.empty(); }
    // Gives the store what it takes now. Behind the steps that were queued. Errors: DeviceFailed.
    Status writeBehind(PrefixStore::Pace pace);

    // Whether the store has more of the tokens than memory, and reading it is expected to be faster
    // than computing it.
    bool isWorthRestoring(const PrefixWish& wish) const;
    // Begins to restore them; false where it is not worth it. None may be under way.
    bool begin(RequestId request, const PrefixWish& wish);
    // Of the request whose tokens are restored; 0: none are.
    RequestId restoring() const { return m_restoring; }
    // A piece has come; one of a restore that is over is dropped. Errors: DeviceFailed.
    Status accept(RestoredBlocks piece);
    // Tokens that the restore has brought so far, or the last one brought.
    std::int64_t nRestored() const {
        return static_cast<std::int64_t>(m_nPlaced - m_nBefore) * kBlockTokens;
    }
    std::chrono::steady_clock::time_point start() const { return m_start; }
    void stop();

private:
    // A chain of which the blocks from `nDone` on may not be written yet.
    struct Unwritten {
        std::uint64_t owner = 0;
        std::vector<ChainDigest> chain;
        std::size_t nDone = 0;
    };
    // Where pieces are delivered while somebody waits for them.
    struct Mail;

    const ChainDigest& parentOf(std::span<const ChainDigest> chain, std::size_t index) const {
        return index == 0 ? m_prefixes.root() : chain[index - 1];
    }
    std::vector<ChainDigest> chainWorthRestoring(const PrefixWish& wish) const;
    void askForPiece();
    Result<bool> place(PrefixBlock& block);

    KvCache& m_cache;
    PrefixCache& m_prefixes;
    PrefixStore& m_store;
    std::shared_ptr<Mail> m_mail;
    std::deque<Unwritten> m_unwritten;

    RequestId m_restoring = 0;
    std::uint64_t m_restore = 0;         // counts them
    std::vector<ChainDigest> m_chain;    // what is restored
    std::vector<std::int32_t> m_tokens;  // of m_chain
    std::size_t m_nAsked = 0;            // blocks of m_chain
    std::size_t m_nPlaced = 0;           // of it, those that were there before included
    std::size_t m_nBefore = 0;           // that memory had when it began
    PrefixStore::BlockMemory m_spare;    // of blocks in their place, for those to come
    std::chrono::steady_clock::time_point m_start;
};

}  // namespace sotto

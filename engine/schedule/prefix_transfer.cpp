#include "engine/schedule/prefix_transfer.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace sotto {
namespace {

// Of a piece: large enough that a drive is read at its pace, small enough that two of them are no
// memory to speak of, and that a request which is cancelled does not wait for much.
constexpr std::size_t kPieceBytes = std::size_t{16} << 20;
// Before anything was read: a hard disk's pace, so that a slow drive does not lose to a fast card.
constexpr double kFirstReadRate = 150e6;
// Chains that wait to be written; with one more the oldest is forgotten.
constexpr std::size_t kMaxUnwritten = 64;

}  // namespace

struct PrefixTransfer::Mail {
    std::mutex mutex;
    BlocksSink sink;  // guarded by mutex; empty: nobody waits any more
};

PrefixTransfer::PrefixTransfer(KvCache& cache, PrefixCache& prefixes, PrefixStore& store,
                               BlocksSink sink)
    : m_cache(cache), m_prefixes(prefixes), m_store(store), m_mail(std::make_shared<Mail>()) {
    m_mail->sink = std::move(sink);
}

PrefixTransfer::~PrefixTransfer() {
    const std::lock_guard lock(m_mail->mutex);
    m_mail->sink = nullptr;
}

void PrefixTransfer::note(std::uint64_t owner, std::span<const std::int32_t> tokens) {
    std::vector<ChainDigest> chain = m_prefixes.chainOf(tokens);
    if (chain.empty()) return;
    // What the same chat had said before is in what it says now.
    std::erase_if(m_unwritten, [&](const Unwritten& older) {
        return older.owner == owner && older.chain.size() <= chain.size() &&
               older.chain.back() == chain[older.chain.size() - 1];
    });
    if (m_unwritten.size() == kMaxUnwritten) m_unwritten.pop_front();
    m_unwritten.push_back({owner, std::move(chain)});
}

Status PrefixTransfer::writeBehind(PrefixStore::Pace pace) {
    while (!m_unwritten.empty()) {
        Unwritten& next = m_unwritten.front();
        const bool isAtEnd = next.nDone == next.chain.size();
        if (!isAtEnd && m_store.isKnown(next.chain[next.nDone])) {
            ++next.nDone;
            continue;
        }
        const auto taking =
            isAtEnd ? PrefixStore::Taking::Now : m_store.taking(m_cache.blockBytes(), pace);
        if (taking == PrefixStore::Taking::Later) return {};
        const auto block = isAtEnd || taking == PrefixStore::Taking::Not
                               ? std::nullopt
                               : m_prefixes.blockOf(next.chain[next.nDone]);
        if (!block) {  // all there, or what is left is gone or not wanted
            m_store.own(next.owner, std::span(next.chain).first(next.nDone));
            m_unwritten.pop_front();
            continue;
        }
        PrefixBlock written;
        written.chain = next.chain[next.nDone];
        if (next.nDone > 0) written.parent = next.chain[next.nDone - 1];
        const auto tokens = m_prefixes.tokensOf(*block);
        written.tokens.assign(tokens.begin(), tokens.end());
        written.bytes.resize(m_cache.blockBytes());
        SOTTO_TRY(m_cache.readBlocks({&*block, 1}, kBlockTokens, written.bytes));
        m_store.write(next.owner, std::move(written));
        ++next.nDone;
    }
    return {};
}

bool PrefixTransfer::isWorthRestoring(const PrefixWish& wish) const {
    return !chainWorthRestoring(wish).empty();
}

// What the store has of the tokens, from the first on; empty where memory has as much of them, or
// computing is expected to be faster.
std::vector<ChainDigest> PrefixTransfer::chainWorthRestoring(const PrefixWish& wish) const {
    std::vector<ChainDigest> chain = m_prefixes.chainOf(wish.tokens);
    chain.resize(m_store.find(chain));
    if (std::ssize(chain) * kBlockTokens - wish.nInMemory < kBlockTokens) return {};
    const double rate = m_store.readRate() > 0 ? m_store.readRate() : kFirstReadRate;
    const double bytesPerToken = static_cast<double>(m_cache.blockBytes()) / kBlockTokens;
    const bool isSlower = wish.secondsPerToken > 0 && bytesPerToken / rate >= wish.secondsPerToken;
    return isSlower ? std::vector<ChainDigest>() : chain;
}

bool PrefixTransfer::begin(RequestId request, const PrefixWish& wish) {
    SOTTO_CHECK(m_restoring == 0);
    std::vector<ChainDigest> chain = chainWorthRestoring(wish);
    std::size_t nBefore = 0;
    while (nBefore < chain.size() && m_prefixes.blockOf(chain[nBefore])) ++nBefore;
    if (nBefore == chain.size()) return false;
    m_tokens.assign(wish.tokens.begin(), wish.tokens.begin() + std::ssize(chain) * kBlockTokens);
    m_chain = std::move(chain);
    m_nBefore = m_nAsked = m_nPlaced = nBefore;
    ++m_restore;
    m_restoring = request;
    m_start = std::chrono::steady_clock::now();
    askForPiece();
    return true;
}

void PrefixTransfer::askForPiece() {
    const std::size_t nOfPiece = std::max<std::size_t>(1, kPieceBytes / m_cache.blockBytes());
    const std::size_t end = std::min(m_chain.size(), m_nAsked + nOfPiece);
    std::vector<ChainDigest> piece(m_chain.begin() + static_cast<std::ptrdiff_t>(m_nAsked),
                                   m_chain.begin() + static_cast<std::ptrdiff_t>(end));
    m_nAsked = end;
    m_store.read(std::move(piece), std::exchange(m_spare, {}),
                 [mail = m_mail, restore = m_restore](std::vector<PrefixBlock> blocks) {
                     const std::lock_guard lock(mail->mutex);
                     if (mail->sink) mail->sink({restore, std::move(blocks)});
                 });
}

Status PrefixTransfer::accept(RestoredBlocks piece) {
    if (m_restoring == 0 || piece.restore != m_restore) return {};
    // The store reads the next one while this one is put into its place.
    const bool isWhole = m_nPlaced + piece.blocks.size() == m_nAsked;
    if (isWhole && m_nAsked < m_chain.size()) askForPiece();
    for (PrefixBlock& block : piece.blocks) {
        SOTTO_ASSIGN(const bool isPlaced, place(block));
        if (!isPlaced) {
            stop();
            return {};
        }
        m_spare.push_back(std::move(block.bytes));
    }
    if (!isWhole || m_nPlaced == m_chain.size()) stop();
    return {};
}

// False where it is not the block that was asked for, or has no place any more.
Result<bool> PrefixTransfer::place(PrefixBlock& block) {
    const std::span tokens = std::span(m_tokens).subspan(m_nPlaced * kBlockTokens,
                                                         static_cast<std::size_t>(kBlockTokens));
    if (block.chain != m_chain[m_nPlaced] || block.bytes.size() != m_cache.blockBytes() ||
        !std::ranges::equal(block.tokens, tokens))
        return false;
    if (!m_prefixes.blockOf(block.chain)) {
        BlockPool& pool = m_cache.pool();
        m_prefixes.makeRoom(1);
        const auto place = pool.take();
        if (!place) return false;
        const Status written = m_cache.writeBlocks({&*place, 1}, block.bytes);
        const bool isKept =
            written && m_prefixes.restore(*place, parentOf(m_chain, m_nPlaced), tokens);
        pool.release(*place);
        if (!written) return fail(written.error());
        if (!isKept) return false;
    }
    ++m_nPlaced;
    return true;
}

void PrefixTransfer::stop() {
    m_restoring = 0;
    m_spare = {};
}

}  // namespace sotto

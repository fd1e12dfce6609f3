#include "engine/token/bpe_merger.h"

#include <algorithm>
#include <bit>

namespace sotto {

namespace {

// The token of a symbol that became part of its left neighbour: matches no candidate.
constexpr std::int32_t kMerged = -2;

std::uint64_t pairKey(std::int32_t left, std::int32_t right) {
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32U |
           static_cast<std::uint32_t>(right);
}

// Fibonacci hashing: the upper bits of a product with 2^64 / golden ratio are well mixed.
std::size_t hashOf(std::uint64_t pair, unsigned shift) {
    return static_cast<std::size_t>((pair * 0x9E3779B97F4A7C15ULL) >> shift);
}

// The heap's front is the lowest rank, the leftmost of equals.
bool isWorse(const BpeMerger::Workspace::Candidate& left,
             const BpeMerger::Workspace::Candidate& right) {
    return left.rank != right.rank ? left.rank > right.rank : left.symbol > right.symbol;
}

}  // namespace

BpeMerger::BpeMerger(std::span<const Merge> merges) {
    const std::size_t nSlots = std::bit_ceil(merges.size() * 2 + 2);
    m_slots.resize(nSlots);
    m_shift = 64U - static_cast<unsigned>(std::countr_zero(nSlots));
    std::uint32_t rank = 0;
    for (const Merge& merge : merges) {
        const std::uint64_t pair = pairKey(merge.left, merge.right);
        std::size_t index = hashOf(pair, m_shift);
        while (m_slots[index].result >= 0 && m_slots[index].pair != pair) {
            index = (index + 1) & (nSlots - 1);
        }
        if (m_slots[index].result < 0) m_slots[index] = {pair, rank, merge.result};
        ++rank;
    }
}

const BpeMerger::Slot* BpeMerger::find(std::int32_t left, std::int32_t right) const {
    const std::uint64_t pair = pairKey(left, right);
    std::size_t index = hashOf(pair, m_shift);
    while (m_slots[index].result >= 0) {
        if (m_slots[index].pair == pair) return &m_slots[index];
        index = (index + 1) & (m_slots.size() - 1);
    }
    return nullptr;
}

void BpeMerger::consider(std::int32_t symbol, Workspace& workspace) const {
    if (symbol < 0) return;
    const auto& left = workspace.symbols[static_cast<std::size_t>(symbol)];
    if (left.next < 0) return;
    const auto& right = workspace.symbols[static_cast<std::size_t>(left.next)];
    const Slot* slot = find(left.token, right.token);
    if (slot == nullptr) return;
    workspace.heap.push_back({slot->rank, symbol, left.token, right.token});
    std::push_heap(workspace.heap.begin(), workspace.heap.end(), isWorse);
}

std::size_t BpeMerger::merge(std::span<std::int32_t> tokens, Workspace& workspace) const {
    const auto nTokens = static_cast<std::int32_t>(tokens.size());
    auto& symbols = workspace.symbols;
    auto& heap = workspace.heap;
    symbols.clear();
    heap.clear();
    for (std::int32_t index = 0; index < nTokens; ++index) {
        symbols.push_back({tokens[static_cast<std::size_t>(index)], index - 1,
                           index + 1 < nTokens ? index + 1 : -1});
    }
    for (std::int32_t index = 0; index < nTokens; ++index) consider(index, workspace);

    while (!heap.empty()) {
        std::pop_heap(heap.begin(), heap.end(), isWorse);
        const auto best = heap.back();
        heap.pop_back();
        auto& left = symbols[static_cast<std::size_t>(best.symbol)];
        if (left.token != best.left || left.next < 0) continue;
        auto& right = symbols[static_cast<std::size_t>(left.next)];
        if (right.token != best.right) continue;
        left.token = find(best.left, best.right)->result;
        left.next = right.next;
        right.token = kMerged;
        if (left.next >= 0) symbols[static_cast<std::size_t>(left.next)].previous = best.symbol;
        consider(left.previous, workspace);
        consider(best.symbol, workspace);
    }

    std::size_t nLeft = 0;
    for (std::int32_t index = 0; index >= 0 && index < nTokens;
         index = symbols[static_cast<std::size_t>(index)].next) {
        tokens[nLeft++] = symbols[static_cast<std::size_t>(index)].token;
    }
    return nLeft;
}

}  // namespace sotto

// The merging of byte-pair encoding: joins neighbours in the order in which training joined them.
//
// Immutable after construction; any thread, each with its own Workspace. O(n log n) in the length
// of a word: a heap of possible merges over a linked list of symbols. Source: Sennrich et al.
// 2016, algorithm 1, with ranks instead of counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sotto {

class BpeMerger {
public:
    struct Merge {
        std::int32_t left = 0;
        std::int32_t right = 0;
        std::int32_t result = 0;
    };

    // Buffers of one caller, reused from word to word.
    struct Workspace {
        struct Symbol {
            std::int32_t token = 0;
            std::int32_t previous = -1;  // index of the neighbour; -1: none
            std::int32_t next = -1;
        };
        struct Candidate {
            std::uint32_t rank = 0;
            std::int32_t symbol = 0;  // index of the left one
            std::int32_t left = 0;    // tokens at the time: stale when they have changed
            std::int32_t right = 0;
        };
        std::vector<Symbol> symbols;
        std::vector<Candidate> heap;
    };

    // In the order of the file: the first is merged first; of equal pairs the first counts.
    explicit BpeMerger(std::span<const Merge> merges);

    // Merges `symbols`, the tokens of single bytes, in place; returns how many remain at the front.
    std::size_t merge(std::span<std::int32_t> symbols, Workspace& workspace) const;

private:
    struct Slot {
        std::uint64_t pair = 0;
        std::uint32_t rank = 0;
        std::int32_t result = -1;  // -1: the slot is free
    };

    const Slot* find(std::int32_t left, std::int32_t right) const;
    void consider(std::int32_t symbol, Workspace& workspace) const;

    std::vector<Slot> m_slots;  // open addressing, a power of two, at most half full
    unsigned m_shift = 0;
};

}  // namespace sotto

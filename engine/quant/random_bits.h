// The finalizer of splitmix64, and the random words that synthetic weights are made of by it, the
// same on the processor and on a card.
//
// Counter-based: a word depends on seed, row and its place alone, so that any thread makes any
// piece. Pure. Source: the finalizer of splitmix64 (Steele, Lea, Flood, "Fast splittable
// pseudorandom number generators", OOPSLA 2014).
#pragma once

#include <cstdint>

#ifdef __CUDACC__
#define SOTTO_ON_BOTH_SIDES __host__ __device__
#else
#define SOTTO_ON_BOTH_SIDES
#endif

namespace sotto {

// splitmix64 mixes a state that grows by it. Multiples of the golden ratio keep neighbours apart.
inline constexpr std::uint64_t kGoldenRatio = 0x9e3779b97f4a7c15u;

SOTTO_ON_BOTH_SIDES inline std::uint64_t mixBits(std::uint64_t bits) {
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9u;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebu;
    return bits ^ (bits >> 31);
}

// The start of one row's words.
SOTTO_ON_BOTH_SIDES inline std::uint64_t randomRowState(std::uint64_t seed, std::uint64_t row) {
    return mixBits(seed + (row + 1) * kGoldenRatio);
}

// Bytes 8 * word to 8 * word + 7 of a row, lowest first.
SOTTO_ON_BOTH_SIDES inline std::uint64_t randomWord(std::uint64_t rowState, std::uint64_t word) {
    return mixBits(rowState + (word + 1) * kGoldenRatio);
}

}  // namespace sotto

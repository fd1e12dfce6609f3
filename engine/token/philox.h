// Philox4x32-10: a counter-based random generator. The same key and counter give the same numbers
// on every machine, in any order: the draw for position n of a request does not depend on what else
// ran in the batch. Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
#pragma once

#include <array>
#include <cstdint>

namespace sotto {

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key);

// A uniform number in [0, 1) with 53 random bits, for one position of the sequence with this seed.
double uniformAt(std::uint64_t seed, std::uint64_t position);

}  // namespace sotto

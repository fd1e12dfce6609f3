// How numbers become halves that are computed with: keys and values in the cache, in every set
// alike, and weights that are unpacked.
#pragma once

#include "base/half.h"

namespace sotto {

// As toHalf(), but a number beyond the largest half becomes that one: as an infinity it would make
// NaN of rows that do not see it, by their weight of zero. What was no finite number before, an
// infinity too, becomes NaN, so that broken weights are found wherever it is seen.
inline Half toFiniteHalf(float value) {
    const float low = value > kLargestHalf ? kLargestHalf : value;
    const float clamped = low < -kLargestHalf ? -kLargestHalf : low;
    return toHalf(clamped - (value - value));  // minus 0, or NaN
}

}  // namespace sotto

#include "engine/quant/lattice.h"

#include <algorithm>
#include <cmath>

#include "engine/quant/block_source.h"
#include "engine/quant/fit_levels.h"

namespace sotto {
namespace {

float storedAs(float value, DType stored) {
    if (stored == DType::F16) return toFloat(toHalf(value));
    if (stored == DType::BF16) return toFloat(toBFloat16(value));
    return value;
}

// The most that rounding to the type moves a number, as a part of it.
float roundoffOf(DType stored) {
    return stored == DType::BF16 ? 0x1p-8f : stored == DType::F16 ? 0x1p-11f : 0x1p-23f;
}

// Whether each weight is what storing a multiple of d leaves.
bool isMultipleOf(float d, std::span<const float, kSmallBlock> values, LatticeRange range,
                  DType stored) {
    return std::all_of(values.begin(), values.end(), [&](float value) {
        const float code = roundClamped(value / d, static_cast<float>(range.lowest),
                                        static_cast<float>(range.highest));
        return storedAs(d * code, stored) == value;
    });
}

// Whether the weights are near enough to multiples of `scale`, which is itself that uncertain, for
// a closer look.
bool isNearMultiples(float scale, float roundoff, std::span<const float, kSmallBlock> values) {
    return std::all_of(values.begin(), values.end(), [&](float value) {
        const float exact = value / scale;
        return std::fabs(exact - std::nearbyint(exact)) <= 2.1f * roundoff * std::fabs(exact);
    });
}

}  // namespace

std::optional<LatticeRange> latticeOf(DType type) {
    if (type == DType::Q4_0) return LatticeRange{-8, 7};
    if (type == DType::Q8_0) return LatticeRange{-127, 127, 127};
    return std::nullopt;
}

std::optional<Half> latticeScale(std::span<const float, kSmallBlock> values, LatticeRange range,
                                 DType stored) {
    const float extreme = extremeOf<kSmallBlock>(values.data());
    if (!(std::fabs(extreme) >= kSmallestScale)) return std::nullopt;
    const float roundoff = roundoffOf(stored);
    // The extreme weight is some multiple; the largest one first, as quantizers would have it. With
    // a negative d the sides change places, and the lowest integer may be on top.
    for (int multiple = std::max(-range.lowest, range.highest); multiple >= range.leastExtreme;
         --multiple)
        for (const float sign : {1.0f, -1.0f}) {
            const float integer = sign * static_cast<float>(multiple);
            if (integer < static_cast<float>(range.lowest) ||
                integer > static_cast<float>(range.highest))
                continue;
            const float scale = extreme / integer;
            if (!isNearMultiples(scale, roundoff, values)) continue;
            // All halves that the extreme weight could have come from.
            const int first = toHalf(scale * (1.0f - roundoff)).bits & 0x7fff;
            const int last = toHalf(scale * (1.0f + roundoff)).bits & 0x7fff;
            const int middle = toHalf(scale).bits & 0x7fff;
            const int signBit = toHalf(scale).bits & 0x8000;
            for (int distance = 0; distance <= last - first; ++distance)
                for (const int bits : {middle - distance, middle + distance}) {
                    if (bits < first || bits > last || bits == 0 || bits >= 0x7c00) continue;
                    const Half d{static_cast<std::uint16_t>(bits | signBit)};
                    if (isMultipleOf(toFloat(d), values, range, stored)) return d;
                }
        }
    return std::nullopt;
}

}  // namespace sotto

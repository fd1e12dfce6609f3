// An ActivationPlane with memory of the exact size, filled with a pattern, and numbers read back
// from it as activation_plane.h describes the layout.
#pragma once

#include <bit>
#include <cstring>
#include <vector>

#include "base/half.h"
#include "engine/kernels/cuda/common/activation_plane.h"
#include "engine/kernels/cuda/quantize_rows.h"

namespace sotto::test {

class PlaneMemory {
public:
    static constexpr std::uint8_t kPattern = 0xa5;

    PlaneMemory(cuda::ActivationKind kind, std::int64_t nTokens, std::int64_t nCols, bool hasNorm)
        : m_nGroups(cuda::groupsOf(nCols)) {
        const auto nCells =
            static_cast<std::size_t>(cuda::tokenTilesOf(nTokens) * m_nGroups * cuda::kTileTokens);
        values.resize(nCells * static_cast<std::size_t>(cuda::groupValueBytes(kind)),
                      std::byte{kPattern});
        const float pattern = std::bit_cast<float>(0xa5a5a5a5u);
        scales.resize(2 * nCells, pattern);
        if (hasNorm) squares.resize(nCells, pattern);
        plane.values = values.data();
        plane.scales = scales.data();
        plane.squares = hasNorm ? squares.data() : nullptr;
        plane.kind = kind;
        plane.nCols = static_cast<std::int32_t>(nCols);
        plane.normWidth = plane.nCols;
        plane.normEpsilon = hasNorm ? 1e-5f : 0.0f;
    }

    std::int64_t nGroups() const { return m_nGroups; }
    // Index of one group of one token in `squares` and in pairs of `scales`.
    std::size_t cell(std::int64_t token, std::int64_t group) const {
        return static_cast<std::size_t>((token / 8 * m_nGroups + group) * 8 + token % 8);
    }
    int code(std::int64_t token, std::int64_t col) const {
        const std::int64_t inGroup = col % 32;
        const std::int64_t byte = inGroup % 16 / 4 * 8 + (inGroup >= 16 ? 4 : 0) + inGroup % 4;
        return static_cast<std::int8_t>(
            values[cell(token, col / 32) * 32 + static_cast<std::size_t>(byte)]);
    }
    // Part `part` of `nParts` 16-bit numbers of one column, as bits.
    std::uint16_t part(std::int64_t token, std::int64_t col, int partIndex, int nParts) const {
        const std::int64_t tileGroup = token / 8 * m_nGroups + col / 32;
        const std::int64_t inSixteen = col % 16;
        const std::int64_t t = inSixteen % 8 / 2;
        const std::int64_t inFour = inSixteen % 2 + (inSixteen >= 8 ? 2 : 0);
        const std::int64_t four =
            ((tileGroup * 2 + col % 32 / 16) * 8 + token % 8) * 4 + t;  // of 4 * nParts numbers
        std::uint16_t bits;
        std::memcpy(&bits, values.data() + 2 * ((four * nParts + partIndex) * 4 + inFour), 2);
        return bits;
    }
    // What the plane says about one column, without the pending norm.
    double value(std::int64_t token, std::int64_t col) const {
        const double scale = scales[2 * cell(token, col / 32)];
        switch (plane.kind) {
            case cuda::ActivationKind::Int8: return scale * code(token, col);
            case cuda::ActivationKind::SplitF16:
                return scale * (static_cast<double>(toFloat(Half{part(token, col, 0, 2)})) +
                                toFloat(Half{part(token, col, 1, 2)}));
            default:
                return static_cast<double>(toFloat(BFloat16{part(token, col, 0, 3)})) +
                       toFloat(BFloat16{part(token, col, 1, 3)}) +
                       toFloat(BFloat16{part(token, col, 2, 3)});
        }
    }

    std::vector<std::byte> values;
    std::vector<float> scales;
    std::vector<float> squares;
    cuda::ActivationPlane plane;

private:
    std::int64_t m_nGroups;
};

// Equal bits everywhere, padding and cells of absent tokens included (both start from one pattern).
inline bool haveSameBits(const PlaneMemory& left, const PlaneMemory& right) {
    const auto isSame = [](const std::vector<float>& a, const std::vector<float>& b) {
        return a.size() == b.size() &&
               (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
    };
    return left.values == right.values && isSame(left.scales, right.scales) &&
           isSame(left.squares, right.squares);
}

}  // namespace sotto::test

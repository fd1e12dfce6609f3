#include "engine/quant/random_weights.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "engine/quant/block_formats.h"
#include "engine/quant/random_bits.h"

namespace sotto {
namespace {

void fillBits(std::uint64_t rowState, std::span<std::byte> out) {
    std::uint64_t word = 0;
    std::size_t offset = 0;
    for (; offset + 8 <= out.size(); offset += 8) {
        const std::uint64_t bits = randomWord(rowState, word++);
        std::memcpy(out.data() + offset, &bits, 8);
    }
    if (offset == out.size()) return;
    const std::uint64_t bits = randomWord(rowState, word);
    std::memcpy(out.data() + offset, &bits, out.size() - offset);
}

// Calls `patch` on each block or element, whose bits are random already.
template <typename Block, typename Patch>
void patchBlocks(std::span<std::byte> out, const Patch& patch) {
    for (std::size_t offset = 0; offset < out.size(); offset += sizeof(Block)) {
        Block block;
        std::memcpy(&block, out.data() + offset, sizeof block);
        patch(block);
        std::memcpy(out.data() + offset, &block, sizeof block);
    }
}

// Quantizers never write -128, and kernels may rely on it.
void avoidLowest(std::int8_t& code) { code = std::max<std::int8_t>(code, -127); }

// Deviations of the codes as they are multiplied, for uniform bits. K types: scale and min are
// uniform on 0..63 (mean 31.5, mean square 1333.5, variance 341.25), the code c uniform on 0..n.
// With dMin = d * mean(c) the mean is zero and the variance
// d^2 * (1333.5 * mean(c^2) - (31.5 * mean(c))^2 + mean(c)^2 * 341.25).
constexpr float kDeviationQ8 = 73.6f;     // uniform on -127..127
constexpr float kDeviationQ4 = 4.18f;     // -7..7, with 0 twice as often
constexpr float kDeviationQ4_1 = 4.61f;   // around 7.5, which m takes away
constexpr float kDeviationQ5_0 = 9.25f;   // -16..15, half of the blocks with a negative d
constexpr float kDeviationQ5_1 = 9.23f;   // around 15.5
constexpr float kDeviationQ4K = 258.3f;   // mean(c) 7.5, mean(c^2) 77.5
constexpr float kDeviationQ5K = 526.9f;   // mean(c) 15.5, mean(c^2) 325.5
constexpr float kDeviationQ6K = 1362.0f;  // scale on -127..127 (rms 73.6), code - 32 (rms 18.5)

void patchRow(DType type, const RandomScales& scales, std::span<std::byte> row) {
    switch (type) {
        case DType::F32:
            return patchBlocks<std::uint32_t>(row, [&](std::uint32_t& bits) {
                const auto integer = static_cast<std::int32_t>(bits);
                bits = std::bit_cast<std::uint32_t>(scales.step * static_cast<float>(integer));
            });
        case DType::F16:
            return patchBlocks<std::uint16_t>(row, [&](std::uint16_t& bits) {
                bits = toHalf(scales.step * static_cast<std::int16_t>(bits)).bits;
            });
        case DType::BF16:
            return patchBlocks<std::uint16_t>(row, [&](std::uint16_t& bits) {
                bits = toBFloat16(scales.step * static_cast<std::int16_t>(bits)).bits;
            });
        case DType::Q8_0:
            return patchBlocks<BlockQ8_0>(row, [&](BlockQ8_0& block) {
                block.d = scales.d;
                for (std::int8_t& code : block.codes) avoidLowest(code);
            });
        case DType::Q4_0:
            return patchBlocks<BlockQ4_0>(row, [&](BlockQ4_0& block) {
                block.d = scales.d;
                // Code 0 stands for -8, which has no positive partner: it becomes weight 0.
                for (std::uint8_t& codes : block.codes) {
                    if ((codes & 0x0f) == 0) codes |= 0x08;
                    if ((codes & 0xf0) == 0) codes |= 0x80;
                }
            });
        case DType::Q4_1:
            return patchBlocks<BlockQ4_1>(row, [&](BlockQ4_1& block) {
                block.d = scales.d;
                block.m = scales.dMin;
            });
        case DType::Q5_0:
            return patchBlocks<BlockQ5_0>(row, [&](BlockQ5_0& block) {
                // The codes' mean is -0.5: with the random bit as d's sign that of the weights is
                // 0.
                block.d.bits = static_cast<std::uint16_t>(scales.d.bits | (block.d.bits & 0x8000));
            });
        case DType::Q5_1:
            return patchBlocks<BlockQ5_1>(row, [&](BlockQ5_1& block) {
                block.d = scales.d;
                block.m = scales.dMin;
            });
        case DType::Q4_K:
            return patchBlocks<BlockQ4_K>(row, [&](BlockQ4_K& block) {
                block.d = scales.d;
                block.dMin = scales.dMin;
            });
        case DType::Q5_K:
            return patchBlocks<BlockQ5_K>(row, [&](BlockQ5_K& block) {
                block.d = scales.d;
                block.dMin = scales.dMin;
            });
        case DType::Q6_K:
            return patchBlocks<BlockQ6_K>(row, [&](BlockQ6_K& block) {
                block.d = scales.d;
                for (std::int8_t& scale : block.scales) avoidLowest(scale);
            });
        case SOTTO_TYPES_WITHOUT_KERNELS: break;
    }
    unexpectedType(type, "patchRow");
}

}  // namespace

RandomScales randomScales(DType type, float deviation) {
    // A uniform variable on [-1, 1) has deviation 1 / sqrt(3).
    const float range = deviation * std::sqrt(3.0f);
    const auto ofCodes = [&](float codes, float meanCode) {
        return RandomScales{.d = toHalf(deviation / codes),
                            .dMin = toHalf(meanCode * deviation / codes)};
    };
    switch (type) {
        case DType::F32: return {{}, {}, range * 0x1p-31f};
        case DType::F16:
        case DType::BF16: return {{}, {}, range * 0x1p-15f};
        case DType::Q8_0: return ofCodes(kDeviationQ8, 0.0f);
        case DType::Q4_0: return ofCodes(kDeviationQ4, 0.0f);
        case DType::Q4_1: return ofCodes(kDeviationQ4_1, -7.5f);
        case DType::Q5_0: return ofCodes(kDeviationQ5_0, 0.0f);
        case DType::Q5_1: return ofCodes(kDeviationQ5_1, -15.5f);
        case DType::Q4_K: return ofCodes(kDeviationQ4K, 7.5f);
        case DType::Q5_K: return ofCodes(kDeviationQ5K, 15.5f);
        case DType::Q6_K: return ofCodes(kDeviationQ6K, 0.0f);
        case SOTTO_TYPES_WITHOUT_KERNELS: break;
    }
    unexpectedType(type, "randomScales");
}

RandomMatrix randomMatrix(DType type, std::int64_t nCols, std::int64_t nRows,
                          std::uint64_t modelSeed, std::size_t tensorIndex) {
    return {type, nCols, nRows, 1.0f / std::sqrt(static_cast<float>(nCols)),
            mixBits(modelSeed * 1000003 + tensorIndex)};
}

void fillRandomRows(const RandomMatrix& matrix, std::int64_t firstRow, std::int64_t nRows,
                    std::span<std::byte> out) {
    const RandomScales scales = randomScales(matrix.type, matrix.deviation);
    const std::size_t bytes = matrix.rowBytes();
    for (std::int64_t index = 0; index < nRows; ++index) {
        const auto row = static_cast<std::uint64_t>(firstRow + index);
        const auto place = out.subspan(static_cast<std::size_t>(index) * bytes, bytes);
        fillBits(randomRowState(matrix.seed, row), place);
        patchRow(matrix.type, scales, place);
    }
}

}  // namespace sotto

#include "engine/quant/quantize_reference.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/check.h"
#include "engine/quant/block_source.h"
#include "engine/quant/quantize.h"
#include "engine/quant/quantize_search.h"

namespace sotto {
namespace {

// Each `quantizeBlock…` reads one block's worth of weights.

float keepF32(const float* values) { return *values; }
Half quantizeF16(const float* values) { return toHalf(*values); }
BFloat16 quantizeBF16(const float* values) { return toBFloat16(*values); }

BlockQ8_0 quantizeBlockQ8_0(const float* values) {
    float largest = 0.0f;
    for (int index = 0; index < kSmallBlock; ++index)
        largest = std::max(largest, std::fabs(values[index]));
    const float scale = largest / 127.0f;
    const float inverse = scale != 0.0f ? 1.0f / scale : 0.0f;
    BlockQ8_0 block;
    // The codes come from the unrounded scale, as in every file of this type.
    block.d = finiteHalf(scale);
    for (int index = 0; index < kSmallBlock; ++index)
        // Ties away from zero here, unlike the K types.
        block.codes[index] =
            static_cast<std::int8_t>(std::clamp(std::lround(values[index] * inverse), -128L, 127L));
    return block;
}

// The other small blocks: codes of 4 bits, or of 5 where the block has a place for the fifth ones.
template <typename Block>
constexpr int kLargestCode = requires(Block block) {
    block.highBits;
}
? 31 : 15;

template <typename Block>
void putCode(Block& block, int index, float value) {
    // Adding a half and cutting off rounds halves up; the clamp also catches what is not finite.
    constexpr float kLargest = kLargestCode<Block>;
    const int code = static_cast<int>(std::clamp(std::fmax(value + 0.5f, 0.0f), 0.0f, kLargest));
    putSmallCode(block, index, code);
}

// Q4_0, Q5_0
template <typename Block>
Block quantizeCentered(const float* values) {
    float extreme = 0.0f;  // the value of largest magnitude, with its sign; the first one wins
    for (int index = 0; index < kSmallBlock; ++index)
        if (std::fabs(values[index]) > std::fabs(extreme)) extreme = values[index];
    // The extreme maps to code 0, the one code without a positive twin.
    constexpr float kCenter = static_cast<float>(kLargestCode<Block> + 1) / 2;
    const float scale = extreme / -kCenter;
    const float inverse = scale != 0.0f ? 1.0f / scale : 0.0f;
    Block block{};
    block.d = finiteHalf(scale);
    for (int index = 0; index < kSmallBlock; ++index)
        putCode(block, index, values[index] * inverse + kCenter);
    return block;
}

// Q4_1, Q5_1
template <typename Block>
Block quantizeFromMinimum(const float* values) {
    const auto [least, most] = std::minmax_element(values, values + kSmallBlock);
    const float scale = (*most - *least) / static_cast<float>(kLargestCode<Block>);
    const float inverse = scale != 0.0f ? 1.0f / scale : 0.0f;
    Block block{};
    block.d = finiteHalf(scale);
    block.m = finiteHalf(*least);
    for (int index = 0; index < kSmallBlock; ++index)
        putCode(block, index, (values[index] - *least) * inverse);
    return block;
}

BlockQ4_K searchQ4_K(const float* values) {
    return quantizeBlockQ4_K(SuperBlockValues(values, kSuperBlock));
}
BlockQ5_K searchQ5_K(const float* values) {
    return quantizeBlockQ5_K(SuperBlockValues(values, kSuperBlock));
}
BlockQ6_K searchQ6_K(const float* values) {
    return quantizeBlockQ6_K(SuperBlockValues(values, kSuperBlock));
}

// The types that have no quantizer of their own here.
void roundRow(DType type, std::span<const float> values, std::span<std::byte> out) {
    const Status done = quantizeRows({.type = type,
                                      .rows = values,
                                      .nColumns = static_cast<std::int64_t>(values.size()),
                                      .method = QuantizeMethod::Nearest},
                                     out);
    SOTTO_CHECK(done.has_value());
}

template <typename Block>
void writeBlocks(Block (*quantizeBlock)(const float*), std::span<const float> values,
                 std::span<std::byte> out) {
    const std::size_t nBlocks = out.size() / sizeof(Block);
    const std::size_t blockElements = nBlocks == 0 ? 0 : values.size() / nBlocks;
    for (std::size_t blockIndex = 0; blockIndex < nBlocks; ++blockIndex) {
        const Block block = quantizeBlock(values.data() + blockIndex * blockElements);
        std::memcpy(out.data() + blockIndex * sizeof(Block), &block, sizeof(Block));
    }
}

}  // namespace

void quantizeRow(DType type, std::span<const float> values, std::span<std::byte> out) {
    SOTTO_CHECK(values.size() % dtypeTraits(type).blockElements == 0);
    SOTTO_CHECK(out.size() == rowBytes(type, values.size()));
    switch (type) {
        case DType::F32: return writeBlocks(keepF32, values, out);
        case DType::F16: return writeBlocks(quantizeF16, values, out);
        case DType::BF16: return writeBlocks(quantizeBF16, values, out);
        case DType::Q4_0: return writeBlocks(quantizeCentered<BlockQ4_0>, values, out);
        case DType::Q4_1: return writeBlocks(quantizeFromMinimum<BlockQ4_1>, values, out);
        case DType::Q5_0: return writeBlocks(quantizeCentered<BlockQ5_0>, values, out);
        case DType::Q5_1: return writeBlocks(quantizeFromMinimum<BlockQ5_1>, values, out);
        case DType::Q8_0: return writeBlocks(quantizeBlockQ8_0, values, out);
        case DType::Q4_K: return writeBlocks(searchQ4_K, values, out);
        case DType::Q5_K: return writeBlocks(searchQ5_K, values, out);
        case DType::Q6_K: return writeBlocks(searchQ6_K, values, out);
        case SOTTO_TYPES_WITHOUT_KERNELS: return roundRow(type, values, out);
    }
    unexpectedType(type, "quantizeRow");
}

}  // namespace sotto

#include "engine/quant/dequantize_reference.h"

#include <cstring>

#include "base/check.h"
#include "engine/quant/block_formats.h"
#include "engine/quant/read_block.h"

namespace sotto {
namespace {

// Each readBlock() writes the weights of one block; read_block.h has those of the other types.

void readBlock(float value, float* out) { *out = value; }
void readBlock(Half value, float* out) { *out = toFloat(value); }
void readBlock(BFloat16 value, float* out) { *out = toFloat(value); }

// Of the small blocks with nibbles.
template <typename Block>
int codeOf(const Block& block, int index) {
    const int both = block.codes[index % (kSmallBlock / 2)];
    const int nibble = index < kSmallBlock / 2 ? both & 0x0f : both >> 4;
    if constexpr (requires { block.highBits; })
        return nibble | ((block.highBits[index / 8] >> (index % 8)) & 1) << 4;
    else
        return nibble;
}

template <typename Block>
void readCentered(const Block& block, int center, float* out) {
    const float scale = toFloat(block.d);
    for (int index = 0; index < kSmallBlock; ++index)
        out[index] = scale * static_cast<float>(codeOf(block, index) - center);
}

void readBlock(const BlockQ4_0& block, float* out) { readCentered(block, 8, out); }
void readBlock(const BlockQ5_0& block, float* out) { readCentered(block, 16, out); }

template <typename Block>
void readFromMinimum(const Block& block, float* out) {
    const float scale = toFloat(block.d);
    const float minimum = toFloat(block.m);
    for (int index = 0; index < kSmallBlock; ++index)
        out[index] = scale * static_cast<float>(codeOf(block, index)) + minimum;
}

void readBlock(const BlockQ4_1& block, float* out) { readFromMinimum(block, out); }
void readBlock(const BlockQ5_1& block, float* out) { readFromMinimum(block, out); }

void readBlock(const BlockQ8_0& block, float* out) {
    const float scale = toFloat(block.d);
    for (int index = 0; index < kSmallBlock; ++index)
        out[index] = scale * static_cast<float>(block.codes[index]);
}

// Q4_K and Q5_K differ only in where the fifth bit comes from (null: there is none).
template <typename Block>
void readScaleAndMin(const Block& block, const std::uint8_t* highBits, float* out) {
    for (int subBlock = 0; subBlock < 8; ++subBlock) {
        const ScaleAndMin factors = unpackScaleAndMin(block.scales, subBlock);
        const float scale = toFloat(block.d) * static_cast<float>(factors.scale);
        const float min = toFloat(block.dMin) * static_cast<float>(factors.min);
        const std::uint8_t* const codes = block.codes + 32 * (subBlock / 2);
        const int shift = subBlock % 2 == 0 ? 0 : 4;
        for (int index = 0; index < 32; ++index) {
            int code = (codes[index] >> shift) & 0x0f;
            if (highBits != nullptr) code |= ((highBits[index] >> subBlock) & 1) << 4;
            out[32 * subBlock + index] = scale * static_cast<float>(code) - min;
        }
    }
}

void readBlock(const BlockQ4_K& block, float* out) { readScaleAndMin(block, nullptr, out); }
void readBlock(const BlockQ5_K& block, float* out) { readScaleAndMin(block, block.highBits, out); }

void readBlock(const BlockQ6_K& block, float* out) {
    const float d = toFloat(block.d);
    for (int position = 0; position < kSuperBlock; ++position) {
        const int half = position / 128;
        const int group = position % 128 / 32;
        const int index = position % 32;
        const int low = block.lowBits[64 * half + 32 * (group % 2) + index] >> (group < 2 ? 0 : 4);
        const int high = block.highBits[32 * half + index] >> (2 * group);
        const int code = (low & 0x0f) | ((high & 0x03) << 4);
        const float scale = d * static_cast<float>(block.scales[position / 16]);
        out[position] = scale * static_cast<float>(code - 32);
    }
}

// Blocks are copied out because plain F32 tensors of a hostile or in-memory file may be unaligned.
template <typename Block>
void readBlocks(std::span<const std::byte> bytes, std::span<float> out) {
    const std::size_t nBlocks = bytes.size() / sizeof(Block);
    const std::size_t blockElements = nBlocks == 0 ? 0 : out.size() / nBlocks;
    for (std::size_t blockIndex = 0; blockIndex < nBlocks; ++blockIndex) {
        Block block;
        std::memcpy(&block, bytes.data() + blockIndex * sizeof(Block), sizeof(Block));
        readBlock(block, out.data() + blockIndex * blockElements);
    }
}

}  // namespace

void dequantizeRow(DType type, std::span<const std::byte> bytes, std::span<float> out) {
    SOTTO_CHECK(out.size() % dtypeTraits(type).blockElements == 0);
    SOTTO_CHECK(bytes.size() == rowBytes(type, out.size()));
    switch (type) {
        case DType::F32: return readBlocks<float>(bytes, out);
        case DType::F16: return readBlocks<Half>(bytes, out);
        case DType::BF16: return readBlocks<BFloat16>(bytes, out);
        case DType::Q4_0: return readBlocks<BlockQ4_0>(bytes, out);
        case DType::Q4_1: return readBlocks<BlockQ4_1>(bytes, out);
        case DType::Q5_0: return readBlocks<BlockQ5_0>(bytes, out);
        case DType::Q5_1: return readBlocks<BlockQ5_1>(bytes, out);
        case DType::Q8_0: return readBlocks<BlockQ8_0>(bytes, out);
        case DType::Q4_K: return readBlocks<BlockQ4_K>(bytes, out);
        case DType::Q5_K: return readBlocks<BlockQ5_K>(bytes, out);
        case DType::Q6_K: return readBlocks<BlockQ6_K>(bytes, out);
        case DType::Q2_K: return readBlocks<BlockQ2_K>(bytes, out);
        case DType::Q3_K: return readBlocks<BlockQ3_K>(bytes, out);
        case DType::IQ2_XXS: return readBlocks<BlockIQ2_XXS>(bytes, out);
        case DType::IQ2_XS: return readBlocks<BlockIQ2_XS>(bytes, out);
        case DType::IQ3_XXS: return readBlocks<BlockIQ3_XXS>(bytes, out);
        case DType::IQ1_S: return readBlocks<BlockIQ1_S>(bytes, out);
        case DType::IQ4_NL: return readBlocks<BlockIQ4_NL>(bytes, out);
        case DType::IQ3_S: return readBlocks<BlockIQ3_S>(bytes, out);
        case DType::IQ2_S: return readBlocks<BlockIQ2_S>(bytes, out);
        case DType::IQ4_XS: return readBlocks<BlockIQ4_XS>(bytes, out);
        case DType::IQ1_M: return readBlocks<BlockIQ1_M>(bytes, out);
        case DType::TQ1_0: return readBlocks<BlockTQ1_0>(bytes, out);
        case DType::TQ2_0: return readBlocks<BlockTQ2_0>(bytes, out);
        case DType::MXFP4: return readBlocks<BlockMXFP4>(bytes, out);
        case DType::NVFP4: return readBlocks<BlockNVFP4>(bytes, out);
        case DType::Q1_0: return readBlocks<BlockQ1_0>(bytes, out);
        case DType::Q2_0: return readBlocks<BlockQ2_0>(bytes, out);
    }
    unexpectedType(type, "dequantizeRow");
}

}  // namespace sotto

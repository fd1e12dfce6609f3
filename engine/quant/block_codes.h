// BlockCodes: the codes of a block whose scales are chosen: which one is nearest to a weight, what
// it means, and where it lies.
//
// Flow: error feedback (error_feedback.h) takes a block from a search, and gives it other codes one
// by one. Meanings are those of dequantizeRow() to the last bit. For each type a specialization;
// plain values, pure.
#pragma once

#include <cstring>

#include "engine/quant/block_formats.h"
#include "engine/quant/block_formats_low.h"
#include "engine/quant/block_source.h"
#include "engine/quant/grids.h"

namespace sotto {

// Weights that are scale * code + offset with all integers from lowest to highest as codes.
template <int nWeights, int lowest, int highest>
class StepCodes {
public:
    static constexpr int kWeights = nWeights;

    int nearest(int position, float value) const {
        return static_cast<int>(
            roundClamped((value - m_offsets[position]) * m_inverses[position], lowest, highest));
    }
    float meaning(int position, int code) const {
        return m_scales[position] * static_cast<float>(code) + m_offsets[position];
    }

protected:
    void set(int position, float scale, float offset) {
        m_scales[position] = scale;
        m_inverses[position] = scale != 0.0f ? 1.0f / scale : 0.0f;
        m_offsets[position] = offset;
    }
    void setAll(float scale, float offset) {
        for (int position = 0; position < nWeights; ++position) set(position, scale, offset);
    }

private:
    float m_scales[nWeights];
    float m_inverses[nWeights];
    float m_offsets[nWeights];
};

// Weights that are scale times a level of IQ4's table; codes are places in it.
template <int nWeights>
class LevelCodes {
public:
    static constexpr int kWeights = nWeights;

    int nearest(int position, float value) const {
        const float wanted = value * m_inverses[position];
        int place = 0;
        for (std::size_t level = 1; level < kLevelsIQ4.size(); ++level) {
            const float middle =
                0.5f * static_cast<float>(kLevelsIQ4[level - 1] + kLevelsIQ4[level]);
            place += wanted > middle ? 1 : 0;
        }
        return place;
    }
    float meaning(int position, int code) const {
        return m_scales[position] * static_cast<float>(kLevelsIQ4[static_cast<std::size_t>(code)]);
    }

protected:
    void set(int position, float scale) {
        m_scales[position] = scale;
        m_inverses[position] = scale != 0.0f ? 1.0f / scale : 0.0f;
    }

private:
    float m_scales[nWeights];
    float m_inverses[nWeights];
};

// Takes the codes out of a block, so that others can be put in.
template <typename Block>
void clearCodes(Block& block) {
    if constexpr (requires { block.codes; }) std::memset(block.codes, 0, sizeof block.codes);
    if constexpr (requires { block.lowBits; }) std::memset(block.lowBits, 0, sizeof block.lowBits);
    if constexpr (requires { block.highBits; })
        std::memset(block.highBits, 0, sizeof block.highBits);
}

template <typename Block>
class BlockCodes;

template <>
class BlockCodes<BlockQ8_0> : public StepCodes<kSmallBlock, -127, 127> {
public:
    explicit BlockCodes(const BlockQ8_0& block) { setAll(toFloat(block.d), 0.0f); }
    static void put(BlockQ8_0& block, int position, int code) {
        block.codes[position] = static_cast<std::int8_t>(code);
    }
};

template <>
class BlockCodes<BlockQ4_0> : public StepCodes<kSmallBlock, -8, 7> {
public:
    explicit BlockCodes(const BlockQ4_0& block) { setAll(toFloat(block.d), 0.0f); }
    static void put(BlockQ4_0& block, int position, int code) {
        putSmallCode(block, position, code + 8);
    }
};

template <>
class BlockCodes<BlockQ5_0> : public StepCodes<kSmallBlock, -16, 15> {
public:
    explicit BlockCodes(const BlockQ5_0& block) { setAll(toFloat(block.d), 0.0f); }
    static void put(BlockQ5_0& block, int position, int code) {
        putSmallCode(block, position, code + 16);
    }
};

template <>
class BlockCodes<BlockQ4_1> : public StepCodes<kSmallBlock, 0, 15> {
public:
    explicit BlockCodes(const BlockQ4_1& block) { setAll(toFloat(block.d), toFloat(block.m)); }
    static void put(BlockQ4_1& block, int position, int code) {
        putSmallCode(block, position, code);
    }
};

template <>
class BlockCodes<BlockQ5_1> : public StepCodes<kSmallBlock, 0, 31> {
public:
    explicit BlockCodes(const BlockQ5_1& block) { setAll(toFloat(block.d), toFloat(block.m)); }
    static void put(BlockQ5_1& block, int position, int code) {
        putSmallCode(block, position, code);
    }
};

template <>
class BlockCodes<BlockQ2_K> : public StepCodes<kSuperBlock, 0, 3> {
public:
    explicit BlockCodes(const BlockQ2_K& block) {
        for (int position = 0; position < kSuperBlock; ++position) {
            const int factors = block.scales[position / 16];
            set(position, toFloat(block.d) * static_cast<float>(factors & 0x0f),
                -(toFloat(block.dMin) * static_cast<float>(factors >> 4)));
        }
    }
    static void put(BlockQ2_K& block, int position, int code) {
        putLowKCode(block.codes, position, code);
    }
};

template <>
class BlockCodes<BlockQ3_K> : public StepCodes<kSuperBlock, -4, 3> {
public:
    explicit BlockCodes(const BlockQ3_K& block) {
        for (int position = 0; position < kSuperBlock; ++position) {
            const int factor = unpackScaleQ3_K(block.scales, position / 16) - 32;
            set(position, toFloat(block.d) * static_cast<float>(factor), 0.0f);
        }
    }
    static void put(BlockQ3_K& block, int position, int code) {
        putLowKCode(block.codes, position, (code + 4) & 3);
        block.highBits[position % 32] |=
            static_cast<std::uint8_t>(((code + 4) >> 2) << (position / 32));
    }
};

// Q4_K and Q5_K.
template <typename Block, int highest>
class ScaleAndMinCodes : public StepCodes<kSuperBlock, 0, highest> {
public:
    explicit ScaleAndMinCodes(const Block& block) {
        for (int position = 0; position < kSuperBlock; ++position) {
            const ScaleAndMin factors = unpackScaleAndMin(block.scales, position / 32);
            this->set(position, toFloat(block.d) * static_cast<float>(factors.scale),
                      -(toFloat(block.dMin) * static_cast<float>(factors.min)));
        }
    }
    static void put(Block& block, int position, int code) {
        const int subBlock = position / 32;
        block.codes[32 * (subBlock / 2) + position % 32] |=
            static_cast<std::uint8_t>((code & 0x0f) << (subBlock % 2 == 0 ? 0 : 4));
        if constexpr (requires { block.highBits; })
            block.highBits[position % 32] |= static_cast<std::uint8_t>((code >> 4) << subBlock);
    }
};

template <>
class BlockCodes<BlockQ4_K> : public ScaleAndMinCodes<BlockQ4_K, 15> {
    using ScaleAndMinCodes::ScaleAndMinCodes;
};

template <>
class BlockCodes<BlockQ5_K> : public ScaleAndMinCodes<BlockQ5_K, 31> {
    using ScaleAndMinCodes::ScaleAndMinCodes;
};

template <>
class BlockCodes<BlockQ6_K> : public StepCodes<kSuperBlock, -32, 31> {
public:
    explicit BlockCodes(const BlockQ6_K& block) {
        for (int position = 0; position < kSuperBlock; ++position)
            set(position, toFloat(block.d) * static_cast<float>(block.scales[position / 16]), 0.0f);
    }
    static void put(BlockQ6_K& block, int position, int code) {
        putCodeQ6_K(block, position, code + 32);
    }
};

template <>
class BlockCodes<BlockIQ4_NL> : public LevelCodes<kSmallBlock> {
public:
    explicit BlockCodes(const BlockIQ4_NL& block) {
        for (int position = 0; position < kSmallBlock; ++position) set(position, toFloat(block.d));
    }
    static void put(BlockIQ4_NL& block, int position, int code) {
        putSmallCode(block, position, code);
    }
};

template <>
class BlockCodes<BlockIQ4_XS> : public LevelCodes<kSuperBlock> {
public:
    explicit BlockCodes(const BlockIQ4_XS& block) {
        for (int position = 0; position < kSuperBlock; ++position) {
            const int factor = unpackScaleIQ4_XS(block, position / 32) - 32;
            set(position, toFloat(block.d) * static_cast<float>(factor));
        }
    }
    static void put(BlockIQ4_XS& block, int position, int code) {
        block.codes[16 * (position / 32) + position % 16] |=
            static_cast<std::uint8_t>(code << (position % 32 < 16 ? 0 : 4));
    }
};

}  // namespace sotto

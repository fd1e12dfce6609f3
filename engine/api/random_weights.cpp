#include "engine/api/random_weights.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "engine/base/half.h"
#include "engine/quant/block_formats.h"

namespace sotto {
namespace {

// xorshift64* (Vigna 2014): one multiplication per eight bytes.
class FastRandom {
public:
    // A multiple of the golden ratio keeps neighbouring seeds apart; the low bit, off zero.
    explicit FastRandom(std::uint64_t seed) : m_state((seed + 1) * 0x9e3779b97f4a7c15u | 1u) {
        for (int round = 0; round < 4; ++round) next();
    }
    std::uint64_t next() {
        m_state ^= m_state >> 12;
        m_state ^= m_state << 25;
        m_state ^= m_state >> 27;
        return m_state * 0x2545f4914f6cdd1du;
    }
    // [-1, 1)
    float symmetric() {
        return static_cast<float>(static_cast<std::int32_t>(next() >> 32)) * 0x1p-31f;
    }

private:
    std::uint64_t m_state;
};

void fillBits(FastRandom& random, std::span<std::byte> out) {
    std::size_t offset = 0;
    for (; offset + 8 <= out.size(); offset += 8) {
        const std::uint64_t bits = random.next();
        std::memcpy(out.data() + offset, &bits, 8);
    }
    const std::uint64_t bits = random.next();
    std::memcpy(out.data() + offset, &bits, out.size() - offset);
}

// A uniform variable on [-1, 1) has deviation 1 / sqrt(3).
template <typename Stored>
void fillFloats(FastRandom& random, float deviation, std::span<std::byte> out) {
    const float range = deviation * std::sqrt(3.0f);
    for (std::size_t offset = 0; offset < out.size(); offset += sizeof(Stored)) {
        const float value = range * random.symmetric();
        Stored stored;
        if constexpr (std::is_same_v<Stored, float>)
            stored = value;
        else if constexpr (std::is_same_v<Stored, Half>)
            stored = toHalf(value);
        else
            stored = toBFloat16(value);
        std::memcpy(out.data() + offset, &stored, sizeof stored);
    }
}

// Calls `patch` on each block, whose codes are random bits already.
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
constexpr float kDeviationQ4K = 258.3f;   // mean(c) 7.5, mean(c^2) 77.5
constexpr float kDeviationQ5K = 526.9f;   // mean(c) 15.5, mean(c^2) 325.5
constexpr float kDeviationQ6K = 1362.0f;  // scale on -127..127 (rms 73.6), code - 32 (rms 18.5)

}  // namespace

void fillRandomRow(DType type, float deviation, std::uint64_t seed, std::span<std::byte> out) {
    FastRandom random(seed);
    if (type == DType::F32) return fillFloats<float>(random, deviation, out);
    if (type == DType::F16) return fillFloats<Half>(random, deviation, out);
    if (type == DType::BF16) return fillFloats<BFloat16>(random, deviation, out);

    fillBits(random, out);
    switch (type) {
        case DType::Q8_0:
            return patchBlocks<BlockQ8_0>(out, [&](BlockQ8_0& block) {
                block.d = toHalf(deviation / kDeviationQ8);
                for (std::int8_t& code : block.codes) avoidLowest(code);
            });
        case DType::Q4_0:
            return patchBlocks<BlockQ4_0>(out, [&](BlockQ4_0& block) {
                block.d = toHalf(deviation / kDeviationQ4);
                // Code 0 stands for -8, which has no positive partner: it becomes weight 0.
                for (std::uint8_t& codes : block.codes) {
                    if ((codes & 0x0f) == 0) codes |= 0x08;
                    if ((codes & 0xf0) == 0) codes |= 0x80;
                }
            });
        case DType::Q4_K:
            return patchBlocks<BlockQ4_K>(out, [&](BlockQ4_K& block) {
                block.d = toHalf(deviation / kDeviationQ4K);
                block.dMin = toHalf(7.5f * deviation / kDeviationQ4K);
            });
        case DType::Q5_K:
            return patchBlocks<BlockQ5_K>(out, [&](BlockQ5_K& block) {
                block.d = toHalf(deviation / kDeviationQ5K);
                block.dMin = toHalf(15.5f * deviation / kDeviationQ5K);
            });
        case DType::Q6_K:
            return patchBlocks<BlockQ6_K>(out, [&](BlockQ6_K& block) {
                block.d = toHalf(deviation / kDeviationQ6K);
                for (std::int8_t& scale : block.scales) avoidLowest(scale);
            });
        default: return;
    }
}

}  // namespace sotto

// The 16-lane vector of the kernel templates on AVX2, FMA and F16C: two registers each.
//
// Only isa/avx2.cpp may include this. vpmaddubsw adds pairs of unsigned x signed bytes with
// saturation at 16 bits: safe for codes up to 63 (2 * 63 * 127 = 16002); codes stored with an
// offset of 128 are made signed again and multiplied by magnitude (2 * 128 * 127 = 32512).
#pragma once

#include <immintrin.h>

#include <bit>
#include <cstdint>
#include <cstring>

namespace sotto::cpu {

struct VecAvx2 {
    struct F {
        __m256 low, high;
    };
    struct I {
        __m256i low, high;
    };
    using B = I;
    static constexpr bool kHasUnsignedDot = false;
    static constexpr int kQueryTile = 2;  // x 2 halves x 2 = 8 accumulators of 16
    static constexpr int kDimChunks = 2;
    static constexpr int kFloatTokens = 1;  // x 4 rows x 2 halves

    static __m256i laneMask(int nLanes) {
        const __m256i index = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        return _mm256_cmpgt_epi32(_mm256_set1_epi32(nLanes), index);
    }

    static F set1(float value) { return {_mm256_set1_ps(value), _mm256_set1_ps(value)}; }
    static F zero() { return {_mm256_setzero_ps(), _mm256_setzero_ps()}; }
    static F load(const float* source) {
        return {_mm256_loadu_ps(source), _mm256_loadu_ps(source + 8)};
    }
    static F loadPartial(const float* source, int nLanes) {
        return {_mm256_maskload_ps(source, laneMask(nLanes)),
                _mm256_maskload_ps(source + 8, laneMask(nLanes - 8))};
    }
    static void store(float* target, F value) {
        _mm256_storeu_ps(target, value.low);
        _mm256_storeu_ps(target + 8, value.high);
    }
    static void storePartial(float* target, F value, int nLanes) {
        _mm256_maskstore_ps(target, laneMask(nLanes), value.low);
        _mm256_maskstore_ps(target + 8, laneMask(nLanes - 8), value.high);
    }
    static F loadHalf(const void* source) {
        const auto* eights = static_cast<const __m128i*>(source);
        return {_mm256_cvtph_ps(_mm_loadu_si128(eights)),
                _mm256_cvtph_ps(_mm_loadu_si128(eights + 1))};
    }
    static F loadHalf(const void* source, int nLanes) {
        if (nLanes == 16) return loadHalf(source);
        std::uint16_t halves[16] = {};
        std::memcpy(halves, source, static_cast<std::size_t>(nLanes) * 2);
        return loadHalf(halves);
    }
    // As toFiniteHalf(): of a NaN both bounds give their second operand.
    static __m256 finite(__m256 value) {
        const __m256 low = _mm256_max_ps(_mm256_set1_ps(-65504.0f), value);
        const __m256 clamped = _mm256_min_ps(_mm256_set1_ps(65504.0f), low);
        return _mm256_sub_ps(clamped, _mm256_sub_ps(value, value));
    }
    static void storeFiniteHalf(void* target, F value, int nLanes) {
        constexpr int kRounding = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
        std::uint16_t halves[16];
        auto* eights = reinterpret_cast<__m128i*>(halves);
        _mm_storeu_si128(eights, _mm256_cvtps_ph(finite(value.low), kRounding));
        _mm_storeu_si128(eights + 1, _mm256_cvtps_ph(finite(value.high), kRounding));
        std::memcpy(target, halves, static_cast<std::size_t>(nLanes) * 2);
    }
    // An E5M2 is the upper half of a half; an E4M3 in its place is the 256th part of its value,
    // since a half's exponent counts from 15 and its own from 7.
    static F loadE5M2(const void* source) {
        return fromHalves(_mm256_slli_epi16(loadSixteen(source), 8));
    }
    static F loadE4M3(const void* source) {
        // The sign stands in all upper bits.
        const __m256i moved = _mm256_slli_epi16(loadSixteen(source), 7);
        return fromHalves(_mm256_and_si256(moved, _mm256_set1_epi16(static_cast<short>(0xbf80))));
    }
    static F loadBFloat16(const void* source) {
        const auto* eights = static_cast<const __m128i*>(source);
        const auto widen = [](__m128i bits) {
            return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(bits), 16));
        };
        return {widen(_mm_loadu_si128(eights)), widen(_mm_loadu_si128(eights + 1))};
    }
    static F loadBFloat16(const void* source, int nLanes) {
        std::uint16_t bits[16] = {};
        std::memcpy(bits, source, static_cast<std::size_t>(nLanes) * 2);
        return loadBFloat16(bits);
    }

    static F add(F a, F b) { return {_mm256_add_ps(a.low, b.low), _mm256_add_ps(a.high, b.high)}; }
    static F sub(F a, F b) { return {_mm256_sub_ps(a.low, b.low), _mm256_sub_ps(a.high, b.high)}; }
    static F mul(F a, F b) { return {_mm256_mul_ps(a.low, b.low), _mm256_mul_ps(a.high, b.high)}; }
    static F div(F a, F b) { return {_mm256_div_ps(a.low, b.low), _mm256_div_ps(a.high, b.high)}; }
    static F max(F a, F b) { return {_mm256_max_ps(a.low, b.low), _mm256_max_ps(a.high, b.high)}; }
    static F min(F a, F b) { return {_mm256_min_ps(a.low, b.low), _mm256_min_ps(a.high, b.high)}; }
    static F abs(F a) {
        const __m256 sign = _mm256_set1_ps(-0.0f);
        return {_mm256_andnot_ps(sign, a.low), _mm256_andnot_ps(sign, a.high)};
    }
    static F fma(F a, F b, F c) {
        return {_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high)};
    }
    static F fnma(F a, F b, F c) {
        return {_mm256_fnmadd_ps(a.low, b.low, c.low), _mm256_fnmadd_ps(a.high, b.high, c.high)};
    }
    // Lanes 1, 0, 3, 2, ...
    static F swapPairs(F value) {
        return {_mm256_permute_ps(value.low, 0xb1), _mm256_permute_ps(value.high, 0xb1)};
    }
    // Lane i has that of i ^ kDistance.
    template <int kDistance>
    static F swapLanes(F value) {
        if constexpr (kDistance == 1) return swapPairs(value);
        if constexpr (kDistance == 2)
            return {_mm256_permute_ps(value.low, 0x4e), _mm256_permute_ps(value.high, 0x4e)};
        if constexpr (kDistance == 4)
            return {_mm256_permute2f128_ps(value.low, value.low, 1),
                    _mm256_permute2f128_ps(value.high, value.high, 1)};
        if constexpr (kDistance == 8) return {value.high, value.low};
    }
    // Lanes [first, end) of value, 0 in the others.
    static F onlyLanes(F value, int first, int end) {
        const auto half = [](__m256 lanes, int begin, int stop) {
            const __m256 seen =
                _mm256_castsi256_ps(_mm256_andnot_si256(laneMask(begin), laneMask(stop)));
            return _mm256_and_ps(lanes, seen);
        };
        return {half(value.low, first, end), half(value.high, first - 8, end - 8)};
    }
    static F zeroWhereAtMost(F x, F limit, F value) {
        return {_mm256_and_ps(_mm256_cmp_ps(x.low, limit.low, _CMP_NLE_UQ), value.low),
                _mm256_and_ps(_mm256_cmp_ps(x.high, limit.high, _CMP_NLE_UQ), value.high)};
    }
    static float reduceAdd(F value) {
        const __m256 eight = _mm256_add_ps(value.low, value.high);
        const __m128 four =
            _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
        const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
        return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
    }
    static float reduceMax(F value) {
        const __m256 eight = _mm256_max_ps(value.low, value.high);
        const __m128 four =
            _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
        const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
        return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
    }
    // The greatest magnitude of both; NaN where a lane is. Of magnitudes, larger bits are the
    // larger number, and NaN's are the largest.
    static float reduceMaxMagnitude(F a, F b) {
        const auto bitsOf = [](F x) {
            return _mm256_max_epi32(_mm256_castps_si256(x.low), _mm256_castps_si256(x.high));
        };
        const __m256i eight = _mm256_max_epi32(bitsOf(abs(a)), bitsOf(abs(b)));
        const __m128i four =
            _mm_max_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
        const __m128i two = _mm_max_epi32(four, _mm_shuffle_epi32(four, _MM_SHUFFLE(1, 0, 3, 2)));
        const __m128i one = _mm_max_epi32(two, _mm_shuffle_epi32(two, _MM_SHUFFLE(2, 3, 0, 1)));
        return std::bit_cast<float>(_mm_cvtsi128_si32(one));
    }

    static I set1Int(std::int32_t value) {
        return {_mm256_set1_epi32(value), _mm256_set1_epi32(value)};
    }
    template <int kShift>
    static I shiftLeft(I value) {
        return {_mm256_slli_epi32(value.low, kShift), _mm256_slli_epi32(value.high, kShift)};
    }
    static I addInt(I a, I b) {
        return {_mm256_add_epi32(a.low, b.low), _mm256_add_epi32(a.high, b.high)};
    }
    static F toFloatVector(I value) {
        return {_mm256_cvtepi32_ps(value.low), _mm256_cvtepi32_ps(value.high)};
    }
    static I roundToInt(F value) {
        return {_mm256_cvtps_epi32(value.low), _mm256_cvtps_epi32(value.high)};
    }
    static F powerOfTwo(I exponent) {
        const __m256i bias = _mm256_set1_epi32(127);
        return {_mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(exponent.low, bias), 23)),
                _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(exponent.high, bias), 23))};
    }
    static std::int32_t reduceAddInt(I value) {
        const __m256i eight = _mm256_add_epi32(value.low, value.high);
        __m128i four =
            _mm_add_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
        four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
        return _mm_cvtsi128_si32(_mm_add_epi32(four, _mm_shuffle_epi32(four, 0xb1)));
    }
    static void storeInt8(std::int8_t* target, I first, I second) {
        const __m256i a = _mm256_packs_epi32(first.low, first.high);
        const __m256i b = _mm256_packs_epi32(second.low, second.high);
        // The packs work within halves: restore the order of the eight groups of four.
        const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
        const __m256i bytes = _mm256_permutevar8x32_epi32(_mm256_packs_epi16(a, b), order);
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(target), bytes);
    }
    // 32 numbers in [-16384, 16383] as high * 128 + low, 0 <= low: 16 bytes for each four of the
    // first and the four of the second vector beside them, high ones, then low ones.
    static void storeHighLow(std::int8_t* target, I first, I second) {
        const auto split = [](__m256i words) {
            const __m256i low = _mm256_and_si256(words, _mm256_set1_epi16(127));
            return _mm256_packs_epi16(_mm256_srai_epi16(words, 7), low);
        };
        storeBytes(target, {split(_mm256_packs_epi32(first.low, second.low)),
                            split(_mm256_packs_epi32(first.high, second.high))});
    }
    static F loadInt8(const void* source) {
        const auto* bytes = static_cast<const std::uint8_t*>(source);
        return {_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(loadEight(bytes))),
                _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(loadEight(bytes + 8)))};
    }
    static F loadUint8(const void* source) {
        const auto* bytes = static_cast<const std::uint8_t*>(source);
        return {_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(loadEight(bytes))),
                _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(loadEight(bytes + 8)))};
    }

    static B loadBytes(const void* source) {
        const auto* halves = static_cast<const __m256i*>(source);
        return {_mm256_loadu_si256(halves), _mm256_loadu_si256(halves + 1)};
    }
    static void storeBytes(void* target, B value) {
        auto* halves = static_cast<__m256i*>(target);
        _mm256_storeu_si256(halves, value.low);
        _mm256_storeu_si256(halves + 1, value.high);
    }
    static B andMask(B value, std::uint8_t mask) {
        const __m256i bits = _mm256_set1_epi8(static_cast<char>(mask));
        return {_mm256_and_si256(value.low, bits), _mm256_and_si256(value.high, bits)};
    }
    static B orBytes(B a, B b) {
        return {_mm256_or_si256(a.low, b.low), _mm256_or_si256(a.high, b.high)};
    }
    // Shifts 16-bit lanes; bits that cross from the neighbouring byte are masked away.
    template <int kShift>
    static B shiftRightMasked(B value, std::uint8_t mask) {
        if constexpr (kShift > 0)
            value = {_mm256_srli_epi16(value.low, kShift), _mm256_srli_epi16(value.high, kShift)};
        if constexpr (kShift < 0)
            value = {_mm256_slli_epi16(value.low, -kShift), _mm256_slli_epi16(value.high, -kShift)};
        return andMask(value, mask);
    }
    static I dot(I sum, B w, const std::int8_t* x) {
        const __m256i four = broadcastFour(x);
        return {addProducts(sum.low, w.low, four), addProducts(sum.high, w.high, four)};
    }
    static I dotOffset128(I sum, B w, const std::int8_t* x) {
        const __m256i four = broadcastFour(x);
        return {addSignedProducts(sum.low, w.low, four), addSignedProducts(sum.high, w.high, four)};
    }

    static void transpose16(const F* rows, float* out, std::int64_t outStride) {
        __m256 quarter[8];
        for (int half = 0; half < 2; ++half) {
            for (int row = 0; row < 8; ++row) quarter[row] = rows[half * 8 + row].low;
            transpose8(quarter, out + half * 8, outStride);
            for (int row = 0; row < 8; ++row) quarter[row] = rows[half * 8 + row].high;
            transpose8(quarter, out + 8 * outStride + half * 8, outStride);
        }
    }

private:
    // Sign-extended.
    static __m256i loadSixteen(const void* source) {
        return _mm256_cvtepi8_epi16(_mm_loadu_si128(static_cast<const __m128i*>(source)));
    }
    static F fromHalves(__m256i halves) {
        return {_mm256_cvtph_ps(_mm256_castsi256_si128(halves)),
                _mm256_cvtph_ps(_mm256_extracti128_si256(halves, 1))};
    }
    static __m128i loadEight(const void* source) {
        return _mm_loadl_epi64(static_cast<const __m128i*>(source));
    }
    static __m256i broadcastFour(const std::int8_t* x) {
        std::int32_t four;
        std::memcpy(&four, x, 4);
        return _mm256_set1_epi32(four);
    }
    static __m256i addProducts(__m256i sum, __m256i w, __m256i x) {
        const __m256i pairs = _mm256_maddubs_epi16(w, x);
        return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
    }
    static __m256i addSignedProducts(__m256i sum, __m256i w, __m256i x) {
        const __m256i code = _mm256_xor_si256(w, _mm256_set1_epi8(static_cast<char>(0x80)));
        return addProducts(sum, _mm256_abs_epi8(code), _mm256_sign_epi8(x, code));
    }
    // 8 x 8: 32-bit and 64-bit exchanges within halves, then the halves.
    static void transpose8(const __m256* rows, float* out, std::int64_t outStride) {
        __m256 fours[8];
        for (int row = 0; row < 8; row += 4) {
            const __m256 low01 = _mm256_unpacklo_ps(rows[row], rows[row + 1]);
            const __m256 high01 = _mm256_unpackhi_ps(rows[row], rows[row + 1]);
            const __m256 low23 = _mm256_unpacklo_ps(rows[row + 2], rows[row + 3]);
            const __m256 high23 = _mm256_unpackhi_ps(rows[row + 2], rows[row + 3]);
            fours[row] = _mm256_shuffle_ps(low01, low23, 0x44);
            fours[row + 1] = _mm256_shuffle_ps(low01, low23, 0xee);
            fours[row + 2] = _mm256_shuffle_ps(high01, high23, 0x44);
            fours[row + 3] = _mm256_shuffle_ps(high01, high23, 0xee);
        }
        for (int column = 0; column < 4; ++column) {
            _mm256_storeu_ps(out + column * outStride,
                             _mm256_permute2f128_ps(fours[column], fours[column + 4], 0x20));
            _mm256_storeu_ps(out + (column + 4) * outStride,
                             _mm256_permute2f128_ps(fours[column], fours[column + 4], 0x31));
        }
    }
};

}  // namespace sotto::cpu

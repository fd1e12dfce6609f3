// The 16-lane vector of the kernel templates on AVX-512 F, BW, VL, DQ and VNNI: one register each.
//
// Only isa/avx512_vnni.cpp may include this. vpdpbusd multiplies 64 unsigned by 64 signed bytes and
// adds fours into 16 int32 lanes without saturation.
#pragma once

#include <immintrin.h>

#include <bit>
#include <cstdint>
#include <cstring>

namespace sotto::cpu {

struct VecAvx512 {
    using F = __m512;
    using I = __m512i;
    using B = __m512i;
    static constexpr bool kHasUnsignedDot = true;
    static constexpr int kQueryTile = 4;    // x 4 registers of dims = 16 accumulators of 32
    static constexpr int kDimChunks = 4;    // 64 dims, one common head
    static constexpr int kFloatTokens = 4;  // x 4 rows

    static __mmask16 firstMask(int nLanes) {
        return static_cast<__mmask16>((1u << nLanes) - 1u);  // 0..16 lanes
    }

    static F set1(float value) { return _mm512_set1_ps(value); }
    static F zero() { return _mm512_setzero_ps(); }
    static F load(const float* source) { return _mm512_loadu_ps(source); }
    static F loadPartial(const float* source, int nLanes) {
        return _mm512_maskz_loadu_ps(firstMask(nLanes), source);
    }
    static void store(float* target, F value) { _mm512_storeu_ps(target, value); }
    static void storePartial(float* target, F value, int nLanes) {
        _mm512_mask_storeu_ps(target, firstMask(nLanes), value);
    }
    static F loadHalf(const void* source) {
        return _mm512_cvtph_ps(_mm256_loadu_si256(static_cast<const __m256i*>(source)));
    }
    static F loadHalf(const void* source, int nLanes) {
        return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(firstMask(nLanes), source));
    }
    // As toFiniteHalf(): of a NaN both bounds give their second operand.
    static void storeFiniteHalf(void* target, F value, int nLanes) {
        const F low = _mm512_max_ps(_mm512_set1_ps(-65504.0f), value);
        const F clamped = _mm512_min_ps(_mm512_set1_ps(65504.0f), low);
        const F finite = _mm512_sub_ps(clamped, _mm512_sub_ps(value, value));
        const __m256i halves =
            _mm512_cvtps_ph(finite, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
        _mm256_mask_storeu_epi16(target, firstMask(nLanes), halves);
    }
    // An E5M2 is the upper half of a half; an E4M3 in its place is the 256th part of its value,
    // since a half's exponent counts from 15 and its own from 7.
    static F loadE5M2(const void* source) {
        return _mm512_cvtph_ps(_mm256_slli_epi16(loadSixteen(source), 8));
    }
    static F loadE4M3(const void* source) {
        // The sign stands in all upper bits.
        const __m256i moved = _mm256_slli_epi16(loadSixteen(source), 7);
        return _mm512_cvtph_ps(
            _mm256_and_si256(moved, _mm256_set1_epi16(static_cast<short>(0xbf80))));
    }
    static F loadBFloat16(const void* source, int nLanes = 16) {
        const __m256i bits = _mm256_maskz_loadu_epi16(firstMask(nLanes), source);
        return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
    }

    static F add(F a, F b) { return _mm512_add_ps(a, b); }
    static F sub(F a, F b) { return _mm512_sub_ps(a, b); }
    static F mul(F a, F b) { return _mm512_mul_ps(a, b); }
    static F div(F a, F b) { return _mm512_div_ps(a, b); }
    static F max(F a, F b) { return _mm512_max_ps(a, b); }
    static F min(F a, F b) { return _mm512_min_ps(a, b); }
    static F abs(F a) { return _mm512_abs_ps(a); }
    static F fma(F a, F b, F c) { return _mm512_fmadd_ps(a, b, c); }
    static F fnma(F a, F b, F c) { return _mm512_fnmadd_ps(a, b, c); }
    // Lanes 1, 0, 3, 2, ...
    static F swapPairs(F value) { return _mm512_permute_ps(value, 0xb1); }
    // Lane i has that of i ^ kDistance.
    template <int kDistance>
    static F swapLanes(F value) {
        if constexpr (kDistance == 1) return _mm512_permute_ps(value, 0xb1);
        if constexpr (kDistance == 2) return _mm512_permute_ps(value, 0x4e);
        if constexpr (kDistance == 4) return _mm512_shuffle_f32x4(value, value, 0xb1);
        if constexpr (kDistance == 8) return _mm512_shuffle_f32x4(value, value, 0x4e);
    }
    // Lanes [first, end) of value, 0 in the others.
    static F onlyLanes(F value, int first, int end) {
        const auto below =
            static_cast<__mmask16>(first > 0 ? firstMask(first < 16 ? first : 16) : 0);
        const auto until = static_cast<__mmask16>(end > 0 ? firstMask(end < 16 ? end : 16) : 0);
        return _mm512_maskz_mov_ps(static_cast<__mmask16>(until & ~below), value);
    }
    static F zeroWhereAtMost(F x, F limit, F value) {
        return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(x, limit, _CMP_NLE_UQ), value);
    }
    static float reduceAdd(F value) {
        const __m256 eight =
            _mm256_add_ps(_mm512_castps512_ps256(value), _mm512_extractf32x8_ps(value, 1));
        const __m128 four =
            _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
        const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
        return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
    }
    static float reduceMax(F value) { return _mm512_reduce_max_ps(value); }
    // The greatest magnitude of both; NaN where a lane is. Of magnitudes, larger bits are the
    // larger number, and NaN's are the largest.
    static float reduceMaxMagnitude(F a, F b) {
        const __m512i bits =
            _mm512_max_epi32(_mm512_castps_si512(abs(a)), _mm512_castps_si512(abs(b)));
        return std::bit_cast<float>(_mm512_reduce_max_epi32(bits));
    }

    static I set1Int(std::int32_t value) { return _mm512_set1_epi32(value); }
    template <int kShift>
    static I shiftLeft(I value) {
        return _mm512_slli_epi32(value, kShift);
    }
    static I addInt(I a, I b) { return _mm512_add_epi32(a, b); }
    static F toFloatVector(I value) { return _mm512_cvtepi32_ps(value); }
    static I roundToInt(F value) { return _mm512_cvtps_epi32(value); }
    static F powerOfTwo(I exponent) {
        return _mm512_castsi512_ps(
            _mm512_slli_epi32(_mm512_add_epi32(exponent, _mm512_set1_epi32(127)), 23));
    }
    static std::int32_t reduceAddInt(I value) { return _mm512_reduce_add_epi32(value); }
    static void storeInt8(std::int8_t* target, I first, I second) {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(target), _mm512_cvtepi32_epi8(first));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(target + 16), _mm512_cvtepi32_epi8(second));
    }
    // 32 numbers in [-16384, 16383] as high * 128 + low, 0 <= low: 16 bytes for each four of the
    // first and the four of the second vector beside them, high ones, then low ones.
    static void storeHighLow(std::int8_t* target, I first, I second) {
        const __m512i words = _mm512_packs_epi32(first, second);
        const __m512i low = _mm512_and_si512(words, _mm512_set1_epi16(127));
        storeBytes(target, _mm512_packs_epi16(_mm512_srai_epi16(words, 7), low));
    }
    static F loadInt8(const void* source) {
        return _mm512_cvtepi32_ps(
            _mm512_cvtepi8_epi32(_mm_loadu_si128(static_cast<const __m128i*>(source))));
    }
    static F loadUint8(const void* source) {
        return _mm512_cvtepi32_ps(
            _mm512_cvtepu8_epi32(_mm_loadu_si128(static_cast<const __m128i*>(source))));
    }

    static B loadBytes(const void* source) { return _mm512_loadu_si512(source); }
    static void storeBytes(void* target, B value) { _mm512_storeu_si512(target, value); }
    static B andMask(B value, std::uint8_t mask) {
        return _mm512_and_si512(value, _mm512_set1_epi8(static_cast<char>(mask)));
    }
    static B orBytes(B a, B b) { return _mm512_or_si512(a, b); }
    // Shifts 16-bit lanes; bits that cross from the neighbouring byte are masked away.
    template <int kShift>
    static B shiftRightMasked(B value, std::uint8_t mask) {
        if constexpr (kShift > 0) value = _mm512_srli_epi16(value, kShift);
        if constexpr (kShift < 0) value = _mm512_slli_epi16(value, -kShift);
        return andMask(value, mask);
    }
    static I dot(I sum, B w, const std::int8_t* x) {
        std::int32_t four;
        std::memcpy(&four, x, 4);
        return _mm512_dpbusd_epi32(sum, w, _mm512_set1_epi32(four));
    }

    // Four rounds of pairwise exchanges: 32-bit and 64-bit within quarters, then the quarters.
    static void transpose16(const F* rows, float* out, std::int64_t outStride) {
        __m512 pairs[16], fours[16];
        for (int row = 0; row < 16; row += 2) {
            pairs[row] = _mm512_unpacklo_ps(rows[row], rows[row + 1]);
            pairs[row + 1] = _mm512_unpackhi_ps(rows[row], rows[row + 1]);
        }
        for (int row = 0; row < 16; row += 4) {
            fours[row] = mergeLow(pairs[row], pairs[row + 2]);
            fours[row + 1] = mergeHigh(pairs[row], pairs[row + 2]);
            fours[row + 2] = mergeLow(pairs[row + 1], pairs[row + 3]);
            fours[row + 3] = mergeHigh(pairs[row + 1], pairs[row + 3]);
        }
        // fours[4 g + c] holds, in quarter q, column 4 q + c of rows 4 g .. 4 g + 3.
        for (int column = 0; column < 4; ++column) {
            const __m512 ab02 = _mm512_shuffle_f32x4(fours[column], fours[column + 4], 0x88);
            const __m512 ab13 = _mm512_shuffle_f32x4(fours[column], fours[column + 4], 0xdd);
            const __m512 cd02 = _mm512_shuffle_f32x4(fours[column + 8], fours[column + 12], 0x88);
            const __m512 cd13 = _mm512_shuffle_f32x4(fours[column + 8], fours[column + 12], 0xdd);
            store(out + column * outStride, _mm512_shuffle_f32x4(ab02, cd02, 0x88));
            store(out + (column + 4) * outStride, _mm512_shuffle_f32x4(ab13, cd13, 0x88));
            store(out + (column + 8) * outStride, _mm512_shuffle_f32x4(ab02, cd02, 0xdd));
            store(out + (column + 12) * outStride, _mm512_shuffle_f32x4(ab13, cd13, 0xdd));
        }
    }

private:
    // Sign-extended.
    static __m256i loadSixteen(const void* source) {
        return _mm256_cvtepi8_epi16(_mm_loadu_si128(static_cast<const __m128i*>(source)));
    }
    static F mergeLow(F a, F b) {
        return _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)));
    }
    static F mergeHigh(F a, F b) {
        return _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)));
    }
};

}  // namespace sotto::cpu

// __half and __half2 for the host compiler: the conversions and the arithmetic that kernels use.
//
// Values are held as their bits; every operation is done in float and rounded once to nearest even,
// which is exact for +, -, * and / and for a fused multiply-add of halves (a product of two halves
// and a sum with a third fit float's rounding only through double, used there).
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

#include "vector_types.h"

namespace simt {

// Exact: the half's exponent and mantissa as float's, then the difference of the biases as a
// factor, which also normalizes subnormals.
inline float halfBitsToFloat(std::uint16_t bits) {
    const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000u) << 16;
    const std::uint32_t shifted = static_cast<std::uint32_t>(bits & 0x7fffu) << 13;
    const float scaled = std::bit_cast<float>(shifted) * 0x1p112f;
    const bool isSpecial = (bits & 0x7c00u) == 0x7c00u;
    const std::uint32_t magnitude =
        isSpecial ? (shifted | 0x7f800000u) : std::bit_cast<std::uint32_t>(scaled);
    return std::bit_cast<float>(sign | magnitude);
}

// Rounds to nearest even; beyond 65504 + half a step to infinity. Takes double so that results of
// fused operations round once: a double holds them exactly.
inline std::uint16_t doubleToHalfBits(double value) {
    const std::uint16_t sign = std::signbit(value) ? 0x8000u : 0u;
    const double magnitude = std::fabs(value);
    if (std::isnan(value)) return 0x7fffu;  // the device's canonical NaN
    if (magnitude == 0.0) return sign;      // frexp gives it an exponent like any other
    if (magnitude >= 65520.0) return sign | 0x7c00u;
    int exponent = 0;
    std::frexp(magnitude, &exponent);
    // Units of the last place at this magnitude: 2^(exponent - 11), at least the subnormal step.
    const int unit = exponent - 11 < -24 ? -24 : exponent - 11;
    const double units = std::nearbyint(std::ldexp(magnitude, -unit));
    if (unit == -24) return sign | static_cast<std::uint16_t>(units);
    // units is in [1024, 2048]; the carry of a full 2048 runs into the exponent as it should.
    return static_cast<std::uint16_t>(sign |
                                      (((unit + 25) << 10) + static_cast<int>(units) - 1024));
}

}  // namespace simt

struct __half_raw {
    unsigned short x;
};

struct __half {
    std::uint16_t bits;

    __half() = default;
    __half(__half_raw raw) : bits(raw.x) {}
    __half(float value) : bits(simt::doubleToHalfBits(value)) {}
    __half(double value) : bits(simt::doubleToHalfBits(value)) {}
    __half(int value) : bits(simt::doubleToHalfBits(value)) {}
    operator float() const { return simt::halfBitsToFloat(bits); }
    operator __half_raw() const { return {bits}; }
};
using half = __half;

struct alignas(4) __half2 {
    __half x, y;

    __half2() = default;
    __half2(__half low, __half high) : x(low), y(high) {}
};
using half2 = __half2;

inline float __half2float(__half value) { return simt::halfBitsToFloat(value.bits); }
inline __half __float2half(float value) { return {value}; }
inline __half __float2half_rn(float value) { return {value}; }
inline __half __float2half_rz(float value) {
    __half result(value);
    const float back = __half2float(result);
    // Rounding away from zero is undone by one step down in magnitude.
    if (std::fabs(back) > std::fabs(value)) --result.bits;
    return result;
}
inline __half __ushort_as_half(unsigned short bits) { return __half_raw{bits}; }
inline unsigned short __half_as_ushort(__half value) { return value.bits; }
inline __half __short_as_half(short bits) { return __half_raw{static_cast<unsigned short>(bits)}; }
inline short __half_as_short(__half value) { return static_cast<short>(value.bits); }
inline __half __int2half_rn(int value) { return {value}; }
inline int __half2int_rn(__half value) { return static_cast<int>(nearbyintf(value)); }

inline __half2 __halves2half2(__half low, __half high) { return {low, high}; }
inline __half2 __half2half2(__half both) { return {both, both}; }
inline __half2 __float2half2_rn(float both) { return {__half(both), __half(both)}; }
inline __half2 __floats2half2_rn(float low, float high) { return {__half(low), __half(high)}; }
inline __half2 __float22half2_rn(float2 values) { return {__half(values.x), __half(values.y)}; }
inline __half2 make_half2(__half low, __half high) { return {low, high}; }
inline float2 __half22float2(__half2 values) { return {values.x, values.y}; }
inline __half __low2half(__half2 values) { return values.x; }
inline __half __high2half(__half2 values) { return values.y; }
inline float __low2float(__half2 values) { return values.x; }
inline float __high2float(__half2 values) { return values.y; }

namespace simt {
inline double wide(__half value) { return halfBitsToFloat(value.bits); }
}  // namespace simt

inline __half __hadd(__half a, __half b) { return {simt::wide(a) + simt::wide(b)}; }
inline __half __hsub(__half a, __half b) { return {simt::wide(a) - simt::wide(b)}; }
inline __half __hmul(__half a, __half b) { return {simt::wide(a) * simt::wide(b)}; }
inline __half __hdiv(__half a, __half b) { return {__half2float(a) / __half2float(b)}; }
inline __half __hfma(__half a, __half b, __half c) {
    return {std::fma(simt::wide(a), simt::wide(b), simt::wide(c))};
}
inline __half __hneg(__half a) {
    return __ushort_as_half(static_cast<unsigned short>(a.bits ^ 0x8000u));
}
inline __half __habs(__half a) {
    return __ushort_as_half(static_cast<unsigned short>(a.bits & 0x7fffu));
}
inline __half __hmax(__half a, __half b) { return {fmaxf(a, b)}; }
inline __half __hmin(__half a, __half b) { return {fminf(a, b)}; }
inline __half2 __hadd2(__half2 a, __half2 b) { return {__hadd(a.x, b.x), __hadd(a.y, b.y)}; }
inline __half2 __hsub2(__half2 a, __half2 b) { return {__hsub(a.x, b.x), __hsub(a.y, b.y)}; }
inline __half2 __hmul2(__half2 a, __half2 b) { return {__hmul(a.x, b.x), __hmul(a.y, b.y)}; }
inline __half2 __hfma2(__half2 a, __half2 b, __half2 c) {
    return {__hfma(a.x, b.x, c.x), __hfma(a.y, b.y, c.y)};
}
inline bool __hisnan(__half a) { return (a.bits & 0x7fffu) > 0x7c00u; }

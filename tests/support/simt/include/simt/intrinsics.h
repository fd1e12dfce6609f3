// Device functions of CUDA that kernels use, for the host compiler: bits, integers in words, math,
// atomics, cached loads.
//
// Rounding is IEEE's for add, multiply, fma, divide and square root, as on the device; the
// approximate functions (__expf, rsqrtf, exp2f ...) give the host library's nearest value, so tests
// must allow for the device's errors (CUDA C++ Programming Guide, "Mathematical Functions").
#pragma once

#include <math.h>

#include <bit>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <type_traits>

#include "simt/block.h"

inline int __float_as_int(float value) { return std::bit_cast<int>(value); }
inline unsigned __float_as_uint(float value) { return std::bit_cast<unsigned>(value); }
inline float __int_as_float(int value) { return std::bit_cast<float>(value); }
inline float __uint_as_float(unsigned value) { return std::bit_cast<float>(value); }
inline long long __double_as_longlong(double value) { return std::bit_cast<long long>(value); }

inline int __popc(unsigned value) { return std::popcount(value); }
inline int __popcll(unsigned long long value) { return std::popcount(value); }
inline int __clz(int value) { return std::countl_zero(static_cast<unsigned>(value)); }
inline int __ffs(int value) { return __builtin_ffs(value); }
inline unsigned __brev(unsigned value) {
    unsigned reversed = 0;
    for (int bit = 0; bit < 32; ++bit) reversed |= (value >> bit & 1u) << (31 - bit);
    return reversed;
}
inline unsigned __umulhi(unsigned a, unsigned b) {
    return static_cast<unsigned>(static_cast<unsigned long long>(a) * b >> 32);
}
inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
    const unsigned long long both = static_cast<unsigned long long>(high) << 32 | low;
    return static_cast<unsigned>(both >> (shift & 31u));
}
inline unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift) {
    const unsigned long long both = static_cast<unsigned long long>(high) << 32 | low;
    return static_cast<unsigned>(both << (shift & 31u) >> 32);
}

// Result byte n is the byte of (y:x) that selector nibble n names; bit 3 of the nibble asks for the
// sign replicated over the byte.
inline unsigned __byte_perm(unsigned x, unsigned y, unsigned selector) {
    const unsigned long long both = static_cast<unsigned long long>(y) << 32 | x;
    unsigned result = 0;
    for (int byte = 0; byte < 4; ++byte) {
        const unsigned nibble = selector >> (4 * byte) & 0xfu;
        unsigned chosen = static_cast<unsigned>(both >> (8 * (nibble & 7u))) & 0xffu;
        if ((nibble & 8u) != 0) chosen = (chosen & 0x80u) != 0 ? 0xffu : 0u;
        result |= chosen << (8 * byte);
    }
    return result;
}

namespace simt {

inline int signedByte(unsigned word, int byte) {
    return static_cast<std::int8_t>(word >> (8 * byte));
}
inline int unsignedByte(unsigned word, int byte) {
    return static_cast<std::uint8_t>(word >> (8 * byte));
}

// Applies an operation to the four bytes of two words; the result wraps to 8 bits.
template <class Read, class Operation>
unsigned eachByte(unsigned a, unsigned b, Read read, Operation operation) {
    unsigned result = 0;
    for (int byte = 0; byte < 4; ++byte)
        result |= (static_cast<unsigned>(operation(read(a, byte), read(b, byte))) & 0xffu)
                  << (8 * byte);
    return result;
}

inline int saturateToByte(int value) { return value < -128 ? -128 : value > 127 ? 127 : value; }

}  // namespace simt

// The accumulators of dp4a wrap, as on the device.
inline int __dp4a(int a, int b, int c) {
    auto sum = static_cast<unsigned>(c);
    for (int byte = 0; byte < 4; ++byte)
        sum += static_cast<unsigned>(simt::signedByte(static_cast<unsigned>(a), byte) *
                                     simt::signedByte(static_cast<unsigned>(b), byte));
    return static_cast<int>(sum);
}
inline unsigned __dp4a(unsigned a, unsigned b, unsigned c) {
    for (int byte = 0; byte < 4; ++byte)
        c += static_cast<unsigned>(simt::unsignedByte(a, byte) * simt::unsignedByte(b, byte));
    return c;
}
inline unsigned __vadd4(unsigned a, unsigned b) {
    return simt::eachByte(a, b, simt::signedByte, [](int x, int y) { return x + y; });
}
inline unsigned __vsub4(unsigned a, unsigned b) {
    return simt::eachByte(a, b, simt::signedByte, [](int x, int y) { return x - y; });
}
inline unsigned __vaddss4(unsigned a, unsigned b) {
    return simt::eachByte(a, b, simt::signedByte,
                          [](int x, int y) { return simt::saturateToByte(x + y); });
}
inline unsigned __vsubss4(unsigned a, unsigned b) {
    return simt::eachByte(a, b, simt::signedByte,
                          [](int x, int y) { return simt::saturateToByte(x - y); });
}
inline unsigned __vcmpeq4(unsigned a, unsigned b) {
    return simt::eachByte(a, b, simt::unsignedByte, [](int x, int y) { return x == y ? 255 : 0; });
}

// CUDA's min and max, without its mixed overloads: kernels cast. NaN loses against a number.
#define SIMT_MIN_MAX(T)                                 \
    constexpr T min(T a, T b) { return b < a ? b : a; } \
    constexpr T max(T a, T b) { return a < b ? b : a; }
SIMT_MIN_MAX(int)
SIMT_MIN_MAX(unsigned)
SIMT_MIN_MAX(long)
SIMT_MIN_MAX(unsigned long)
SIMT_MIN_MAX(long long)
SIMT_MIN_MAX(unsigned long long)
#undef SIMT_MIN_MAX
inline float min(float a, float b) { return fminf(a, b); }
inline float max(float a, float b) { return fmaxf(a, b); }
inline double min(double a, double b) { return fmin(a, b); }
inline double max(double a, double b) { return fmax(a, b); }

inline float rsqrtf(float x) { return static_cast<float>(1.0 / std::sqrt(static_cast<double>(x))); }
inline double rsqrt(double x) { return 1.0 / std::sqrt(x); }
inline float __expf(float x) { return expf(x); }
inline float __logf(float x) { return logf(x); }
inline float __log2f(float x) { return log2f(x); }
inline float __sinf(float x) { return sinf(x); }
inline float __cosf(float x) { return cosf(x); }
inline float __powf(float x, float y) { return powf(x, y); }
inline float __exp10f(float x) { return powf(10.0f, x); }
inline float __tanhf(float x) { return tanhf(x); }
inline float __saturatef(float x) { return x > 0.0f ? (x < 1.0f ? x : 1.0f) : 0.0f; }
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fdividef(float a, float b) { return a / b; }
inline float __frcp_rn(float x) { return 1.0f / x; }
inline float __fsqrt_rn(float x) { return std::sqrt(x); }
inline float __frsqrt_rn(float x) { return rsqrtf(x); }

namespace simt {

// Conversions saturate and give 0 for NaN, as cvt does.
template <class Integer>
Integer saturateTo(float rounded) {
    if (std::isnan(rounded)) return 0;
    const auto value = static_cast<double>(rounded);
    const auto low = static_cast<double>(std::numeric_limits<Integer>::min());
    const auto high = static_cast<double>(std::numeric_limits<Integer>::max());
    return value <= low    ? std::numeric_limits<Integer>::min()
           : value >= high ? std::numeric_limits<Integer>::max()
                           : static_cast<Integer>(value);
}

}  // namespace simt

inline int __float2int_rn(float x) { return simt::saturateTo<int>(nearbyintf(x)); }
inline int __float2int_rz(float x) { return simt::saturateTo<int>(truncf(x)); }
inline int __float2int_rd(float x) { return simt::saturateTo<int>(floorf(x)); }
inline int __float2int_ru(float x) { return simt::saturateTo<int>(ceilf(x)); }
inline unsigned __float2uint_rn(float x) { return simt::saturateTo<unsigned>(nearbyintf(x)); }
inline unsigned __float2uint_rz(float x) { return simt::saturateTo<unsigned>(truncf(x)); }
inline float __int2float_rn(int x) { return static_cast<float>(x); }
inline float __uint2float_rn(unsigned x) { return static_cast<float>(x); }

// Loads and stores with cache hints.
template <class T>
T __ldg(const T* address) {
    simt::checkReadOnly(address, sizeof(T));
    return *address;
}
template <class T>
T __ldcs(const T* address) {
    return *address;
}
template <class T>
T __ldcg(const T* address) {
    return *address;
}
template <class T>
T __ldca(const T* address) {
    return *address;
}
template <class T>
void __stcs(T* address, T value) {
    *address = value;
}
template <class T>
void __stcg(T* address, T value) {
    *address = value;
}

inline void __threadfence() {}
inline void __threadfence_block() {}
inline void __threadfence_system() {}
inline void __nanosleep(unsigned) {}
[[noreturn]] inline void __trap() { simt::fail("__trap()"); }

namespace simt {

// The types that the hardware's atomics have overloads for; long is not among them.
template <class T>
concept AtomicInteger =
    std::is_same_v<T, int> || std::is_same_v<T, unsigned> || std::is_same_v<T, unsigned long long>;
template <class T>
concept AtomicOrdered = AtomicInteger<T> || std::is_same_v<T, long long>;
template <class T>
concept AtomicAddable = AtomicInteger<T> || std::is_same_v<T, float> || std::is_same_v<T, double>;
template <class T>
concept AtomicSwappable = AtomicInteger<T> || std::is_same_v<T, float>;

template <class T>
T replace(T* address, T value) {
    const T old = *address;
    *address = value;
    return old;
}

}  // namespace simt

// Threads change places at meeting points only, so plain updates are atomic.
template <simt::AtomicAddable T>
T atomicAdd(T* address, std::type_identity_t<T> value) {
    if constexpr (std::is_same_v<T, int>)  // wraps
        return simt::replace(address, static_cast<int>(static_cast<unsigned>(*address) +
                                                       static_cast<unsigned>(value)));
    else
        return simt::replace(address, static_cast<T>(*address + value));
}
template <class T>
requires(std::is_same_v<T, int> || std::is_same_v<T, unsigned>) T
    atomicSub(T* address, std::type_identity_t<T> value) {
    return simt::replace(
        address, static_cast<T>(static_cast<unsigned>(*address) - static_cast<unsigned>(value)));
}
template <simt::AtomicOrdered T>
T atomicMax(T* address, std::type_identity_t<T> value) {
    return simt::replace(address, *address < value ? value : *address);
}
template <simt::AtomicOrdered T>
T atomicMin(T* address, std::type_identity_t<T> value) {
    return simt::replace(address, value < *address ? value : *address);
}
template <simt::AtomicSwappable T>
T atomicExch(T* address, std::type_identity_t<T> value) {
    return simt::replace(address, value);
}
template <simt::AtomicInteger T>
T atomicCAS(T* address, std::type_identity_t<T> expected, std::type_identity_t<T> value) {
    return simt::replace(address, *address == expected ? value : *address);
}
template <simt::AtomicInteger T>
T atomicOr(T* address, std::type_identity_t<T> value) {
    return simt::replace(address, static_cast<T>(*address | value));
}
template <simt::AtomicInteger T>
T atomicAnd(T* address, std::type_identity_t<T> value) {
    return simt::replace(address, static_cast<T>(*address & value));
}
template <simt::AtomicInteger T>
T atomicXor(T* address, std::type_identity_t<T> value) {
    return simt::replace(address, static_cast<T>(*address ^ value));
}
inline unsigned atomicInc(unsigned* address, unsigned limit) {
    return simt::replace(address, *address >= limit ? 0u : *address + 1u);
}
inline unsigned atomicDec(unsigned* address, unsigned limit) {
    return simt::replace(address, *address == 0 || *address > limit ? limit : *address - 1u);
}

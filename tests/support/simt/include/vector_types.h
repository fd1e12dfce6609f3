// CUDA's built-in vector types for the host compiler: the same names, sizes and alignments.
//
// Part of the emulated toolkit headers (tests/support/simt/README.md). Source: CUDA C++ Programming
// Guide, "Built-in Vector Types".
#pragma once

// NAME1..4: 1 to 4 components of T; alignments are those of the guide's table.
#define SIMT_VECTOR_TYPES(NAME, T, ALIGN2, ALIGN4)                        \
    struct NAME##1 {                                                      \
        T x;                                                              \
    };                                                                    \
    struct alignas(ALIGN2) NAME##2 {                                      \
        T x, y;                                                           \
    };                                                                    \
    struct NAME##3 {                                                      \
        T x, y, z;                                                        \
    };                                                                    \
    struct alignas(ALIGN4) NAME##4 {                                      \
        T x, y, z, w;                                                     \
    };                                                                    \
    constexpr NAME##1 make_##NAME##1(T x) { return {x}; }                 \
    constexpr NAME##2 make_##NAME##2(T x, T y) { return {x, y}; }         \
    constexpr NAME##3 make_##NAME##3(T x, T y, T z) { return {x, y, z}; } \
    constexpr NAME##4 make_##NAME##4(T x, T y, T z, T w) { return {x, y, z, w}; }

SIMT_VECTOR_TYPES(char, signed char, 2, 4)
SIMT_VECTOR_TYPES(uchar, unsigned char, 2, 4)
SIMT_VECTOR_TYPES(short, short, 4, 8)
SIMT_VECTOR_TYPES(ushort, unsigned short, 4, 8)
SIMT_VECTOR_TYPES(int, int, 8, 16)
SIMT_VECTOR_TYPES(uint, unsigned int, 8, 16)
SIMT_VECTOR_TYPES(longlong, long long, 16, 16)
SIMT_VECTOR_TYPES(ulonglong, unsigned long long, 16, 16)
SIMT_VECTOR_TYPES(float, float, 8, 16)
SIMT_VECTOR_TYPES(double, double, 16, 16)
#undef SIMT_VECTOR_TYPES

struct dim3 {
    unsigned int x = 1, y = 1, z = 1;

    constexpr dim3(unsigned int xCount = 1, unsigned int yCount = 1, unsigned int zCount = 1)
        : x(xCount), y(yCount), z(zCount) {}
    constexpr dim3(uint3 counts) : x(counts.x), y(counts.y), z(counts.z) {}
    constexpr operator uint3() const { return {x, y, z}; }
};

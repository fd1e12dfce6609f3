// The tensor-core steps that sm_75 has, as inline PTX, and for the tests' emulator any product of
// fragments as a plain matrix product.
//
// Part of mma.h, which describes the fragments. Nothing else includes this.
#pragma once

#include <cstdint>

#include <cuda_runtime.h>

#ifndef __CUDACC__
#include <bit>
#include <cmath>

#include <cuda_fp16.h>
#endif

namespace sotto::cuda::detail {

#ifdef __CUDACC__

// D(8x8) += A(8x16 s8) * B(16x8 s8): a is row g, b column g, c0 and c1 row g, columns 2t, 2t + 1.
__device__ __forceinline__ void mmaS8Rows8(int& c0, int& c1, std::uint32_t a, std::uint32_t b) {
    asm("mma.sync.aligned.m8n8k16.row.col.s32.s8.s8.s32 {%0, %1}, {%2}, {%3}, {%0, %1};"
        : "+r"(c0), "+r"(c1)
        : "r"(a), "r"(b));
}

// D(16x8) += A(16x8 f16) * B(8x8 f16).
__device__ __forceinline__ void mmaF16k8(float (&c)[4], const std::uint32_t (&a)[2],
                                         std::uint32_t b) {
    asm("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, "
        "{%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(b));
}

#else

// What a register holds: how many k, the number at each, and what the products are summed in.
struct SignedBytes {
    using Sum = int;
    static constexpr int kPerRegister = 4;
    static int number(std::uint32_t word, int index) {
        return static_cast<std::int8_t>(word >> (8 * index));
    }
    // Wraps, as the accumulators without .satfinite do.
    static int add(int sum, int a, int b) {
        return static_cast<int>(static_cast<std::uint32_t>(sum) +
                                static_cast<std::uint32_t>(a * b));
    }
};
struct Halves {
    using Sum = float;
    static constexpr int kPerRegister = 2;
    static float number(std::uint32_t word, int index) {
        return simt::halfBitsToFloat(static_cast<std::uint16_t>(word >> (16 * index)));
    }
    // The product of two halves is exact in float, so this is fmaf.
    static float add(float sum, float a, float b) { return sum + a * b; }
};
struct Bfloats {
    using Sum = float;
    static constexpr int kPerRegister = 2;
    static float number(std::uint32_t word, int index) {
        return std::bit_cast<float>(index == 0 ? word << 16 : word & 0xffff0000u);
    }
    static float add(float sum, float a, float b) { return std::fma(a, b, sum); }
};

template <class Type>
struct Fragments {
    typename Type::Sum* c;
    const std::uint32_t* a;  // [half of K][kRowTiles]
    const std::uint32_t* b;  // [half of K]
};

// kHalves steps of 4 registers' worth of k; kRowTiles 2 for 16 rows, 1 for 8.
template <class Type, int kHalves, int kRowTiles>
void multiplyFragments(void* const* payloads, std::uint32_t lanes) {
    if (lanes != simt::kAllLanes) simt::fail("mma without all 32 lanes");
    using Number = decltype(Type::number(0, 0));
    constexpr int kRows = 8 * kRowTiles;
    constexpr int kDepth = 4 * Type::kPerRegister * kHalves;
    Number a[kRows][kDepth];
    Number b[kDepth][8];
    for (int lane = 0; lane < 32; ++lane) {
        const auto& fragments = *static_cast<const Fragments<Type>*>(payloads[lane]);
        for (int half = 0; half < kHalves; ++half) {
            for (int index = 0; index < Type::kPerRegister; ++index) {
                const int k = (4 * half + lane % 4) * Type::kPerRegister + index;
                for (int tile = 0; tile < kRowTiles; ++tile)
                    a[8 * tile + lane / 4][k] =
                        Type::number(fragments.a[kRowTiles * half + tile], index);
                b[k][lane / 4] = Type::number(fragments.b[half], index);
            }
        }
    }
    for (int row = 0; row < kRows; ++row) {
        typename Type::Sum* sums[8];
        typename Type::Sum row8[8];
        for (int column = 0; column < 8; ++column) {
            const auto* owner =
                static_cast<const Fragments<Type>*>(payloads[4 * (row % 8) + column / 2]);
            sums[column] = &owner->c[2 * (row / 8) + column % 2];
            row8[column] = *sums[column];
        }
        for (int k = 0; k < kDepth; ++k)
            for (int column = 0; column < 8; ++column)
                row8[column] = Type::add(row8[column], a[row][k], b[k][column]);
        for (int column = 0; column < 8; ++column) *sums[column] = row8[column];
    }
}

template <class Type, int kHalves, int kRowTiles = 2>
void multiply(typename Type::Sum* c, const std::uint32_t* a, const std::uint32_t* b,
              const simt::Where& where) {
    Fragments<Type> fragments{c, a, b};
    simt::warpCollective(simt::kAllLanes, &multiplyFragments<Type, kHalves, kRowTiles>, &fragments,
                         where);
}

inline void mmaS8Rows8(int& c0, int& c1, std::uint32_t a, std::uint32_t b) {
    int c[2] = {c0, c1};
    multiply<SignedBytes, 1, 1>(c, &a, &b, simt::Where::current());
    c0 = c[0];
    c1 = c[1];
}

inline void mmaF16k8(float (&c)[4], const std::uint32_t (&a)[2], std::uint32_t b) {
    multiply<Halves, 1>(c, a, &b, simt::Where::current());
}

#endif

}  // namespace sotto::cuda::detail

// mma with unsigned 8-bit A (weights' codes) and signed 8-bit B (activations), fragments as in
// mma.h.
//
//   mmaU8S8k32: D(16x8) += A(16x32 u8, row) * B(32x8 s8, column)      mmaU8S8k16: 16x8x16
// sm_80 and later have them whole, sm_75 composes them of m8n8k16, as in mma.h. Source: PTX ISA,
// "Matrix multiply-accumulate operation using mma instruction": integer types of A and B may
// differ.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace sotto::cuda {

namespace detail {

#ifdef __CUDACC__

// D(8x8) += A(8x16) * B(16x8): a is row g.
__device__ __forceinline__ void mmaU8S8Rows8(int& c0, int& c1, std::uint32_t a, std::uint32_t b) {
    asm("mma.sync.aligned.m8n8k16.row.col.s32.u8.s8.s32 {%0, %1}, {%2}, {%3}, {%0, %1};"
        : "+r"(c0), "+r"(c1)
        : "r"(a), "r"(b));
}

#else

struct UnsignedTile {
    int* c[2];  // of rows g and g + 8
    const std::uint32_t* a;
    const std::uint32_t* b;
};

// The lane 4g + t has rows g and g + 8 of A and column g of B: k = 4t .. 4t + 3 of each 16.
template <int nRowTiles, int nHalves>
void multiplyUnsigned(void* const* payloads, std::uint32_t) {
    int a[8 * nRowTiles][16 * nHalves];
    int b[16 * nHalves][8];
    for (int lane = 0; lane < 32; ++lane) {
        const auto& tile = *static_cast<const UnsignedTile*>(payloads[lane]);
        for (int index = 0; index < 4 * nHalves; ++index) {
            const int half = index / 4;
            const int shift = 8 * (index % 4);
            const int k = 16 * half + 4 * (lane % 4) + index % 4;
            b[k][lane / 4] = static_cast<std::int8_t>(tile.b[half] >> shift);
            for (int rows = 0; rows < nRowTiles; ++rows)
                a[8 * rows + lane / 4][k] =
                    static_cast<std::uint8_t>(tile.a[nRowTiles * half + rows] >> shift);
        }
    }
    for (int row = 0; row < 8 * nRowTiles; ++row) {
        int sums[8] = {};
        for (int k = 0; k < 16 * nHalves; ++k)
            for (int col = 0; col < 8; ++col) sums[col] += a[row][k] * b[k][col];
        for (int col = 0; col < 8; ++col) {
            const auto& tile = *static_cast<const UnsignedTile*>(payloads[4 * (row % 8) + col / 2]);
            tile.c[row / 8][col % 2] += sums[col];
        }
    }
}

inline void mmaU8S8Rows8(int& c0, int& c1, std::uint32_t a, std::uint32_t b) {
    int c[2] = {c0, c1};
    UnsignedTile tile{.c = {c, nullptr}, .a = &a, .b = &b};
    simt::warpCollective(simt::kAllLanes, &multiplyUnsigned<1, 1>, &tile, simt::Where::current());
    c0 = c[0];
    c1 = c[1];
}

#endif

}  // namespace detail

// What sm_75 runs; compiled everywhere, so that the tests run it too.
namespace composed {

__device__ __forceinline__ void mmaU8S8k16(int (&c)[4], const std::uint32_t (&a)[2],
                                           std::uint32_t b) {
    detail::mmaU8S8Rows8(c[0], c[1], a[0], b);
    detail::mmaU8S8Rows8(c[2], c[3], a[1], b);
}

__device__ __forceinline__ void mmaU8S8k32(int (&c)[4], const std::uint32_t (&a)[4],
                                           const std::uint32_t (&b)[2]) {
    mmaU8S8k16(c, {a[0], a[1]}, b[0]);
    mmaU8S8k16(c, {a[2], a[3]}, b[1]);
}

}  // namespace composed

#if defined(__CUDACC__) && __CUDA_ARCH__ >= 800

__device__ __forceinline__ void mmaU8S8k16(int (&c)[4], const std::uint32_t (&a)[2],
                                           std::uint32_t b) {
    asm("mma.sync.aligned.m16n8k16.row.col.s32.u8.s8.s32 {%0, %1, %2, %3}, {%4, %5}, {%6}, "
        "{%0, %1, %2, %3};"
        : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(b));
}

__device__ __forceinline__ void mmaU8S8k32(int (&c)[4], const std::uint32_t (&a)[4],
                                           const std::uint32_t (&b)[2]) {
    asm("mma.sync.aligned.m16n8k32.row.col.s32.u8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
        "{%8, %9}, {%0, %1, %2, %3};"
        : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

#elif defined(__CUDACC__)

using composed::mmaU8S8k16;
using composed::mmaU8S8k32;

#else

inline void mmaU8S8k16(int (&c)[4], const std::uint32_t (&a)[2], std::uint32_t b,
                       const simt::Where& where = simt::Where::current()) {
    detail::UnsignedTile tile{.c = {c, c + 2}, .a = a, .b = &b};
    simt::warpCollective(simt::kAllLanes, &detail::multiplyUnsigned<2, 1>, &tile, where);
}

inline void mmaU8S8k32(int (&c)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2],
                       const simt::Where& where = simt::Where::current()) {
    detail::UnsignedTile tile{.c = {c, c + 2}, .a = a, .b = b};
    simt::warpCollective(simt::kAllLanes, &detail::multiplyUnsigned<2, 2>, &tile, where);
}

#endif

}  // namespace sotto::cuda

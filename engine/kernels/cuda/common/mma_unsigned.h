// mma with unsigned 8-bit weights and signed 8-bit activations, fragments as in mma.h.
//
//   mmaU8S8k32: D += A(16x32 u8, row) * B(32x8 s8, col)     mmaU8S8k16: 16x8x16
// sm_80 and later have them whole; sm_75 puts them together from m8n8k16. Source: PTX ISA, "Matrix
// multiply-accumulate operation using mma instruction", integer types of A and B may differ.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace sotto::cuda {

#ifdef __CUDACC__

namespace detail {

// Rows g of A in one register: D(8x8) += A(8x16) * B(16x8).
__device__ __forceinline__ void mmaU8S8Rows8(int& c0, int& c1, std::uint32_t a, std::uint32_t b) {
    asm("mma.sync.aligned.m8n8k16.row.col.s32.u8.s8.s32 {%0, %1}, {%2}, {%3}, {%0, %1};"
        : "+r"(c0), "+r"(c1)
        : "r"(a), "r"(b));
}

}  // namespace detail

__device__ __forceinline__ void mmaU8S8k16(int (&c)[4], const std::uint32_t (&a)[2],
                                           std::uint32_t b) {
#if __CUDA_ARCH__ >= 800
    asm("mma.sync.aligned.m16n8k16.row.col.s32.u8.s8.s32 {%0, %1, %2, %3}, {%4, %5}, {%6}, "
        "{%0, %1, %2, %3};"
        : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(b));
#else
    detail::mmaU8S8Rows8(c[0], c[1], a[0], b);
    detail::mmaU8S8Rows8(c[2], c[3], a[1], b);
#endif
}

__device__ __forceinline__ void mmaU8S8k32(int (&c)[4], const std::uint32_t (&a)[4],
                                           const std::uint32_t (&b)[2]) {
#if __CUDA_ARCH__ >= 800
    asm("mma.sync.aligned.m16n8k32.row.col.s32.u8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
        "{%8, %9}, {%0, %1, %2, %3};"
        : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
    mmaU8S8k16(c, {a[0], a[1]}, b[0]);
    mmaU8S8k16(c, {a[2], a[3]}, b[1]);
#endif
}

#else

namespace detail {

struct UnsignedTile {
    int* c;
    const std::uint32_t* a;  // registers in mma.h's order
    const std::uint32_t* b;
    int nHalves;  // of 16 columns
};

// All lanes' registers are at hand: row r, column k of A is in register r / 8 + 2 * (k / 16) of
// lane 4 * (r % 8) + k % 16 / 4; column n, row k of B in register k / 16 of lane 4 * n + k % 16
// / 4.
inline void multiplyUnsignedTile(void* const* payloads, std::uint32_t) {
    const auto tileOf = [&](int lane) { return *static_cast<UnsignedTile*>(payloads[lane]); };
    for (int row = 0; row < 16; ++row) {
        for (int col = 0; col < 8; ++col) {
            int sum = 0;
            for (int k = 0; k < 16 * tileOf(0).nHalves; ++k) {
                const int shift = 8 * (k % 4);
                const std::uint32_t a =
                    tileOf(4 * (row % 8) + k % 16 / 4).a[row / 8 + 2 * (k / 16)];
                const std::uint32_t b = tileOf(4 * col + k % 16 / 4).b[k / 16];
                sum += static_cast<std::uint8_t>(a >> shift) * static_cast<std::int8_t>(b >> shift);
            }
            tileOf(4 * (row % 8) + col / 2).c[2 * (row / 8) + col % 2] += sum;
        }
    }
}

}  // namespace detail

inline void mmaU8S8k16(int (&c)[4], const std::uint32_t (&a)[2], std::uint32_t b,
                       const simt::Where& where = simt::Where::current()) {
    detail::UnsignedTile tile{c, a, &b, 1};
    simt::warpCollective(simt::kAllLanes, &detail::multiplyUnsignedTile, &tile, where);
}

inline void mmaU8S8k32(int (&c)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2],
                       const simt::Where& where = simt::Where::current()) {
    detail::UnsignedTile tile{c, a, b, 2};
    simt::warpCollective(simt::kAllLanes, &detail::multiplyUnsignedTile, &tile, where);
}

#endif

}  // namespace sotto::cuda

// Matrix products of a warp on the tensor cores: D(16x8) += A(16xK, row) * B(Kx8, column).
//
// All 32 lanes take part. lane = 4 * g + t. Registers, as in the PTX manual's fragments: a[0] row
// g, a[1] row g + 8, a[2] and a[3] the same rows in the second half of K; b[0], b[1] column g,
// first and second half of K; c[0], c[1] row g, columns 2t and 2t + 1; c[2], c[3] row g + 8. Within
// a half of K, 8-bit registers hold k = 4t .. 4t + 3, 16-bit ones k = 2t and 2t + 1, lowest bits
// first. sm_75 composes them from smaller steps; the composition is compiled everywhere, so that
// the tests run it too. Emulated float sums go in the order of k from c on; the hardware aligns and
// truncates instead, so only bounds may be expected of it. Source: PTX ISA, "Matrix
// multiply-accumulate operation using mma instruction".
#pragma once

#include <cstdint>

#include <cuda_runtime.h>

#include "engine/kernels/cuda/common/mma_steps.h"

namespace sotto::cuda {

// What sm_75 runs.
namespace composed {

__device__ __forceinline__ void mmaS8k16(int (&c)[4], const std::uint32_t (&a)[2],
                                         std::uint32_t b) {
    detail::mmaS8Rows8(c[0], c[1], a[0], b);
    detail::mmaS8Rows8(c[2], c[3], a[1], b);
}

__device__ __forceinline__ void mmaS8k32(int (&c)[4], const std::uint32_t (&a)[4],
                                         const std::uint32_t (&b)[2]) {
    mmaS8k16(c, {a[0], a[1]}, b[0]);
    mmaS8k16(c, {a[2], a[3]}, b[1]);
}

__device__ __forceinline__ void mmaF16k16(float (&c)[4], const std::uint32_t (&a)[4],
                                          const std::uint32_t (&b)[2]) {
    detail::mmaF16k8(c, {a[0], a[1]}, b[0]);
    detail::mmaF16k8(c, {a[2], a[3]}, b[1]);
}

// No bfloat16 on sm_75's tensor cores: every pair of k is fetched from the lanes that hold it. The
// inner loop stays a loop: unrolled, its 32 shuffles take the registers of the kernels around it.
__device__ __forceinline__ void mmaBf16k16(float (&c)[4], const std::uint32_t (&a)[4],
                                           const std::uint32_t (&b)[2]) {
    constexpr unsigned kAll = 0xffffffffu;
    const int lane = static_cast<int>(threadIdx.x + threadIdx.y * blockDim.x +
                                      threadIdx.z * blockDim.x * blockDim.y) %
                     32;
    const int firstOfRow = lane & ~3;          // the lanes that hold row g of A
    const int firstOfColumn = (lane & 3) * 8;  // the lanes that hold column 2t of B
#pragma unroll
    for (int half = 0; half < 2; ++half) {
#pragma unroll 1
        for (int t = 0; t < 4; ++t) {
            const unsigned low = __shfl_sync(kAll, a[2 * half], firstOfRow + t);
            const unsigned high = __shfl_sync(kAll, a[2 * half + 1], firstOfRow + t);
            const unsigned even = __shfl_sync(kAll, b[half], firstOfColumn + t);
            const unsigned odd = __shfl_sync(kAll, b[half], firstOfColumn + 4 + t);
            // The lower bfloat16 of a register first, then the upper one, as k counts.
            c[0] = fmaf(__uint_as_float(low << 16), __uint_as_float(even << 16), c[0]);
            c[1] = fmaf(__uint_as_float(low << 16), __uint_as_float(odd << 16), c[1]);
            c[2] = fmaf(__uint_as_float(high << 16), __uint_as_float(even << 16), c[2]);
            c[3] = fmaf(__uint_as_float(high << 16), __uint_as_float(odd << 16), c[3]);
            constexpr unsigned kUpper = 0xffff0000u;
            c[0] = fmaf(__uint_as_float(low & kUpper), __uint_as_float(even & kUpper), c[0]);
            c[1] = fmaf(__uint_as_float(low & kUpper), __uint_as_float(odd & kUpper), c[1]);
            c[2] = fmaf(__uint_as_float(high & kUpper), __uint_as_float(even & kUpper), c[2]);
            c[3] = fmaf(__uint_as_float(high & kUpper), __uint_as_float(odd & kUpper), c[3]);
        }
    }
}

}  // namespace composed

#if defined(__CUDACC__) && __CUDA_ARCH__ >= 800

__device__ __forceinline__ void mmaS8k16(int (&c)[4], const std::uint32_t (&a)[2],
                                         std::uint32_t b) {
    asm("mma.sync.aligned.m16n8k16.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5}, {%6}, "
        "{%0, %1, %2, %3};"
        : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(b));
}

__device__ __forceinline__ void mmaS8k32(int (&c)[4], const std::uint32_t (&a)[4],
                                         const std::uint32_t (&b)[2]) {
    asm("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
        "{%8, %9}, {%0, %1, %2, %3};"
        : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

__device__ __forceinline__ void mmaF16k16(float (&c)[4], const std::uint32_t (&a)[4],
                                          const std::uint32_t (&b)[2]) {
    asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
        "{%8, %9}, {%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

__device__ __forceinline__ void mmaBf16k16(float (&c)[4], const std::uint32_t (&a)[4],
                                           const std::uint32_t (&b)[2]) {
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
        "{%8, %9}, {%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

#elif defined(__CUDACC__)

using composed::mmaBf16k16;
using composed::mmaF16k16;
using composed::mmaS8k16;
using composed::mmaS8k32;

#else

inline void mmaS8k16(int (&c)[4], const std::uint32_t (&a)[2], std::uint32_t b,
                     const simt::Where& where = simt::Where::current()) {
    detail::multiply<detail::SignedBytes, 1>(c, a, &b, where);
}

inline void mmaS8k32(int (&c)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2],
                     const simt::Where& where = simt::Where::current()) {
    detail::multiply<detail::SignedBytes, 2>(c, a, b, where);
}

inline void mmaF16k16(float (&c)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2],
                      const simt::Where& where = simt::Where::current()) {
    detail::multiply<detail::Halves, 2>(c, a, b, where);
}

inline void mmaBf16k16(float (&c)[4], const std::uint32_t (&a)[4], const std::uint32_t (&b)[2],
                       const simt::Where& where = simt::Where::current()) {
    detail::multiply<detail::Bfloats, 2>(c, a, b, where);
}

#endif

}  // namespace sotto::cuda

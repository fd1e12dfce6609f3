// mmaBf16k8: D(16x8) += A(16x8) * B(8x8), bfloat16 with float sums, fragments as in mma.h: a[0] row
// g, a[1] row g + 8, columns 2t and 2t + 1; b column g, rows 2t and 2t + 1.
//
// For products with fewer than 16 columns. sm_80 and later; below it is compiled, not meant to be
// used. Source: PTX ISA, "Matrix multiply-accumulate operation using mma instruction".
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "engine/kernels/cuda/common/mma.h"

namespace sotto::cuda {

#if defined(__CUDACC__) && __CUDA_ARCH__ >= 800

__device__ __forceinline__ void mmaBf16k8(float (&c)[4], const std::uint32_t (&a)[2],
                                          std::uint32_t b) {
    asm("mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, "
        "{%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(b));
}

#elif defined(__CUDACC__)

__device__ __forceinline__ void mmaBf16k8(float (&c)[4], const std::uint32_t (&a)[2],
                                          std::uint32_t b) {
    mmaBf16k16(c, {a[0], a[1], 0u, 0u}, {b, 0u});
}

#else

inline void mmaBf16k8(float (&c)[4], const std::uint32_t (&a)[2], std::uint32_t b,
                      const simt::Where& where = simt::Where::current()) {
    detail::multiply<detail::Bfloats, 1>(c, a, &b, where);
}

#endif

}  // namespace sotto::cuda

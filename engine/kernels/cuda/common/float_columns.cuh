// Neighbouring float columns of one thread: four in one load where everything is aligned to 16
// bytes, else one.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace sotto::cuda {

inline bool isAligned16(const void* pointer) {
    return reinterpret_cast<std::uintptr_t>(pointer) % sizeof(float4) == 0;
}

// kWidth: 4 or 1.
template <int kWidth>
struct FloatColumns {
    float values[kWidth];
};
static_assert(sizeof(FloatColumns<4>) == sizeof(float4));

template <int kWidth>
__device__ __forceinline__ FloatColumns<kWidth> loadColumns(const float* from) {
    if constexpr (kWidth == 4) {
        const float4 quad = *reinterpret_cast<const float4*>(from);
        return {{quad.x, quad.y, quad.z, quad.w}};
    } else {
        return {{*from}};
    }
}

}  // namespace sotto::cuda

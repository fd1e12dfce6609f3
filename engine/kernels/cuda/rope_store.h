// Per-head norm of q and k, rotation, and the write of k and v into the paged cache: the device
// side of KernelSet::ropeStore, alone or as the epilogue of linear_rows.
#pragma once

#include "engine/kernels/cuda/device_batch.h"
#include "engine/kernels/cuda/kv_planes.h"
#include "engine/kernels/cuda/launch_stream.h"
#include "engine/kernels/kernel_set.h"

namespace sotto::cuda {

// Up to this head length the epilogue of linear_rows does the work.
inline constexpr std::int32_t kMaxFusedHeadDim = 256;

// As RopeStoreArgs (kernel_set.h), with the batch on the device.
struct RopeStoreLaunch {
    float* q = nullptr;        // [nTokens, nHeads, headDim]
    const float* k = nullptr;  // [nTokens, nKvHeads, headDim]
    const float* v = nullptr;  // [nTokens, nKvHeads, headDim]
    const float* qNorm = nullptr;
    const float* kNorm = nullptr;
    float normEpsilon = 1e-6f;
    RopeKind kind = RopeKind::Interleaved;
    std::int32_t rotaryDims = 0;
    const float* frequencies = nullptr;
    float magnitude = 1.0f;
    std::int32_t nHeads = 0;
    KvPlanes cache;
    DeviceBatch batch;
};

void launchRopeStore(const RopeStoreLaunch& args, const LaunchStream& on);

}  // namespace sotto::cuda

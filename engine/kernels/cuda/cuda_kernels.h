// The KernelSet on an NVIDIA card: packed weights, fused layer operations, recorded steps.
//
// Ownership: the set owns its stream, scratch and recordings; buffers and weights made by it must
// go before it. Threads: one caller. Results of a row do not depend on the other rows of a step of
// up to 8 rows; steps of more rows use other kernels and round differently.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "base/result.h"
#include "engine/device/product_choice.h"
#include "engine/kernels/kernel_set.h"

namespace sotto {

struct CudaKernelOptions {
    int deviceIndex = 0;
    // Replay decode steps from recordings (CUDA graphs). Off: every kernel is launched by itself.
    bool isRecordingSteps = true;
    // Let kernels start while the one before drains, where the card can (sm_90 and later).
    bool isOverlappingLaunches = true;
    // Where they cannot: let products of up to 8 rows ask L2 for what the next ones read first.
    // Off until it has been measured on a card.
    bool isAskingAhead = false;
    // Page-locked memory per piece on the way to the card.
    std::size_t uploadSlotBytes = std::size_t{32} << 20;
    // Who multiplies in steps of more than exactRows() rows (library_products.h). Measured: without
    // the library our own kernels; Library: an error without it.
    ProductPath products = ProductPath::Own;
    ProductMemory* productMemory = nullptr;  // of what was measured, or null; outlives the set
    // Steps of more than 8 rows in blocks of so many tokens alone (tileTokens()); 0: as is fastest.
    // For selftests: the bits are the same.
    std::int32_t onlyTileTokens = 0;
    // Told of every product that is launched in blocks; for tests. Null: nobody is.
    std::function<void(DType type, std::int32_t tileTokens, bool isOfExperts)> onTiles;
};

// The sizes of block that onlyTileTokens may name.
std::span<const std::int32_t> tileTokens();

// Errors: Unsupported (no card, driver too old, built without CUDA), FileNotFound or Unsupported
// (no cuBLAS where it must be), DeviceFailed, OutOfMemory.
Result<std::unique_ptr<KernelSet>> createCudaKernels(const CudaKernelOptions& options);

}  // namespace sotto

// KernelSizes: what a set would take for a matrix, its scratch and a cache, asked without a set.
//
// Place: the memory plan asks it; of a card it is known without opening one (cuda_sizes.h). Equal
// to what the set then allocates. Plain functions; any thread.
#pragma once

#include <cstdint>
#include <functional>

#include "engine/kernels/kernel_set.h"

namespace sotto {

struct KernelSizes {
    // As KernelSet::preparedBytes(), scratchBytes() and cacheBytes().
    std::function<std::uint64_t(const TensorView& source)> preparedBytes;
    std::function<std::uint64_t(const KernelLimits& limits)> scratchBytes;
    std::function<std::uint64_t(const KvLayerShape& shape, std::int32_t nBlocks)> cacheBytes;
    std::uint64_t allocationUnit = 1;  // as KernelSet::allocationUnit()
    // More than that for the time of a load, in the device's memory.
    std::uint64_t loadingBytes = 0;
    std::int64_t exactRows = kAnyRows;  // as KernelSet::exactRows()
    // Whether the set can compute layers with such a cache; null: it computes all.
    // Errors: Unsupported, with the cause.
    std::function<Status(const KvLayerShape& shape)> checkCache = {};
};

// Of a set that is there; it must outlive the result.
inline KernelSizes sizesOf(const KernelSet& kernels) {
    return {.preparedBytes =
                [&kernels](const TensorView& source) { return kernels.preparedBytes(source); },
            .scratchBytes =
                [&kernels](const KernelLimits& limits) { return kernels.scratchBytes(limits); },
            .cacheBytes = [&kernels](
                              const KvLayerShape& shape,
                              std::int32_t nBlocks) { return kernels.cacheBytes(shape, nBlocks); },
            .allocationUnit = kernels.allocationUnit(),
            .exactRows = kernels.exactRows()};
}

}  // namespace sotto

// The allocator's dry run: the bytes loading and running this model will take, without doing it.
// Equal to what is then allocated (a test counts). Pure; any thread.
#pragma once

#include <cstdint>

#include "engine/kernels/kernel_sizes.h"
#include "engine/model/activations.h"
#include "engine/model/loader.h"

namespace sotto {

struct ModelMemory {
    std::uint64_t mapped = 0;         // the file's own pages that steps read
    std::uint64_t resident = 0;       // repacked copies and vectors
    std::uint64_t scratch = 0;        // activations and the kernels' own
    std::uint64_t bytesPerToken = 0;  // weights read by one decode step
};

// Of one part of the model on a set that takes these sizes.
ModelMemory estimateModelMemory(const ModelFile& model, const KernelSizes& sizes,
                                const PartShare& share, const StepLimits& limits);

}  // namespace sotto

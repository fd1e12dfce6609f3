// The allocator's dry run: the bytes loading and running this model will take, without doing it.
// Equal to what is then allocated (a test counts). Pure; any thread.
#pragma once

#include <cstdint>

#include "engine/model/activations.h"
#include "engine/model/loader.h"

namespace sotto {

struct ModelMemory {
    std::uint64_t mapped = 0;         // the file's own pages that steps read
    std::uint64_t resident = 0;       // repacked copies and vectors
    std::uint64_t scratch = 0;        // activations and the kernels' own
    std::uint64_t bytesPerToken = 0;  // weights read by one decode step
};

// Of one part of the model on its set.
ModelMemory estimateModelMemory(const ModelFile& model, const KernelSet& kernels,
                                const PartShare& share, const StepLimits& limits);

}  // namespace sotto

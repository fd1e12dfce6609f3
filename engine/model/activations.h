// Activations: the working arrays of one step, planned once and reused by every step.
//
// Owns one buffer; the pointers lie in it. All arrays are float32, row-major without gaps.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "engine/device/buffer.h"
#include "engine/kernels/kernel_set.h"
#include "engine/model/model_config.h"

namespace sotto {

// What one step may ask at most.
struct StepLimits {
    std::int64_t maxTokens = 0;      // rows
    std::int64_t maxOutputs = 0;     // rows whose logits are wanted
    std::int64_t contextTokens = 0;  // of one sequence
    std::int64_t maxSlices = 1;      // sequences
    // Of the set whose kernels differ soonest (KernelSet::exactRows()). Where it is not kAnyRows a
    // step may come in parts, and the logits of one part are there until the last one is done.
    std::int64_t exactRows = kAnyRows;
};

struct Activations {
    float* hidden = nullptr;     // [maxTokens, nEmbd] the residual stream
    float* normed = nullptr;     // [maxTokens, nEmbd]
    float* query = nullptr;      // [maxTokens, nHeads * headDim]
    float* key = nullptr;        // [maxTokens, nKvHeads * headDim]
    float* value = nullptr;      // [maxTokens, nKvHeads * headDim]
    float* attention = nullptr;  // [maxTokens, nHeads * headDim]
    // Of a mixture of experts the rows of expertRows(maxTokens).
    float* gate = nullptr;      // [maxTokens, nFeedForward]
    float* up = nullptr;        // [maxTokens, nFeedForward]
    float* router = nullptr;    // [maxTokens, nExperts]
    float* mixed = nullptr;     // [expertRows(maxTokens), nEmbd]
    float* selected = nullptr;  // [maxOutputs, nEmbd] hidden rows whose logits are wanted
    float* logits = nullptr;    // [maxOutputs, nVocab]
    StepLimits limits;
    Buffer buffer;
};

// Errors: OutOfMemory.
Result<Activations> planActivations(const ModelConfig& config, const StepLimits& limits,
                                    KernelSet& kernels);

// Bytes planActivations would allocate.
std::uint64_t activationBytes(const ModelConfig& config, const StepLimits& limits);

// What the kernels are told to plan for.
KernelLimits kernelLimits(const ModelConfig& config, const StepLimits& limits);

}  // namespace sotto

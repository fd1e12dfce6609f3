// The forward pass: token ids in, hidden states and logits out. One pass for all architectures.
//
// Reads the config and weights of a model, writes keys and values into the cache's blocks and the
// rest into Activations. Free functions over plain structs; the engine thread. Allocates nothing.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <span>

#include "base/result.h"
#include "engine/kernels/kernel_set.h"
#include "engine/model/activations.h"
#include "engine/model/model_config.h"
#include "engine/model/model_part.h"
#include "engine/model/weights.h"

namespace sotto {

// What every step of a loaded model, or of one part of it, works on. References; the owner is
// schedule/loaded_model.
struct ModelView {
    const ModelConfig& config;
    const Weights& weights;
    KernelSet& kernels;
    Activations& activations;
    std::span<const KvLayer> cache;  // [nLayers] of the whole model
    PartShare share;
};

// So many layers of the whole model are computed. On the thread that runs the step.
using LayerSink = std::function<void(std::int64_t nLayers)>;

// Set by other threads. A step whose flags are all set is wanted by nobody and may be given up
// between two layers; one without flags never is.
using CancelFlags = std::span<const std::atomic<bool>* const>;

struct ForwardBatch {
    std::span<const std::int32_t> tokenIds;  // [nTokens]
    BatchView rows;
    CancelFlags cancels = {};
    // Rows whose logits are wanted, at most limits.maxOutputs; computeLogits() serves more.
    std::span<const std::int32_t> outputRows = {};
    // Where their logits begin among the rows of activations.logits; together within maxOutputs.
    std::int64_t firstOutput = 0;
    // How the last part chooses the tokens behind the output rows; none, or one for each. Only for
    // a set that isChoosing().
    std::span<const TokenChoice> choices = {};
    // Told after each layer, but not by a set that isChoosing(): a card is handed its layers long
    // before they are computed. Null: nobody.
    const LayerSink* onLayer = nullptr;
};

// Runs all layers, part by part; leaves the hidden state of each row in the last part's
// activations.hidden and the logits of the output rows, in that order, in its activations.logits
// [outputRows.size(), nVocab] from row firstOutput on.
// Errors: Cancelled (the cache holds parts of the step, as if it had not run), DeviceFailed.
Result<StepOutcome> forward(std::span<const ModelView> parts, const ForwardBatch& batch);

// The same of a model in one part, without waiting: the outcome comes from its kernels'
// awaitStep().
Status queueForward(const ModelView& model, const ForwardBatch& batch);

// `model` is the last part. Logits of the given rows of the last forward(), in that order, into
// activations.logits [rowIndices.size(), nVocab]. At most limits.maxOutputs rows. Errors:
// DeviceFailed.
Status computeLogits(const ModelView& model, std::span<const std::int32_t> rowIndices);

}  // namespace sotto

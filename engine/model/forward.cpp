#include "engine/model/forward.h"

#include "engine/base/check.h"
#include "engine/model/transformer_layer.h"

namespace sotto {
namespace {

// Norm and head run on the wanted rows only: a prompt of 512 tokens needs one row of logits.
void submitLogits(const ModelView& model, std::span<const std::int32_t> rowIndices) {
    const Activations& act = model.activations;
    const auto nRows = static_cast<std::int64_t>(rowIndices.size());
    SOTTO_DCHECK(nRows <= act.limits.maxOutputs);
    model.kernels.gatherRows({act.hidden, rowIndices, act.selected, model.config.nEmbd});
    model.kernels.rmsNorm({act.selected, model.weights.outputNorm, act.selected, nRows,
                           model.config.nEmbd, model.config.outputNormEpsilon});
    const LinearTarget head{model.weights.head, nullptr, act.logits};
    model.kernels.linear({act.selected, nRows, {&head, 1}});
}

}  // namespace

Status forward(const ModelView& model, const ForwardBatch& batch) {
    SOTTO_DCHECK(batch.tokenIds.size() == batch.rows.positions.size());
    SOTTO_DCHECK(static_cast<std::int64_t>(batch.tokenIds.size()) <=
                 model.activations.limits.maxTokens);

    KernelSet& kernels = model.kernels;
    if (kernels.beginStep({batch.tokenIds, batch.rows, batch.outputRows}) == StepStart::Replayed)
        return kernels.finish();
    kernels.embed({model.weights.embedding, batch.tokenIds, model.config.embeddingScale,
                   model.activations.hidden});
    for (std::size_t layerIndex = 0; layerIndex < model.config.layers.size(); ++layerIndex) {
        if (batch.isCancelled != nullptr && batch.isCancelled->load(std::memory_order_relaxed)) {
            kernels.endStep(false);
            return fail(ErrorCode::Cancelled, "The step was given up.");
        }
        transformerLayer(model, layerIndex, batch.rows);
    }
    if (!batch.outputRows.empty()) submitLogits(model, batch.outputRows);
    kernels.endStep(true);
    return kernels.finish();
}

Status computeLogits(const ModelView& model, std::span<const std::int32_t> rowIndices) {
    submitLogits(model, rowIndices);
    return model.kernels.finish();
}

}  // namespace sotto

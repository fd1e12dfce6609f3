#include "engine/model/forward.h"

#include <array>
#include <cstring>

#include "engine/base/check.h"
#include "engine/model/transformer_layer.h"

namespace sotto {

Status forward(const ModelView& model, const ForwardBatch& batch) {
    SOTTO_DCHECK(batch.tokenIds.size() == batch.rows.positions.size());
    SOTTO_DCHECK(static_cast<std::int64_t>(batch.tokenIds.size()) <=
                 model.activations.limits.maxTokens);

    model.kernels.embed({model.weights.embedding, batch.tokenIds, model.config.embeddingScale,
                         model.activations.hidden});
    for (std::size_t layerIndex = 0; layerIndex < model.config.layers.size(); ++layerIndex) {
        if (batch.isCancelled != nullptr && batch.isCancelled->load(std::memory_order_relaxed))
            return fail(ErrorCode::Cancelled, "The step was given up.");
        transformerLayer(model, layerIndex, batch.rows);
    }
    return model.kernels.finish();
}

Status computeLogits(const ModelView& model, std::span<const std::int32_t> rowIndices) {
    const Activations& act = model.activations;
    const auto nRows = static_cast<std::int64_t>(rowIndices.size());
    const auto nEmbd = static_cast<std::size_t>(model.config.nEmbd);
    SOTTO_DCHECK(nRows <= act.limits.maxOutputs);

    // Norm and head run on the wanted rows only: a prompt of 512 tokens needs one row of logits.
    for (std::size_t outputIndex = 0; outputIndex < rowIndices.size(); ++outputIndex)
        std::memcpy(act.selected + outputIndex * nEmbd,
                    act.hidden + static_cast<std::size_t>(rowIndices[outputIndex]) * nEmbd,
                    nEmbd * sizeof(float));
    model.kernels.rmsNorm({act.selected, model.weights.outputNorm, act.selected, nRows,
                           model.config.nEmbd, model.config.outputNormEpsilon});
    const std::array<LinearTarget, 1> head{{{model.weights.head, nullptr, act.logits}}};
    model.kernels.linear({act.selected, nRows, head});
    return model.kernels.finish();
}

}  // namespace sotto

#include "engine/model/forward.h"

#include <algorithm>

#include "base/check.h"
#include "engine/model/transformer_layer.h"

namespace sotto {
namespace {

// Norm and head run on the wanted rows only: a prompt of 512 tokens needs one row of logits.
void submitLogits(const ModelView& model, std::span<const std::int32_t> rowIndices, float* logits) {
    const Activations& act = model.activations;
    const auto nRows = static_cast<std::int64_t>(rowIndices.size());
    SOTTO_DCHECK((logits - act.logits) / model.config.nVocab + nRows <= act.limits.maxOutputs);
    model.kernels.head({.rows = {.x = act.hidden,
                                 .rowIndices = rowIndices,
                                 .out = act.selected,
                                 .width = model.config.nEmbd},
                        .norm = {.x = act.selected,
                                 .weight = model.weights.outputNorm,
                                 .out = act.selected,
                                 .nTokens = nRows,
                                 .width = model.config.nEmbd,
                                 .epsilon = model.config.outputNormEpsilon},
                        .head = {.weight = model.weights.head, .out = logits}});
}

bool isGivenUp(CancelFlags cancels) {
    return !cancels.empty() &&
           std::all_of(cancels.begin(), cancels.end(), [](const std::atomic<bool>* isCancelled) {
               return isCancelled->load(std::memory_order_relaxed);
           });
}

Status submitStep(const ModelView& model, const ForwardBatch& batch) {
    if (model.share.hasEmbedding)
        model.kernels.embed({.table = model.weights.embedding,
                             .tokenIds = batch.tokenIds,
                             .scale = model.config.embeddingScale,
                             .out = model.activations.hidden});
    const bool isTelling = batch.onLayer != nullptr && !model.kernels.isChoosing();
    for (std::size_t layer = model.share.layers.first; layer < model.share.layers.end; ++layer) {
        if (isGivenUp(batch.cancels)) return fail(ErrorCode::Cancelled, "The step was given up.");
        transformerLayer(model, layer, batch.rows);
        if (isTelling) (*batch.onLayer)(static_cast<std::int64_t>(layer) + 1);
    }
    if (!model.share.hasHead || batch.outputRows.empty()) return {};
    float* logits = model.activations.logits + batch.firstOutput * model.config.nVocab;
    submitLogits(model, batch.outputRows, logits);
    if (!batch.choices.empty())
        model.kernels.chooseTokens(
            {.logits = logits, .nVocab = model.config.nVocab, .choices = batch.choices});
    return {};
}

// The hidden rows cross the border between two devices through the host.
Status carryHidden(const ModelView& from, const ModelView& to, std::size_t nTokens) {
    const std::size_t nFloats = nTokens * static_cast<std::size_t>(from.config.nEmbd);
    SOTTO_ASSIGN(const std::span<const float> hidden,
                 from.kernels.readback(from.activations.hidden, nFloats));
    return to.kernels.upload(to.activations.hidden, hidden.data(), hidden.size_bytes());
}

}  // namespace

Result<StepOutcome> forward(std::span<const ModelView> parts, const ForwardBatch& batch) {
    const ModelView* previous = nullptr;
    StepOutcome outcome;
    for (const ModelView& part : parts) {
        if (previous != nullptr) SOTTO_TRY(carryHidden(*previous, part, batch.tokenIds.size()));
        SOTTO_TRY(queueForward(part, batch));
        SOTTO_ASSIGN(outcome, part.kernels.awaitStep());
        previous = &part;
    }
    // A device's own time says nothing of the others'.
    if (parts.size() > 1) outcome.seconds = 0;
    return outcome;
}

Status queueForward(const ModelView& model, const ForwardBatch& batch) {
    SOTTO_DCHECK(batch.tokenIds.size() == batch.rows.positions.size());
    SOTTO_DCHECK(static_cast<std::int64_t>(batch.tokenIds.size()) <=
                 model.activations.limits.maxTokens);
    StepInputs inputs{.tokenIds = batch.tokenIds,
                      .rows = batch.rows,
                      .outputRows = batch.outputRows,
                      .choices = {},
                      .firstOutput = batch.firstOutput};
    if (model.share.hasHead) inputs.choices = batch.choices;
    return model.kernels.queueStep(inputs, [&] { return submitStep(model, batch); });
}

Status computeLogits(const ModelView& model, std::span<const std::int32_t> rowIndices) {
    submitLogits(model, rowIndices, model.activations.logits);
    return model.kernels.finish();
}

}  // namespace sotto

#include "engine/kernels/kernel_set.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "engine/kernels/move_keys.h"

namespace sotto {

SystemMemory KernelSet::deviceMemory() const { return systemMemory(); }

Status KernelSet::upload(void* to, const void* from, std::size_t bytes) {
    if (bytes > 0) std::memcpy(to, from, bytes);
    return {};
}

Result<std::span<const float>> KernelSet::readback(const float* data, std::size_t nFloats) {
    SOTTO_TRY(finish());
    return std::span<const float>(data, nFloats);
}

Result<std::unique_ptr<Weight>> KernelSet::prepareWeight(const TensorView& source,
                                                         const PrepareTarget&) {
    return prepareWeight(source);
}

Result<std::unique_ptr<Weight>> KernelSet::makeRandomWeight(const RandomMatrix&,
                                                            const PrepareTarget&) {
    return std::unique_ptr<Weight>();
}

// Through the host, some blocks at a time.
Status KernelSet::moveBlocks(const KvLayer& layer, const BlockMoves& blocks, const KeyMove& move) {
    constexpr std::size_t kBlocksAtOnce = 16;
    const std::size_t blockBytes = layer.shape.blockBytes();
    const std::size_t nBlocks = blocks.from.size();
    std::vector<std::byte> bytes(std::min(nBlocks, kBlocksAtOnce) * blockBytes);
    std::int64_t nLeft = blocks.nTokens;
    for (std::size_t first = 0; first < nBlocks; first += kBlocksAtOnce) {
        const std::size_t count = std::min(kBlocksAtOnce, nBlocks - first);
        const std::int64_t nTokens = std::min<std::int64_t>(
            nLeft, static_cast<std::int64_t>(count) * layer.shape.blockTokens);
        SOTTO_TRY(readBlocks(layer, {blocks.from.subspan(first, count), nTokens, blockBytes},
                             bytes.data()));
        moveKeys(layer.shape, move, nTokens, blockBytes, bytes.data());
        SOTTO_TRY(writeBlocks(layer, {blocks.to.subspan(first, count), nTokens, blockBytes},
                              bytes.data()));
        nLeft -= nTokens;
    }
    return {};
}

Status KernelSet::queueStep(const StepInputs&, const std::function<Status()>& submit) {
    SOTTO_TRY(submit());
    return finish();
}

Result<StepOutcome> KernelSet::awaitStep() { return StepOutcome{}; }

Result<StepOutcome> KernelSet::runStep(const StepInputs& inputs,
                                       const std::function<Status()>& submit) {
    SOTTO_TRY(queueStep(inputs, submit));
    return awaitStep();
}

void KernelSet::gatherRows(const GatherArgs& args) {
    const auto width = static_cast<std::size_t>(args.width);
    for (std::size_t index = 0; index < args.rowIndices.size(); ++index)
        std::memcpy(args.out + index * width,
                    args.x + static_cast<std::size_t>(args.rowIndices[index]) * width,
                    width * sizeof(float));
}

void KernelSet::attentionInput(const AttentionInputArgs& args) {
    rmsNorm(args.norm);
    const std::array<LinearTarget, 3> projections{args.query, args.key, args.value};
    linear({args.norm.out, args.norm.nTokens, projections});
    ropeStore(args.rope);
}

void KernelSet::gatedProduct(const GatedArgs& args) {
    rmsNorm(args.norm);
    const std::array<LinearTarget, 2> projections{args.gate, args.up};
    linear({args.norm.out, args.norm.nTokens, projections});
    glu(args.glu);
}

void KernelSet::residual(const ResidualArgs& args) {
    linear({args.x, args.nTokens, {&args.target, 1}});
}

void KernelSet::head(const HeadArgs& args) {
    gatherRows(args.rows);
    rmsNorm(args.norm);
    linear({args.norm.out, args.norm.nTokens, {&args.head, 1}});
}

}  // namespace sotto

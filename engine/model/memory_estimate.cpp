#include "engine/model/memory_estimate.h"

#include "base/rounding.h"
#include "engine/model/unpacked_weight.h"

namespace sotto {

ModelMemory estimateModelMemory(const ModelFile& model, const KernelSizes& sizes,
                                const PartShare& share, const StepLimits& limits) {
    ModelMemory memory;
    const auto taken = [&sizes](std::uint64_t bytes) {
        return roundUp(bytes, sizes.allocationUnit);
    };
    memory.bytesPerToken = vectorBytes(model.config, model.table, share);
    memory.resident = taken(memory.bytesPerToken) + taken(matrixBytes(model.table, sizes, share));
    for (const WeightEntry& entry : model.table.entries) {
        if (entry.isVector() || !share.holds(entry, model.table.hasTiedHead)) continue;
        const std::uint64_t prepared = residentBytes(*entry.tensor, sizes.preparedBytes);
        if (prepared == 0) memory.mapped += entry.tensor->byteSize;
        // Repacking may pad; what a step reads is known from the prepared size.
        const std::uint64_t read = prepared == 0 ? entry.tensor->byteSize : prepared;
        const bool isLookup = entry.isEmbedding() && !(model.table.hasTiedHead && share.hasHead);
        memory.bytesPerToken += isLookup ? read / static_cast<std::uint64_t>(model.config.nVocab)
                                         : usedByToken(model.config, entry, read);
    }
    memory.scratch = taken(activationBytes(model.config, limits)) +
                     sizes.scratchBytes(kernelLimits(model.config, limits));
    return memory;
}

}  // namespace sotto

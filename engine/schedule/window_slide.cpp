#include "engine/schedule/window_slide.h"

#include <algorithm>
#include <vector>

#include "base/check.h"
#include "base/rounding.h"
#include "engine/schedule/loaded_model.h"

namespace sotto {
namespace {

static_assert(kWindowBlockTokens == kBlockTokens);

std::vector<KeyMove> keyMoves(const LoadedModel& model, std::int64_t distance) {
    const std::vector<LayerConfig>& layers = model.file->config.layers;
    std::vector<KeyMove> moves;
    for (std::size_t layer = 0; layer < layers.size(); ++layer)
        moves.push_back({.kind = layers[layer].attention.rope.kind,
                         .frequencies = model.weights.ropeFrequencies[layer],
                         .distance = distance});
    return moves;
}

}  // namespace

std::int64_t nLeftOutOf(std::int64_t nPrompt, const WindowShape& window,
                        std::int64_t contextTokens) {
    const std::int64_t room = std::max<std::int64_t>(1, window.stepTokens / 4);
    if (!window.isUsable() || nPrompt + room <= contextTokens) return 0;
    return ceilDiv(nPrompt + room - contextTokens, window.stepTokens) * window.stepTokens;
}

Result<bool> slideMemory(LoadedModel& model, SequenceMemory& memory, const WindowShape& window,
                         PrefixCache* prefixes) {
    const SequenceMemory::Gap gap{static_cast<std::size_t>(window.sinkTokens / kBlockTokens),
                                  static_cast<std::size_t>(window.stepTokens / kBlockTokens)};
    BlockPool& pool = model.cache->pool();
    // What moves is no more what it is kept as.
    if (prefixes != nullptr) prefixes->forget(memory.blocks()[gap.firstBlock]);
    const std::int64_t nShared = memory.nSharedBehind(gap);
    if (pool.nFree() + pool.nIdle() + memory.nAloneIn(gap) < nShared) return false;
    memory.dropGap(gap);
    if (prefixes != nullptr) prefixes->makeRoom(nShared);
    std::vector<BlockId> from, to;
    for (std::size_t index = gap.firstBlock; index < memory.blocks().size(); ++index) {
        from.push_back(memory.blocks()[index]);
        const bool isShared = pool.nHolders(from.back()) > 1;
        const auto own = isShared ? memory.takeOwn(index) : from.back();
        SOTTO_CHECK(own.has_value());
        to.push_back(*own);
    }
    SOTTO_TRY(model.cache->moveBlocks(
        {.from = from, .to = to, .nTokens = memory.nTokens() - window.sinkTokens},
        keyMoves(model, -window.stepTokens)));
    return true;
}

}  // namespace sotto

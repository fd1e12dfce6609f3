#include "engine/schedule/kv_choice.h"

namespace sotto {
namespace {

constexpr std::int32_t kSmallestCoarseHead = 64;

Status checkRow(KvType type, std::int32_t headDim) {
    if (headDim % static_cast<std::int32_t>(kvTypeTraits(type).blockElements) != 0)
        return fail(ErrorCode::Unsupported,
                    "This model's heads cannot be cut into blocks of 32 elements: keep its KV "
                    "cache in F16.");
    if (isCoarse(type) && headDim < kSmallestCoarseHead)
        return fail(ErrorCode::Unsupported,
                    "This model's heads are small, and so few bits would harm its answers: keep "
                    "its KV cache in Q8_0 or F16.");
    return {};
}

}  // namespace

Status checkKvTypes(const ModelConfig& model, KvTypes types) {
    for (const LayerConfig& layer : model.layers)
        for (const KvType type : {types.key, types.value})
            SOTTO_TRY(checkRow(type, layer.attention.headDim));
    return {};
}

}  // namespace sotto

// Which attention kernel runs: by the cache's types, the head's size and whether splits have room.
#include "engine/kernels/cuda/attention.h"

#include "engine/kernels/cuda/attention_variants.h"

namespace sotto::cuda {
namespace {

// The cases of the switches in attention_split.cu and attention_prefill.cu.
bool isCompiled(const KvPlanes& cache) {
    const int headDim = cache.keys.dim;
    if (isPlainHalves(cache.keys) && isPlainHalves(cache.values) && headDim == 80) return true;
    if (cache.keys.type == KvType::F32 || cache.values.type == KvType::F32) return false;
    return headDim == 64 || headDim == 96 || headDim == 128 || headDim == 256;
}

}  // namespace

void launchAttention(const AttentionLaunch& args, const LaunchStream& on) {
    if (args.batch.nTokens == 0) return;
    if (!isCompiled(args.cache))
        launchAttentionRows(args, on);
    else if (args.partials != nullptr)
        launchAttentionSplit(args, on);
    else
        launchAttentionPrefill(args, on);
}

}  // namespace sotto::cuda

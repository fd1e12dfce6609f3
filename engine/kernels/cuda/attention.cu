// Which attention kernel runs: by the cache's type, the head's size and whether splits have room.
#include "engine/kernels/cuda/attention.h"

#include "engine/kernels/cuda/attention_variants.h"

namespace sotto::cuda {
namespace {

// The cases of the switches in attention_split.cu and attention_prefill.cu.
bool isCompiled(int headDim) {
    return headDim == 64 || headDim == 80 || headDim == 96 || headDim == 128 || headDim == 256;
}

}  // namespace

void launchAttention(const AttentionLaunch& args, const LaunchStream& on) {
    if (args.batch.nTokens == 0) return;
    if (!isPlainHalves(args.cache.keys) || !isPlainHalves(args.cache.values) ||
        !isCompiled(args.cache.keys.dim))
        launchAttentionRows(args, on);
    else if (args.partials != nullptr)
        launchAttentionSplit(args, on);
    else
        launchAttentionPrefill(args, on);
}

}  // namespace sotto::cuda

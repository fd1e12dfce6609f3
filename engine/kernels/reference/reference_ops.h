// The operations of the reference set as free functions, one per file; see kernel_set.h for shapes.
#pragma once

#include "engine/kernels/canonical_blocks.h"
#include "engine/kernels/experts.h"
#include "engine/kernels/kernel_set.h"

namespace sotto::reference {

// The matrix as the file holds it; nothing is copied.
class ReferenceWeight final : public Weight {
public:
    explicit ReferenceWeight(const TensorView& view);

    // Dequantizes one row into `out` [nCols].
    void row(std::int64_t rowIndex, float* out) const;

private:
    TensorView m_view;
};

void embed(const EmbedArgs& args);
void rmsNorm(const RmsNormArgs& args);
void linear(const LinearArgs& args);
void glu(const GluArgs& args);
void ropeStore(const RopeStoreArgs& args);
void attention(const AttentionArgs& args);
void experts(const ExpertsArgs& args);

// The key, or the value, of (position, kvHead) in a layer's cache, which is canonical here.
inline std::byte* keyRow(const KvLayer& cache, const BlockTableView& table, std::int64_t position,
                         std::int64_t kvHead) {
    const std::int64_t blockTokens = cache.shape.blockTokens;
    const std::int32_t block = table.blockIds[static_cast<std::size_t>(position / blockTokens)];
    return canonicalBlock(cache, block) + keyOffset(cache.shape, kvHead, position % blockTokens);
}
inline std::byte* valueRow(const KvLayer& cache, const BlockTableView& table, std::int64_t position,
                           std::int64_t kvHead) {
    const std::int64_t blockTokens = cache.shape.blockTokens;
    const std::int32_t block = table.blockIds[static_cast<std::size_t>(position / blockTokens)];
    return canonicalBlock(cache, block) + valueOffset(cache.shape, kvHead, position % blockTokens);
}

}  // namespace sotto::reference

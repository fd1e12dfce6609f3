// Optional per-head RMS norm of q and k, rotation (Su et al. 2021, RoFormer) and the write of k and
// v into the paged cache (kv_rows.h).
#include <cmath>
#include <utility>
#include <vector>

#include "engine/kernels/kv_rows.h"
#include "engine/kernels/reference/reference_ops.h"

namespace sotto::reference {
namespace {

using Head = std::vector<double>;  // [headDim]

void normalize(Head& head, const float* weight, float epsilon) {
    double sumOfSquares = 0;
    for (const double value : head) sumOfSquares += value * value;
    const double mean = sumOfSquares / static_cast<double>(head.size());
    const double inverse = 1.0 / std::sqrt(mean + static_cast<double>(epsilon));
    for (std::size_t dim = 0; dim < head.size(); ++dim) head[dim] *= inverse * weight[dim];
}

void rotate(Head& head, const RopeStoreArgs& args, std::int32_t position) {
    if (args.kind == RopeKind::None) return;
    const auto nPairs = static_cast<std::size_t>(args.rotaryDims / 2);
    for (std::size_t pair = 0; pair < nPairs; ++pair) {
        const bool isInterleaved = args.kind == RopeKind::Interleaved;
        const std::size_t first = isInterleaved ? 2 * pair : pair;
        const std::size_t second = isInterleaved ? 2 * pair + 1 : pair + nPairs;
        const double angle = static_cast<double>(position) * args.frequencies[pair];
        const double cosine = std::cos(angle) * args.magnitude;
        const double sine = std::sin(angle) * args.magnitude;
        const double x = std::exchange(head[first], head[first] * cosine - head[second] * sine);
        head[second] = x * sine + head[second] * cosine;
    }
}

void storeHead(std::byte* row, const KvRow& kvRow, const Head& head) {
    std::vector<float> values(head.size());
    for (std::size_t dim = 0; dim < head.size(); ++dim) values[dim] = static_cast<float>(head[dim]);
    writeKvRow(kvRow, values.data(), row);
}

}  // namespace

void ropeStore(const RopeStoreArgs& args) {
    const KvLayerShape& shape = args.cache.shape;
    const std::int64_t headDim = shape.key.dim;
    const std::int64_t valueDim = shape.value.dim;
    const auto nTokens = static_cast<std::int64_t>(args.batch.positions.size());
    for (std::int64_t token = 0; token < nTokens; ++token) {
        const auto tokenIndex = static_cast<std::size_t>(token);
        const std::int32_t position = args.batch.positions[tokenIndex];
        const auto sequence = static_cast<std::size_t>(args.batch.sequenceIndex[tokenIndex]);
        for (std::int64_t headIndex = 0; headIndex < args.nHeads; ++headIndex) {
            float* q = args.q + (token * args.nHeads + headIndex) * headDim;
            Head head(q, q + headDim);
            if (args.qNorm != nullptr) normalize(head, args.qNorm, args.normEpsilon);
            rotate(head, args, position);
            for (std::int64_t dim = 0; dim < headDim; ++dim)
                q[dim] = static_cast<float>(head[static_cast<std::size_t>(dim)]);
        }
        const BlockTableView& table = args.batch.sequences[sequence];
        for (std::int64_t kvHead = 0; kvHead < shape.nKvHeads; ++kvHead) {
            const std::int64_t head = token * shape.nKvHeads + kvHead;
            Head key(args.k + head * headDim, args.k + (head + 1) * headDim);
            if (args.kNorm != nullptr) normalize(key, args.kNorm, args.normEpsilon);
            rotate(key, args, position);
            storeHead(keyRow(args.cache, table, position, kvHead), shape.key, key);
            const Head value(args.v + head * valueDim, args.v + (head + 1) * valueDim);
            storeHead(valueRow(args.cache, table, position, kvHead), shape.value, value);
        }
    }
}

}  // namespace sotto::reference

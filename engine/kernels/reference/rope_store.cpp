// Optional per-head RMS norm of q and k, rotation (Su et al. 2021, RoFormer) and the write of k and
// v into the paged cache, rounded to its type.
#include <cmath>
#include <utility>
#include <vector>

#include "base/half.h"
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

void storeHead(std::byte* base, DType type, std::int64_t index, const Head& head) {
    for (std::size_t dim = 0; dim < head.size(); ++dim) {
        const auto value = static_cast<float>(head[dim]);
        if (type == DType::F16)
            reinterpret_cast<Half*>(base)[index + static_cast<std::int64_t>(dim)] = toHalf(value);
        else
            reinterpret_cast<float*>(base)[index + static_cast<std::int64_t>(dim)] = value;
    }
}

}  // namespace

void ropeStore(const RopeStoreArgs& args) {
    const std::int64_t headDim = args.cache.headDim;
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
        for (std::int64_t kvHead = 0; kvHead < args.cache.nKvHeads; ++kvHead) {
            const std::int64_t source = (token * args.cache.nKvHeads + kvHead) * headDim;
            const std::int64_t index =
                kvElementIndex(args.cache, args.batch.sequences[sequence], position, kvHead);
            Head key(args.k + source, args.k + source + headDim);
            if (args.kNorm != nullptr) normalize(key, args.kNorm, args.normEpsilon);
            rotate(key, args, position);
            storeHead(args.cache.keys, args.cache.type, index, key);
            const Head value(args.v + source, args.v + source + headDim);
            storeHead(args.cache.values, args.cache.type, index, value);
        }
    }
}

}  // namespace sotto::reference

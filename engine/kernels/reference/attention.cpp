// Causal softmax attention (Vaswani et al. 2017) over the paged cache, grouped queries
// (Ainslie et al. 2023), optional sliding window. Two passes: scores and maximum, then weights.
#include <algorithm>
#include <cmath>
#include <vector>

#include "base/half.h"
#include "engine/kernels/reference/reference_ops.h"

namespace sotto::reference {
namespace {

double element(const std::byte* row, KvType type, std::int64_t dim) {
    if (type == KvType::F16) return toFloat(reinterpret_cast<const Half*>(row)[dim]);
    return reinterpret_cast<const float*>(row)[dim];
}

struct HeadTask {
    const float* q;  // [key.dim]
    float* out;      // [value.dim]
    std::int64_t kvHead;
    std::int64_t position;
    const BlockTableView* table;
};

void attendHead(const AttentionArgs& args, const HeadTask& task) {
    const KvRow key = args.cache.shape.key, value = args.cache.shape.value;
    const std::int64_t first =
        args.window > 0 ? std::max<std::int64_t>(0, task.position - args.window + 1) : 0;
    std::vector<double> weights;
    for (std::int64_t position = first; position <= task.position; ++position) {
        const std::byte* row = keyRow(args.cache, *task.table, position, task.kvHead);
        double score = 0;
        for (std::int64_t dim = 0; dim < key.dim; ++dim)
            score += task.q[dim] * element(row, key.type, dim);
        weights.push_back(score * args.scale);
    }
    const double largest = *std::max_element(weights.begin(), weights.end());
    double sum = 0;
    for (double& weight : weights) sum += weight = std::exp(weight - largest);
    std::vector<double> out(static_cast<std::size_t>(value.dim), 0.0);
    for (std::int64_t position = first; position <= task.position; ++position) {
        const std::byte* row = valueRow(args.cache, *task.table, position, task.kvHead);
        const double weight = weights[static_cast<std::size_t>(position - first)] / sum;
        for (std::int64_t dim = 0; dim < value.dim; ++dim)
            out[static_cast<std::size_t>(dim)] += weight * element(row, value.type, dim);
    }
    for (std::int64_t dim = 0; dim < value.dim; ++dim)
        task.out[dim] = static_cast<float>(out[static_cast<std::size_t>(dim)]);
}

}  // namespace

void attention(const AttentionArgs& args) {
    const KvLayerShape& shape = args.cache.shape;
    const std::int64_t headsPerKvHead = args.nHeads / shape.nKvHeads;
    const auto nTokens = static_cast<std::int64_t>(args.batch.positions.size());
    for (std::int64_t token = 0; token < nTokens; ++token) {
        const auto tokenIndex = static_cast<std::size_t>(token);
        const auto sequence = static_cast<std::size_t>(args.batch.sequenceIndex[tokenIndex]);
        for (std::int64_t head = 0; head < args.nHeads; ++head) {
            const std::int64_t index = token * args.nHeads + head;
            attendHead(args, {args.q + index * shape.key.dim, args.out + index * shape.value.dim,
                              head / headsPerKvHead, args.batch.positions[tokenIndex],
                              &args.batch.sequences[sequence]});
        }
    }
}

}  // namespace sotto::reference

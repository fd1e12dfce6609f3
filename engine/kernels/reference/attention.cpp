// Causal softmax attention (Vaswani et al. 2017) over the paged cache, grouped queries
// (Ainslie et al. 2023), optional sliding window. Two passes: scores and maximum, then weights.
// Where keys lie turned (hadamard.h) the query is turned as well, which leaves the scores as they
// are; where values do, their sum is turned back.
#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/kernels/kv_rows.h"
#include "engine/kernels/reference/reference_ops.h"
#include "engine/tensor/hadamard.h"

namespace sotto::reference {
namespace {

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
    std::vector<double> query(task.q, task.q + key.dim);
    if (key.isRotated) turnHead(query.data(), key.dim);
    std::vector<float> row(static_cast<std::size_t>(std::max(key.dim, value.dim)));
    std::vector<double> weights;
    for (std::int64_t position = first; position <= task.position; ++position) {
        readKvRow(key, keyRow(args.cache, *task.table, position, task.kvHead), row.data());
        double score = 0;
        for (std::size_t dim = 0; dim < query.size(); ++dim) score += query[dim] * row[dim];
        weights.push_back(score * args.scale);
    }
    const double largest = *std::max_element(weights.begin(), weights.end());
    double sum = 0;
    for (double& weight : weights) sum += weight = std::exp(weight - largest);
    std::vector<double> out(static_cast<std::size_t>(value.dim), 0.0);
    for (std::int64_t position = first; position <= task.position; ++position) {
        readKvRow(value, valueRow(args.cache, *task.table, position, task.kvHead), row.data());
        const double weight = weights[static_cast<std::size_t>(position - first)] / sum;
        for (std::size_t dim = 0; dim < out.size(); ++dim) out[dim] += weight * row[dim];
    }
    if (value.isRotated) turnHead(out.data(), value.dim);
    for (std::size_t dim = 0; dim < out.size(); ++dim) task.out[dim] = static_cast<float>(out[dim]);
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

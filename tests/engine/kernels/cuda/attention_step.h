// A step of attention with its inputs, its runs on the emulated device, and the formula in double
// with the error that float arithmetic may have.
#pragma once

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "engine/kernels/cuda/attention.h"
#include "tests/engine/kernels/cuda/attention_bounds.h"
#include "tests/engine/kernels/cuda/paged_scene.h"

namespace sotto::test {

inline constexpr double kRounding = 0x1p-24;

struct AttentionScene {
    CacheShape shape;
    std::vector<SequenceShape> sequences;
    std::int32_t window = 0;
};

// A step with its inputs; run() gives [nTokens, nHeads, headDim].
class AttentionStep {
public:
    explicit AttentionStep(const AttentionScene& description, float outlier = 1.0f,
                           std::uint32_t seed = 7)
        : window(description.window), paged(description.shape, description.sequences, seed) {
        std::mt19937 random(seed + 1);
        std::normal_distribution<float> normal;
        int nDrawn = 0;
        paged.fill([&] { return normal(random) * (++nDrawn % 61 == 0 ? outlier : 1.0f); });
        q = gaussians(random, nElements());
        for (std::size_t index = 0; index < q.size(); index += 53) q[index] *= outlier;
        scale = 1.0f / std::sqrt(static_cast<float>(paged.shape.headDim));
        batch = paged.deviceBatch();
    }

    std::int64_t nElements() const {
        return std::int64_t{paged.nTokens()} * paged.shape.nHeads * paged.shape.headDim;
    }

    cuda::AttentionLaunch args(std::vector<float>& out) {
        cuda::AttentionLaunch launch;
        launch.q = q.data();
        launch.out = out.data();
        launch.scale = scale;
        launch.window = window;
        launch.nHeads = paged.shape.nHeads;
        launch.cache = paged.cache();
        launch.batch = batch;
        launch.next = next;
        return launch;
    }

    std::vector<float> runPrefill() {
        std::vector<float> out(at(nElements()), std::nanf(""));
        cuda::launchAttention(args(out), {});
        return out;
    }

    // Scratch of exactly the promised size, full of NaN; the counters must come back zeroed.
    std::vector<float> runDecode() {
        std::vector<float> out(at(nElements()), std::nanf(""));
        std::int32_t longest = 0;
        for (const SequenceShape& sequence : paged.sequences)
            longest = std::max(longest, sequence.end());
        std::vector<float> partials(
            at(cuda::attentionPartialBytes(paged.shape.nHeads, paged.shape.headDim, longest)) /
                sizeof(float),
            std::nanf(""));
        std::vector<std::int32_t> finished(
            at(cuda::attentionCounterBytes(paged.shape.nKvHeads, longest)) / sizeof(std::int32_t),
            0);
        cuda::AttentionLaunch launch = args(out);
        launch.partials = partials.data();
        launch.finishedSplits = finished.data();
        cuda::launchAttention(launch, {});
        areCountersZero = std::ranges::all_of(finished, [](std::int32_t n) { return n == 0; });
        return out;
    }

    std::int32_t window;
    PagedScene paged;
    std::vector<float> q;
    float scale = 0;
    cuda::DeviceBatch batch;
    cuda::ActivationPlane next;
    bool areCountersZero = true;
};

// The definition in double, and how far float arithmetic may be from it. With u = 2^-24 and
// A = scale * sum |q k|, the largest over the positions:
//   score   scaling of q 3u, its split 2^-22 = 4u, headDim additions, the difference to the largest
//           score 2u: relative to A, so delta = (headDim + 12) u A in all
//   weight  e^delta - 1, exp2 4u, its split 4u, twice for the two levels of splits, and again in
//           the sum that divides: 2 (e^delta - 1) + 40u
//   sums    N additions of at most the whole, in the numerator and the denominator: 2N u
// all relative to sum w |v|.
inline ExpectedAttention expectedOf(const AttentionStep& step) {
    const PagedScene& paged = step.paged;
    const int headDim = paged.shape.headDim;
    const int groupSize = paged.shape.nHeads / paged.shape.nKvHeads;
    ExpectedAttention expected;
    for (int token = 0; token < paged.nTokens(); ++token)
        for (int head = 0; head < paged.shape.nHeads; ++head) {
            const int sequence = paged.sequenceIndex[at(token)];
            const int last = paged.positions[at(token)];
            const int first = step.window > 0 ? std::max(0, last - step.window + 1) : 0;
            const float* q =
                step.q.data() + (std::int64_t{token} * paged.shape.nHeads + head) * headDim;
            std::vector<double> weights;
            double magnitude = 0;
            for (int position = first; position <= last; ++position) {
                const auto index = paged.elementIndex(sequence, position, head / groupSize);
                double score = 0, size = 0;
                for (int dim = 0; dim < headDim; ++dim) {
                    const double product = double{q[dim]} * paged.load(paged.keys, index + dim);
                    score += product;
                    size += std::fabs(product);
                }
                weights.push_back(score * step.scale);
                magnitude = std::max(magnitude, size * step.scale);
            }
            const double largest = *std::ranges::max_element(weights);
            double sum = 0;
            for (double& weight : weights) sum += weight = std::exp(weight - largest);
            const double delta = (headDim + 12) * kRounding * magnitude;
            const double relative = 2 * std::expm1(delta) +
                                    (40.0 + 2.0 * static_cast<double>(weights.size())) * kRounding;
            for (int dim = 0; dim < headDim; ++dim) {
                double out = 0, size = 0;
                for (int position = first; position <= last; ++position) {
                    const double value =
                        paged.load(paged.values,
                                   paged.elementIndex(sequence, position, head / groupSize) + dim);
                    const double weight = weights[at(position - first)] / sum;
                    out += weight * value;
                    size += weight * std::fabs(value);
                }
                expected.out.push_back(out);
                expected.bound.push_back(relative * size + 1e-30);
            }
        }
    return expected;
}

}  // namespace sotto::test

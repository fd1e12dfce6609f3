#include "engine/token/sampling_steps.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/token/fast_exp.h"

namespace sotto {

namespace {

// exp of less than this is below the smallest normal float: as good as never.
constexpr float kImpossible = -87.0F;

constexpr float kNever = -std::numeric_limits<float>::infinity();

// How many candidates a step that needs an order looks at first; doubled until it is enough. The
// nucleus of a real model is nearly always smaller, and selecting 256 is one pass.
constexpr std::size_t kFirstChunk = 256;

bool isBefore(const Candidate& left, const Candidate& right) {
    return left.logit != right.logit ? left.logit > right.logit : left.token < right.token;
}

// Sorts the front of `candidates` by `compare`, chunk by chunk, until the probabilities of that
// front reach `total`; returns how many that takes.
template <typename Compare>
std::size_t keepUntilTotal(std::span<Candidate> candidates, double total, Compare compare) {
    double sum = 0;
    std::size_t nSorted = 0;
    for (std::size_t chunk = kFirstChunk; nSorted < candidates.size(); chunk *= 2) {
        const std::size_t end = std::min(nSorted + chunk, candidates.size());
        const auto begin = candidates.begin() + static_cast<std::ptrdiff_t>(nSorted);
        const auto middle = candidates.begin() + static_cast<std::ptrdiff_t>(end);
        if (end < candidates.size()) std::nth_element(begin, middle, candidates.end(), compare);
        std::sort(begin, middle, compare);
        for (std::size_t index = nSorted; index < end; ++index) {
            sum += candidates[index].probability;
            if (sum >= total) return index + 1;
        }
        nSorted = end;
    }
    return candidates.size();
}

}  // namespace

void applyLogitBias(std::span<float> logits,
                    std::span<const std::pair<std::int32_t, float>> biases) {
    for (const auto& [token, bias] : biases) {
        if (token < 0 || static_cast<std::size_t>(token) >= logits.size()) continue;
        float& logit = logits[static_cast<std::size_t>(token)];
        logit = cleanLogit(logit + bias);
    }
}

void applyPenalties(std::span<float> logits, std::span<const std::int32_t> window,
                    const SamplingSettings& settings, std::span<std::uint32_t> counts) {
    const auto isInside = [&](std::int32_t token) {
        return token >= 0 && static_cast<std::size_t>(token) < logits.size();
    };
    for (const std::int32_t token : window) {
        if (isInside(token)) ++counts[static_cast<std::size_t>(token)];
    }
    for (const std::int32_t token : window) {
        if (!isInside(token)) continue;
        std::uint32_t& count = counts[static_cast<std::size_t>(token)];
        if (count == 0) continue;  // done at an earlier occurrence
        float& logit = logits[static_cast<std::size_t>(token)];
        // Dividing a negative logit would make the token more likely: hence the two cases.
        logit = logit > 0 ? logit / settings.repeatPenalty : logit * settings.repeatPenalty;
        logit -= settings.presencePenalty;
        logit = cleanLogit(logit - settings.frequencyPenalty * static_cast<float>(count));
        count = 0;
    }
}

std::int32_t argmax(std::span<const float> logits) {
    const auto best = std::max_element(logits.begin(), logits.end());
    return best == logits.end() ? 0 : static_cast<std::int32_t>(best - logits.begin());
}

void softmax(std::span<Candidate> candidates) {
    float highest = kNever;
    for (const Candidate& candidate : candidates) highest = std::max(highest, candidate.logit);
    if (highest == kNever) {
        // Nothing is possible: an even choice is the only answer without a NaN.
        for (Candidate& candidate : candidates) {
            candidate.probability = 1.0F / static_cast<float>(candidates.size());
        }
        return;
    }
    double sum = 0;
    for (Candidate& candidate : candidates) {
        const float difference = candidate.logit - highest;
        candidate.probability = difference > kImpossible ? expOfNonPositive(difference) : 0.0F;
        sum += candidate.probability;
    }
    const auto scale = static_cast<float>(1.0 / sum);
    for (Candidate& candidate : candidates) candidate.probability *= scale;
}

std::size_t keepTopK(std::span<Candidate> candidates, std::int32_t k) {
    std::size_t nKept = candidates.size();
    if (k > 0 && static_cast<std::size_t>(k) < nKept) {
        nKept = static_cast<std::size_t>(k);
        const auto middle = candidates.begin() + static_cast<std::ptrdiff_t>(nKept);
        std::nth_element(candidates.begin(), middle, candidates.end(), isBefore);
    }
    std::sort(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(nKept),
              isBefore);
    return nKept;
}

std::size_t keepTypical(std::span<Candidate> candidates, float p) {
    if (p >= 1.0F) return candidates.size();
    softmax(candidates);
    double entropy = 0;
    double best = 0;
    for (const Candidate& candidate : candidates) {
        const double probability = candidate.probability;
        if (probability > 0) entropy -= probability * std::log(probability);
        best = std::max(best, probability);
    }
    // -ln p = (highest logit - logit) - ln(best p): no logarithm inside the comparisons below. An
    // impossible candidate's surprise is infinite: it comes last.
    float highest = kNever;
    for (const Candidate& candidate : candidates) highest = std::max(highest, candidate.logit);
    const double offset = static_cast<double>(highest) - std::log(best) - entropy;
    const auto distance = [offset](const Candidate& candidate) {
        return std::abs(offset - static_cast<double>(candidate.logit));
    };
    const auto isMoreTypical = [&distance](const Candidate& left, const Candidate& right) {
        const double leftDistance = distance(left);
        const double rightDistance = distance(right);
        return leftDistance != rightDistance ? leftDistance < rightDistance : isBefore(left, right);
    };
    const std::size_t nKept = keepUntilTotal(candidates, p, isMoreTypical);
    std::sort(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(nKept),
              isBefore);
    return nKept;
}

std::size_t keepTopP(std::span<Candidate> candidates, float p) {
    if (p >= 1.0F) return candidates.size();
    softmax(candidates);
    return keepUntilTotal(candidates, p, isBefore);
}

std::size_t keepMinP(std::span<Candidate> candidates, float p) {
    if (p <= 0.0F) return candidates.size();
    softmax(candidates);
    float highest = 0;
    for (const Candidate& candidate : candidates) {
        highest = std::max(highest, candidate.probability);
    }
    // p > 1 would keep none; the most likely one always stays.
    const float bound = std::min(p, 1.0F) * highest;
    std::size_t nKept = 0;
    for (const Candidate& candidate : candidates) {
        if (candidate.probability >= bound) candidates[nKept++] = candidate;
    }
    return nKept;
}

void applyTemperature(std::span<Candidate> candidates, float temperature) {
    // Relative to the highest, so that a tiny temperature cannot overflow all of them to infinity.
    float highest = kNever;
    for (const Candidate& candidate : candidates) highest = std::max(highest, candidate.logit);
    if (highest == kNever) return;
    for (Candidate& candidate : candidates) {
        candidate.logit = (candidate.logit - highest) / temperature;
    }
}

std::int32_t pick(std::span<const Candidate> candidates, double uniform) {
    double sum = 0;
    std::int32_t last = 0;
    for (const Candidate& candidate : candidates) {
        if (candidate.probability <= 0) continue;
        sum += candidate.probability;
        last = candidate.token;
        if (uniform < sum) return candidate.token;
    }
    // Rounding may leave the sum a little below 1: the last possible one takes the rest.
    return last;
}

}  // namespace sotto

// The definitions of the sampling steps, written as plainly as they read, in double precision and
// with full sorts: what the tests hold the engine's steps against.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "engine/api/generation_request.h"

namespace sotto::test {

struct NaiveCandidate {
    std::int32_t token;
    double logit;
};
using NaiveCandidates = std::vector<NaiveCandidate>;

inline NaiveCandidates naiveSorted(NaiveCandidates candidates) {
    std::stable_sort(candidates.begin(), candidates.end(), [](const auto& left, const auto& right) {
        return left.logit != right.logit ? left.logit > right.logit : left.token < right.token;
    });
    return candidates;
}

inline std::vector<double> naiveSoftmax(const NaiveCandidates& candidates) {
    double highest = -INFINITY;
    for (const auto& candidate : candidates) highest = std::max(highest, candidate.logit);
    std::vector<double> probabilities;
    double sum = 0;
    for (const auto& candidate : candidates) {
        probabilities.push_back(std::exp(candidate.logit - highest));
        sum += probabilities.back();
    }
    for (double& probability : probabilities) probability /= sum;
    return probabilities;
}

inline NaiveCandidates naiveTopK(const NaiveCandidates& candidates, std::int32_t k) {
    NaiveCandidates sorted = naiveSorted(candidates);
    if (k > 0 && static_cast<std::size_t>(k) < sorted.size()) {
        sorted.resize(static_cast<std::size_t>(k));
    }
    return sorted;
}

inline NaiveCandidates naiveTopP(const NaiveCandidates& candidates, double p) {
    if (p >= 1) return candidates;
    NaiveCandidates sorted = naiveSorted(candidates);
    const auto probabilities = naiveSoftmax(sorted);
    double sum = 0;
    for (std::size_t index = 0; index < sorted.size(); ++index) {
        sum += probabilities[index];
        if (sum >= p) {
            sorted.resize(index + 1);
            break;
        }
    }
    return sorted;
}

inline NaiveCandidates naiveMinP(const NaiveCandidates& candidates, double p) {
    const auto probabilities = naiveSoftmax(candidates);
    const double highest = *std::max_element(probabilities.begin(), probabilities.end());
    NaiveCandidates kept;
    for (std::size_t index = 0; index < candidates.size(); ++index) {
        if (probabilities[index] >= p * highest) kept.push_back(candidates[index]);
    }
    return kept;
}

inline NaiveCandidates naiveTypical(const NaiveCandidates& candidates, double p) {
    if (p >= 1) return candidates;
    const auto probabilities = naiveSoftmax(candidates);
    double entropy = 0;
    for (const double probability : probabilities) {
        if (probability > 0) entropy -= probability * std::log(probability);
    }
    std::vector<std::size_t> order(candidates.size());
    for (std::size_t index = 0; index < order.size(); ++index) order[index] = index;
    const auto distance = [&](std::size_t index) {
        return std::abs(-std::log(probabilities[index]) - entropy);
    };
    std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
        return distance(left) < distance(right);
    });
    NaiveCandidates kept;
    double sum = 0;
    for (const std::size_t index : order) {
        kept.push_back(candidates[index]);
        sum += probabilities[index];
        if (sum >= p) break;
    }
    return naiveSorted(kept);
}

inline void naivePenalties(std::vector<double>& logits, std::span<const std::int32_t> window,
                           const SamplingSettings& settings) {
    std::map<std::int32_t, int> counts;
    for (const auto token : window) ++counts[token];
    for (const auto& [token, count] : counts) {
        double& logit = logits[static_cast<std::size_t>(token)];
        logit = logit > 0 ? logit / settings.repeatPenalty : logit * settings.repeatPenalty;
        logit -= settings.presencePenalty;
        logit -= settings.frequencyPenalty * count;
    }
}

// For every next token: the longest ending of the history that also ends right before an earlier
// occurrence of that token, breakers never inside. Cubic, by comparing everything with everything.
inline void naiveDry(std::vector<double>& logits, const std::vector<std::int32_t>& history,
                     const DrySettings& settings, const std::vector<std::int32_t>& breakers) {
    const auto isBreaker = [&](std::int32_t token) {
        return std::find(breakers.begin(), breakers.end(), token) != breakers.end();
    };
    const std::size_t n = history.size();
    for (std::size_t next = 0; next < logits.size(); ++next) {
        if (isBreaker(static_cast<std::int32_t>(next))) continue;
        int longest = 0;
        for (std::size_t place = 1; place < n; ++place) {
            if (history[place] != static_cast<std::int32_t>(next)) continue;
            int length = 0;
            for (std::size_t back = 1; back <= place; ++back) {
                if (history[place - back] != history[n - back]) break;
                if (isBreaker(history[n - back])) break;
                ++length;
            }
            longest = std::max(longest, length);
        }
        if (longest >= settings.allowedLength) {
            logits[next] -= settings.multiplier * std::pow(static_cast<double>(settings.base),
                                                           longest - settings.allowedLength);
        }
    }
}

}  // namespace sotto::test

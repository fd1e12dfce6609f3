#include "engine/kernels/cpu/expert_routing.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/check.h"

namespace sotto::cpu {
namespace {

std::size_t maxPairs(const KernelLimits& limits) {
    return static_cast<std::size_t>(limits.maxTokens * limits.maxExpertsUsed);
}

}  // namespace

void ExpertRouting::reserve(const KernelLimits& limits) {
    m_experts.reserve(maxPairs(limits));
    m_weights.reserve(maxPairs(limits));
    m_pairOfPlace.reserve(maxPairs(limits));
    m_placeOfPair.reserve(maxPairs(limits));
    m_groups.reserve(static_cast<std::size_t>(limits.maxExperts));
}

std::uint64_t ExpertRouting::bytes(const KernelLimits& limits) {
    return maxPairs(limits) * (3 * sizeof(std::int32_t) + sizeof(float)) +
           static_cast<std::uint64_t>(limits.maxExperts) * sizeof(ExpertGroup);
}

void ExpertRouting::choose(const float* logits, std::int64_t nTokens, const ExpertChoice& choice) {
    SOTTO_CHECK(choice.nExperts <= kMaxExperts && choice.nUsed <= kMaxExpertsUsed &&
                choice.nUsed <= choice.nExperts);
    m_experts.clear();
    m_weights.clear();
    for (std::int64_t token = 0; token < nTokens; ++token)
        chooseRow(logits + token * choice.nExperts, choice);
    sort(choice.nExperts);
}

// The best so far stay sorted; an expert goes behind those that are not lower.
void ExpertRouting::chooseRow(const float* logits, const ExpertChoice& choice) {
    std::array<std::int32_t, kMaxExpertsUsed> best{};
    const auto valueOf = [&](std::int32_t expert) {
        constexpr float kLowest = -std::numeric_limits<float>::infinity();
        return std::isnan(logits[expert]) ? kLowest : logits[expert];
    };
    std::int32_t nBest = 0;
    for (std::int32_t expert = 0; expert < choice.nExperts; ++expert) {
        std::int32_t place = nBest;
        while (place > 0 && valueOf(expert) > valueOf(best[static_cast<std::size_t>(place - 1)]))
            --place;
        if (place == choice.nUsed) continue;
        nBest = std::min(nBest + 1, choice.nUsed);
        for (std::int32_t later = nBest - 1; later > place; --later)
            best[static_cast<std::size_t>(later)] = best[static_cast<std::size_t>(later - 1)];
        best[static_cast<std::size_t>(place)] = expert;
    }
    // Softmax over all, divided by the sum of the chosen, is softmax over the chosen.
    const double highest = valueOf(best[0]);
    const auto exponential = [&](std::int32_t expert) {
        return std::exp(double(logits[expert]) - highest);
    };
    double sum = 0;
    if (choice.isNormalized)
        for (std::int32_t place = 0; place < choice.nUsed; ++place)
            sum += exponential(best[static_cast<std::size_t>(place)]);
    else
        for (std::int32_t expert = 0; expert < choice.nExperts; ++expert)
            sum += exponential(expert);
    for (std::int32_t place = 0; place < choice.nUsed; ++place) {
        const std::int32_t expert = best[static_cast<std::size_t>(place)];
        m_experts.push_back(expert);
        m_weights.push_back(static_cast<float>(exponential(expert) / sum));
    }
}

void ExpertRouting::sort(std::int32_t nExperts) {
    std::array<std::int32_t, kMaxExperts + 1> next{};  // place of an expert's next pair
    for (const std::int32_t expert : m_experts) ++next[static_cast<std::size_t>(expert) + 1];
    m_groups.clear();
    for (std::int32_t expert = 0; expert < nExperts; ++expert) {
        const auto index = static_cast<std::size_t>(expert);
        if (next[index + 1] > 0) m_groups.push_back({expert, next[index], next[index + 1]});
        next[index + 1] += next[index];
    }
    m_pairOfPlace.resize(m_experts.size());
    m_placeOfPair.resize(m_experts.size());
    for (std::size_t pair = 0; pair < m_experts.size(); ++pair) {
        const std::int32_t place = next[static_cast<std::size_t>(m_experts[pair])]++;
        m_placeOfPair[pair] = place;
        m_pairOfPlace[static_cast<std::size_t>(place)] = static_cast<std::int32_t>(pair);
    }
}

}  // namespace sotto::cpu

// Which experts the rows of a step go to, and the rows in the experts' order: on the host.
//
// A pair is one expert of one token, pair = token * nUsed + n. Sorted by expert, and within one by
// pair, the pairs have places; the rows of an expert so lie behind one another. Owned by the CPU
// set; one caller; allocates in reserve() alone.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/kernels/experts.h"

namespace sotto::cpu {

// The places of one expert.
struct ExpertGroup {
    std::int32_t expert = 0;
    std::int64_t firstPlace = 0;
    std::int64_t nPlaces = 0;  // at least one
};

class ExpertRouting {
public:
    void reserve(const KernelLimits& limits);
    static std::uint64_t bytes(const KernelLimits& limits);

    // logits: [nTokens, choice.nExperts].
    void choose(const float* logits, std::int64_t nTokens, const ExpertChoice& choice);

    std::span<const ExpertGroup> groups() const { return m_groups; }
    std::span<const std::int32_t> pairOfPlace() const { return m_pairOfPlace; }
    std::span<const std::int32_t> placeOfPair() const { return m_placeOfPair; }
    std::span<const float> weights() const { return m_weights; }  // [nTokens, nUsed]

private:
    void chooseRow(const float* logits, const ExpertChoice& choice);
    void sort(std::int32_t nExperts);

    std::vector<std::int32_t> m_experts;  // of each pair
    std::vector<float> m_weights;
    std::vector<std::int32_t> m_pairOfPlace;
    std::vector<std::int32_t> m_placeOfPair;
    std::vector<ExpertGroup> m_groups;
};

}  // namespace sotto::cpu

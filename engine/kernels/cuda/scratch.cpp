#include "engine/kernels/cuda/scratch.h"

#include <algorithm>
#include <string>

#include "engine/kernels/cuda/attention.h"
#include "engine/kernels/cuda/choose_tokens.h"
#include "engine/kernels/cuda/expert_slots.h"
#include "engine/kernels/cuda/linear_rows.h"

namespace sotto::cuda {
namespace {

std::size_t size(std::int64_t value) { return static_cast<std::size_t>(value); }

}  // namespace

PlaneSlot::PlaneSlot(ArenaPlan& plan, const char* name, std::int64_t nTokens, std::int64_t nCols) {
    const std::int64_t nGroups =
        tokenTilesOf(nTokens) * kTileTokens * groupsOf(std::max<std::int64_t>(1, nCols));
    m_values = plan.add(std::string(name) + " values",
                        size(nGroups * groupValueBytes(ActivationKind::SplitBf16)));
    m_scales = plan.add(std::string(name) + " scales", size(nGroups) * 2 * sizeof(float));
    m_squares = plan.add(std::string(name) + " squares", size(nGroups) * sizeof(float));
}

ActivationPlane PlaneSlot::plane(const Arena& arena, ActivationKind kind,
                                 std::int64_t nCols) const {
    ActivationPlane plane;
    plane.values = arena.data(m_values);
    plane.scales = arena.as<float>(m_scales);
    plane.kind = kind;
    plane.nCols = static_cast<std::int32_t>(nCols);
    return plane;
}

ActivationPlane PlaneSlot::normedPlane(const Arena& arena, ActivationKind kind, std::int64_t nCols,
                                       float epsilon) const {
    ActivationPlane result = plane(arena, kind, nCols);
    result.squares = arena.as<float>(m_squares);
    result.normWidth = static_cast<std::int32_t>(nCols);
    result.normEpsilon = epsilon;
    return result;
}

void ScratchPlan::planExperts(const KernelLimits& limits) {
    if (limits.maxExperts == 0) return;
    const ExpertChoice choice{.nExperts = static_cast<std::int32_t>(limits.maxExperts),
                              .nUsed = static_cast<std::int32_t>(limits.maxExpertsUsed),
                              .isNormalized = true};
    const std::int64_t nTokens = std::max<std::int64_t>(kMaxRowTokens, limits.maxTokens);
    const std::size_t nPairs = size(nTokens * choice.nUsed);
    const std::int64_t nSlots = expertRows(nTokens, choice);
    experts = PlaneSlot(arena, "experts' rows", nSlots, limits.maxExpertCols);
    chosenExperts = arena.add("chosen experts", nPairs * sizeof(std::int32_t));
    expertWeights = arena.add("experts' weights", nPairs * sizeof(float));
    pairOfSlot = arena.add("pairs of slots", size(nSlots) * sizeof(std::int32_t));
    slotOfPair = arena.add("slots of pairs", nPairs * sizeof(std::int32_t));
    expertBlocks = arena.add(
        "blocks of experts",
        size(sotto::cuda::expertBlocks(nTokens, choice, kMinExpertBlock)) * sizeof(ExpertBlock));
    routedBlocks = arena.add("routed blocks", sizeof(std::int32_t));
}

ScratchPlan::ScratchPlan(const KernelLimits& limits, ProductPath products) {
    const std::int64_t nHeads = std::max<std::int64_t>(1, limits.maxHeads);
    const bool hasLibrary = products != ProductPath::Own && limits.maxTokens > kMaxRowTokens;
    wide = PlaneSlot(
        arena, "rows",
        hasLibrary ? libraryTokens(limits.maxTokens) : std::max<std::int64_t>(1, limits.maxTokens),
        limits.maxCols);
    if (hasLibrary) library = LibraryPlan(arena, limits);
    hidden = PlaneSlot(arena, "hidden rows", kMaxRowTokens, limits.maxCols);
    attention = PlaneSlot(arena, "attention rows", kMaxRowTokens, limits.maxCols);
    glu = PlaneSlot(arena, "inner rows", kMaxRowTokens, limits.maxCols);
    partials = arena.add("attention splits",
                         size(attentionPartialBytes(nHeads, limits.maxHeadDim, limits.maxContext)));
    finishedPanels = arena.add("finished panels", size(3 * nHeads) * sizeof(std::int32_t));
    finishedSplits =
        arena.add("finished splits", size(attentionCounterBytes(nHeads, limits.maxContext)));
    planExperts(limits);
    chosen = arena.add("chosen tokens",
                       ChoiceLayout{.nRows = kMaxRowTokens, .k = kMaxCandidates}.bytes());
    choosing = arena.add("choosing",
                         size(chooseTokensScratchBytes(std::max<std::int64_t>(1, limits.maxVocab),
                                                       kMaxRowTokens, kMaxCandidates)));
}

}  // namespace sotto::cuda

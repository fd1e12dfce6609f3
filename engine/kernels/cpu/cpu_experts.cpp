// Mixtures of experts: the rows of a step sorted by expert, each expert's times its own matrices.
//
// An expert's rows are computed as a linear step of its own would be: a row's bits depend on
// nothing but the row.
#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.h"
#include "engine/kernels/cpu/cpu_kernel_set.h"

namespace sotto::cpu {

// Place after place the rows of x as they are to be multiplied; a row serves pairsPerRow pairs.
void CpuKernels::gatherPlaces(const float* x, std::int64_t nCols, std::int64_t pairsPerRow,
                              float* out) {
    const auto pairOfPlace = m_routing.pairOfPlace();
    const std::int64_t placesPerChunk = std::max<std::int64_t>(1, kMinElementsPerChunk / nCols);
    const std::int64_t nPlaces = std::ssize(pairOfPlace);
    m_pool.parallelFor(
        (nPlaces + placesPerChunk - 1) / placesPerChunk, [&](std::int64_t chunk, int) {
            const std::int64_t end = std::min(nPlaces, (chunk + 1) * placesPerChunk);
            for (std::int64_t place = chunk * placesPerChunk; place < end; ++place) {
                const std::int64_t row = pairOfPlace[static_cast<std::size_t>(place)] / pairsPerRow;
                std::memcpy(out + place * nCols, x + row * nCols,
                            static_cast<std::size_t>(nCols) * sizeof(float));
            }
        });
}

// x: [nPlaces, nCols] for float matrices; of packed ones the planes are ready.
void CpuKernels::expertProducts(const float* x, std::span<const ExpertProduct> products,
                                std::int32_t nExperts) {
    const std::int64_t nCols = products.front().stack->nCols;
    const ActivationPlanes planes =
        layOutActivations(m_activations, std::ssize(m_routing.pairOfPlace()), nCols);
    m_products.clear();
    for (const ExpertGroup& group : m_routing.groups())
        for (const ExpertProduct& product : products) {
            const std::int64_t nRows = product.stack->nRows / nExperts;
            addProduct({.weight = product.stack,
                        .firstRow = group.expert * nRows,
                        .nRows = nRows,
                        .x = x + group.firstPlace * nCols,
                        .activations = {activationTile(planes, group.firstPlace, nCols)},
                        .nTokens = group.nPlaces,
                        .out = product.out + group.firstPlace * nRows});
        }
    runProducts();
}

// out[token] += the sum over its experts of weight * row, the most probable first.
void CpuKernels::mixPlaces(const ExpertsArgs& args) {
    const auto placeOfPair = m_routing.placeOfPair();
    const auto weights = m_routing.weights();
    const std::int64_t width = args.norm.width;
    const std::int32_t nUsed = args.choice.nUsed;
    const std::int64_t tokensPerChunk =
        std::max<std::int64_t>(1, kMinElementsPerChunk / (width * nUsed));
    const std::int64_t nChunks = (args.norm.nTokens + tokensPerChunk - 1) / tokensPerChunk;
    m_pool.parallelFor(nChunks, [&](std::int64_t chunk, int) {
        const std::int64_t end = std::min(args.norm.nTokens, (chunk + 1) * tokensPerChunk);
        for (std::int64_t token = chunk * tokensPerChunk; token < end; ++token) {
            float* const out = args.out + token * width;
            for (std::int32_t n = 0; n < nUsed; ++n) {
                const auto pair = static_cast<std::size_t>(token * nUsed + n);
                const float* const row = args.mixed + placeOfPair[pair] * width;
                for (std::int64_t dim = 0; dim < width; ++dim) out[dim] += weights[pair] * row[dim];
            }
        }
    });
}

void CpuKernels::tellPlaces(const Weight& stack, const float* x, std::int64_t pairsPerRow) const {
    const auto pairOfPlace = m_routing.pairOfPlace();
    for (const ExpertGroup& group : m_routing.groups())
        for (std::int64_t place = group.firstPlace; place < group.firstPlace + group.nPlaces;
             ++place) {
            const std::int64_t row =
                pairsPerRow == 0 ? place
                                 : pairOfPlace[static_cast<std::size_t>(place)] / pairsPerRow;
            m_observer->onInput(stack, group.expert, x + row * stack.nCols, 1);
        }
}

void CpuKernels::experts(const ExpertsArgs& args) {
    if (args.norm.nTokens == 0) return;
    SOTTO_CHECK(args.choice.nExperts <= m_limits.maxExperts &&
                args.choice.nUsed <= m_limits.maxExpertsUsed &&
                args.norm.nTokens <= m_limits.maxTokens);
    rmsNorm(args.norm);
    const LinearTarget router{.weight = args.router, .out = args.logits};
    linear({args.norm.out, args.norm.nTokens, {&router, 1}});
    m_routing.choose(args.logits, args.norm.nTokens, args.choice);

    const auto& gate = static_cast<const CpuWeight&>(*args.gate);
    const auto& up = static_cast<const CpuWeight&>(*args.up);
    const auto& down = static_cast<const CpuWeight&>(*args.down);
    const std::int64_t nInner = down.nCols;
    const std::int64_t nPlaces = std::ssize(m_routing.pairOfPlace());
    if (m_observer != nullptr) {
        tellPlaces(gate, args.norm.out, args.choice.nUsed);
        tellPlaces(up, args.norm.out, args.choice.nUsed);
    }
    if (isPackedType(gate.type) || isPackedType(up.type))
        quantizePlaces(args.norm.out, args.norm.width, m_routing.groups(), args.choice.nUsed);
    if (!isPackedType(gate.type) || !isPackedType(up.type))
        gatherPlaces(args.norm.out, args.norm.width, args.choice.nUsed, args.mixed);
    const std::array<ExpertProduct, 2> inner{{{&gate, args.gated}, {&up, args.upper}}};
    expertProducts(args.mixed, inner, args.choice.nExperts);
    glu({.kind = args.glu,
         .gate = args.gated,
         .up = args.upper,
         .out = args.gated,
         .nTokens = nPlaces,
         .width = nInner});

    if (m_observer != nullptr) tellPlaces(down, args.gated, 0);
    if (isPackedType(down.type)) quantizePlaces(args.gated, nInner, m_routing.groups(), 0);
    const ExpertProduct outer{&down, args.mixed};
    expertProducts(args.gated, {&outer, 1}, args.choice.nExperts);
    mixPlaces(args);
}

}  // namespace sotto::cpu

// Mixtures of experts on CudaKernelSet: up to 8 rows in three kernels, router, inner and outer
// products; more rows sorted by expert and multiplied on tiles. F32 matrices, and matrices that
// want different kinds of input, take the operations one by one.
#include <algorithm>

#include "base/check.h"
#include "engine/kernels/cuda/cuda_kernel_set.h"
#include "engine/kernels/cuda/cuda_ops.h"
#include "engine/kernels/cuda/expert_rows.h"
#include "engine/kernels/cuda/expert_slots.h"
#include "engine/kernels/cuda/linear_float.h"
#include "engine/kernels/cuda/linear_tiles.h"
#include "engine/kernels/cuda/quantize_rows.h"
#include "engine/kernels/cuda/route_experts.h"
#include "engine/kernels/cuda/row_ops.h"

namespace sotto::cuda {
namespace {

// One expert's matrix of a stack, as the first of them lies.
RowsMatrix stackMatrix(const Weight* stack, std::int32_t nExperts, float* out) {
    RowsMatrix matrix = rowsMatrix({stack, nullptr, out});
    matrix.nRows /= nExperts;
    return matrix;
}

}  // namespace

ChosenExperts CudaKernelSet::chosenExperts() const {
    return {m_scratch.as<std::int32_t>(m_plan.chosenExperts),
            m_scratch.as<float>(m_plan.expertWeights)};
}

ExpertSlots CudaKernelSet::expertSlots() const {
    return {.pairOfSlot = m_scratch.as<std::int32_t>(m_plan.pairOfSlot),
            .slotOfPair = m_scratch.as<std::int32_t>(m_plan.slotOfPair),
            .blocks = m_scratch.as<ExpertBlock>(m_plan.expertBlocks)};
}

// Which experts each row goes to; a plane of the hidden rows stays.
void CudaKernelSet::route(const ExpertsArgs& args) {
    const CudaWeight& router = asCuda(args.router);
    const std::int64_t nTokens = args.norm.nTokens;
    if (!router.isPacked() && nTokens <= kMaxRowTokens) {
        RouteRowsLaunch rows;
        rows.hidden = args.norm.x;
        rows.normWeight = args.norm.weight;
        rows.normEpsilon = args.norm.epsilon;
        rows.router = router.floats();
        rows.nTokens = static_cast<std::int32_t>(nTokens);
        rows.nCols = static_cast<std::int32_t>(args.norm.width);
        rows.choice = args.choice;
        rows.logits = args.logits;
        rows.finishedBlocks = m_scratch.as<std::int32_t>(m_plan.routedBlocks);
        rows.chosen = chosenExperts();
        launchRouteRows(rows, on());
        return;
    }
    rmsNorm(args.norm);
    const MadePlane hidden = m_hidden;
    const LinearTarget target{.weight = args.router, .out = args.logits};
    linear({args.norm.out, nTokens, {&target, 1}});
    m_hidden = hidden;
    launchChooseExperts({args.logits, nTokens, args.choice, chosenExperts()}, on());
}

void CudaKernelSet::expertsOfRows(const ExpertsArgs& args) {
    const std::int64_t nInner = args.down->nCols;
    ExpertRowsArgs inner;
    inner.x = normedInput(args.norm, asCuda(args.gate).inputKind());
    inner.nTokens = static_cast<std::int32_t>(args.norm.nTokens);
    inner.nUsed = args.choice.nUsed;
    inner.nCols = static_cast<std::int32_t>(args.norm.width);
    inner.chosen = chosenExperts();
    inner.matrices[0] = stackMatrix(args.gate, args.choice.nExperts, nullptr);
    inner.matrices[1] = stackMatrix(args.up, args.choice.nExperts, nullptr);
    inner.epilogue = ExpertEpilogue::Glu;
    inner.glu = args.glu;
    inner.next = m_plan.experts.plane(m_scratch, asCuda(args.down).inputKind(), nInner);
    launchExpertRows(inner, on());

    ExpertRowsArgs outer;
    outer.x = inner.next;
    outer.isPerPair = true;
    outer.nTokens = inner.nTokens;
    outer.nUsed = inner.nUsed;
    outer.nCols = static_cast<std::int32_t>(nInner);
    outer.chosen = inner.chosen;
    outer.matrices[0] = stackMatrix(args.down, args.choice.nExperts, args.out);
    outer.epilogue = ExpertEpilogue::Mix;
    m_hidden = {};
    if (args.nextNorm != nullptr && readsPlane(args.nextConsumer)) {
        outer.next = m_plan.hidden.normedPlane(m_scratch, asCuda(args.nextConsumer).inputKind(),
                                               args.norm.width, args.nextEpsilon);
        outer.nextNorm = args.nextNorm;
        m_hidden = {args.out, args.nextNorm, args.norm.nTokens, outer.next};
    }
    launchExpertRows(outer, on());
}

// Rows in slots, sorted by expert; packed matrices of one kind of input and any `down` that is
// packed too.
void CudaKernelSet::expertsOfTiles(const ExpertsArgs& args) {
    const std::int64_t nTokens = args.norm.nTokens;
    const std::int64_t nSlots = expertRows(nTokens, args.choice);
    const std::int64_t nInner = args.down->nCols;
    const ExpertSlots slots = expertSlots();
    SortExpertsLaunch sort;
    sort.experts = chosenExperts().experts;
    sort.nTokens = nTokens;
    sort.choice = args.choice;
    sort.blockTokens = expertBlockTokens(nTokens, args.choice, m_options.onlyTileTokens);
    sort.sorted = slots;
    launchSortExperts(sort, on());

    QuantizeRowsArgs gathered;
    gathered.x = args.norm.out;
    gathered.nTokens = nSlots;
    gathered.plane =
        m_plan.experts.plane(m_scratch, asCuda(args.gate).inputKind(), args.norm.width);
    gathered.pairOfSlot = slots.pairOfSlot;
    gathered.pairsPerRow = args.choice.nUsed;
    launchQuantizeRows(gathered, on());

    LinearTilesArgs tiles;
    tiles.x = gathered.plane;
    tiles.nTokens = nSlots;
    tiles.nCols = static_cast<std::int32_t>(args.norm.width);
    tiles.nMatrices = 2;
    tiles.matrices[0] = stackMatrix(args.gate, args.choice.nExperts, args.gated);
    tiles.matrices[1] = stackMatrix(args.up, args.choice.nExperts, args.upper);
    tiles.expertBlocks = slots.blocks;
    tiles.blockTokens = sort.blockTokens;
    tiles.nExpertBlocks =
        static_cast<std::int32_t>(expertBlocks(nTokens, args.choice, sort.blockTokens));
    tilesProduct(tiles);

    QuantizeRowsArgs product;
    product.x = args.upper;
    product.gate = args.gated;
    product.isGelu = args.glu == GluKind::GeluTanh;
    product.nTokens = nSlots;
    product.plane = m_plan.experts.plane(m_scratch, asCuda(args.down).inputKind(), nInner);
    product.pairOfSlot = slots.pairOfSlot;
    launchQuantizeRows(product, on());

    tiles.x = product.plane;
    tiles.nCols = static_cast<std::int32_t>(nInner);
    tiles.nMatrices = 1;
    tiles.matrices[0] = stackMatrix(args.down, args.choice.nExperts, args.mixed);
    tilesProduct(tiles);
    launchMixExperts({args.mixed, slots.slotOfPair, chosenExperts().weights, args.out, nTokens,
                      args.choice.nUsed, args.norm.width},
                     on());
}

// out[pair] = W_e x of up to 8 tokens; x has a row per token, or per pair.
void CudaKernelSet::pairProduct(const ExpertsArgs& args, const PairRows& rows, const Weight* stack,
                                float* out) {
    const std::int32_t nUsed = args.choice.nUsed;
    const RowsMatrix matrix = stackMatrix(stack, args.choice.nExperts, out);
    if (!asCuda(stack).isPacked()) {
        LinearFloatArgs product{.x = rows.x,
                                .weights = asCuda(stack).floats(),
                                .out = out,
                                .nTokens = rows.nTokens * nUsed,
                                .nRows = matrix.nRows,
                                .nCols = stack->nCols};
        product.experts = {rows.chosen.experts, nullptr, rows.isPerPair ? 0 : nUsed};
        launchLinearFloat(product, on());
        return;
    }
    QuantizeRowsArgs quantize;
    quantize.x = rows.x;
    quantize.nTokens = rows.isPerPair ? rows.nTokens * nUsed : rows.nTokens;
    quantize.plane = m_plan.experts.plane(m_scratch, asCuda(stack).inputKind(), stack->nCols);
    launchQuantizeRows(quantize, on());
    ExpertRowsArgs product;
    product.x = quantize.plane;
    product.isPerPair = rows.isPerPair;
    product.nTokens = static_cast<std::int32_t>(rows.nTokens);
    product.nUsed = nUsed;
    product.nCols = static_cast<std::int32_t>(stack->nCols);
    product.chosen = rows.chosen;
    product.matrices[0] = matrix;
    launchExpertRows(product, on());
}

// Float rows in the order of the pairs between every two operations. Up to 8 rows at a time, so
// that packed matrices can take part.
void CudaKernelSet::expertsOneByOne(const ExpertsArgs& args) {
    const std::int32_t nUsed = args.choice.nUsed;
    const std::int64_t nEmbd = args.norm.width;
    for (std::int64_t first = 0; first < args.norm.nTokens; first += kMaxRowTokens) {
        PairRows rows{args.norm.out + first * nEmbd, false,
                      std::min<std::int64_t>(kMaxRowTokens, args.norm.nTokens - first),
                      chosenExperts()};
        rows.chosen.experts += first * nUsed;
        rows.chosen.weights += first * nUsed;
        pairProduct(args, rows, args.gate, args.gated);
        pairProduct(args, rows, args.up, args.upper);
        launchGlu(
            {args.glu, args.gated, args.upper, args.gated, rows.nTokens * nUsed, args.down->nCols},
            on());
        rows.x = args.gated;
        rows.isPerPair = true;
        pairProduct(args, rows, args.down, args.mixed);
        launchMixExperts({args.mixed, nullptr, rows.chosen.weights, args.out + first * nEmbd,
                          rows.nTokens, nUsed, nEmbd},
                         on());
    }
}

void CudaKernelSet::experts(const ExpertsArgs& args) {
    SOTTO_CHECK(args.choice.nExperts <= m_limits.maxExperts &&
                args.choice.nUsed <= m_limits.maxExpertsUsed &&
                args.norm.nTokens <= m_limits.maxTokens);
    m_input = {};
    note(settleUploads());
    route(args);
    const bool isFused = shareInput({args.gate, args.up}) && readsPlane(args.down);
    const bool isFew = args.norm.nTokens <= kMaxRowTokens;
    if (isFused && isFew) {
        expertsOfRows(args);
        return;
    }
    m_hidden = {};
    // The router alone may have needed no norm of its own.
    if (isFew) rmsNorm(args.norm);
    if (isFused)
        expertsOfTiles(args);
    else
        expertsOneByOne(args);
}

}  // namespace sotto::cuda

// The operations of CudaKernelSet: which kernel serves which shape, and what passes between them.
//
// Up to 8 rows: five kernels per layer, each leaving its result as the quantized input of the next.
// More rows: products on tiles, everything around them in kernels of its own. F32 matrices, and
// matrices of one operation that want different kinds of input, take the operations one by one.
#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "engine/kernels/cuda/attention.h"
#include "engine/kernels/cuda/cuda_kernel_set.h"
#include "engine/kernels/cuda/cuda_ops.h"
#include "engine/kernels/cuda/linear_float.h"
#include "engine/kernels/cuda/linear_rows.h"
#include "engine/kernels/cuda/linear_rows_config.h"
#include "engine/kernels/cuda/linear_tiles.h"
#include "engine/kernels/cuda/quantize_rows.h"
#include "engine/kernels/cuda/repack.h"
#include "engine/kernels/cuda/row_ops.h"

namespace sotto::cuda {
namespace {

// Whether the epilogue of linear_rows can write such rows. Quantized and rotated ones it cannot:
// the kernels of all products would carry the code and its registers, for a launch of microseconds.
bool isStoredByEpilogue(const KvLayer& cache) {
    const KvPlanes planes = planesOf(cache);
    return planes.keys.dim <= kMaxFusedHeadDim && isPlain(planes.keys) && isPlain(planes.values);
}

}  // namespace

ActivationPlane CudaKernelSet::quantized(const float* x, std::int64_t nTokens, std::int64_t nCols,
                                         ActivationKind kind) {
    QuantizeRowsArgs args;
    args.x = x;
    args.nTokens = nTokens;
    args.plane = m_plan.wide.plane(m_scratch, kind, nCols);
    launchQuantizeRows(args, on());
    return args.plane;
}

// The plane that the operation before left, or one made now. The norm stays pending either way.
ActivationPlane CudaKernelSet::normedInput(const RmsNormArgs& norm, ActivationKind kind) {
    if (m_hidden.rows == norm.x && m_hidden.norm == norm.weight &&
        m_hidden.nTokens == norm.nTokens && m_hidden.plane.kind == kind &&
        m_hidden.plane.normEpsilon == norm.epsilon)
        return m_hidden.plane;
    QuantizeRowsArgs args;
    args.x = norm.x;
    args.normWeight = norm.weight;
    args.nTokens = norm.nTokens;
    args.plane = m_plan.wide.normedPlane(m_scratch, kind, norm.width, norm.epsilon);
    launchQuantizeRows(args, on());
    return args.plane;
}

ActivationPlane CudaKernelSet::inputOf(const float* x, std::int64_t nTokens, const Weight& weight) {
    const ActivationKind kind = asCuda(&weight).inputKind();
    if (m_input.rows == x && m_input.nTokens == nTokens && m_input.plane.kind == kind)
        return m_input.plane;
    return quantized(x, nTokens, weight.nCols, kind);
}

// out = W x + b of packed matrices that share their input.
void CudaKernelSet::product(const ActivationPlane& x, std::int64_t nTokens,
                            std::span<const LinearTarget> targets) {
    for (std::size_t begin = 0; begin < targets.size(); begin += kMaxRowMatrices) {
        const std::size_t count = std::min<std::size_t>(kMaxRowMatrices, targets.size() - begin);
        const auto nCols = static_cast<std::int32_t>(targets[begin].weight->nCols);
        if (nTokens <= kMaxRowTokens) {
            LinearRowsArgs args;
            args.x = x;
            args.nTokens = static_cast<std::int32_t>(nTokens);
            args.nCols = nCols;
            args.nMatrices = static_cast<std::int32_t>(count);
            for (std::size_t index = 0; index < count; ++index)
                args.matrices[index] = rowsMatrix(targets[begin + index]);
            launchLinearRows(args, on());
            continue;
        }
        LinearTilesArgs args;
        args.x = x;
        args.nTokens = nTokens;
        args.nCols = nCols;
        args.nMatrices = static_cast<std::int32_t>(count);
        for (std::size_t index = 0; index < count; ++index)
            args.matrices[index] = rowsMatrix(targets[begin + index]);
        args.blockTokens = m_options.onlyTileTokens;
        tilesProduct(args);
    }
}

void CudaKernelSet::tilesProduct(const LinearTilesArgs& args) {
    m_productUse.own += static_cast<std::uint64_t>(args.nMatrices);
    launchTiles(args);
}

void CudaKernelSet::launchTiles(const LinearTilesArgs& args) {
    const TilesPlan launched = launchLinearTiles(args, on());
    if (!m_options.onTiles) return;
    for (int index = 0; index < args.nMatrices; ++index)
        for (const int tokens : {launched.mainTokens, launched.tailTokens})
            if (tokens != 0)
                m_options.onTiles(args.matrices[index].type, tokens, args.expertBlocks != nullptr);
}

void CudaKernelSet::floatProduct(const LinearArgs& args, const LinearTarget& target) {
    const CudaWeight& weight = asCuda(target.weight);
    if (args.nTokens > kMaxRowTokens) ++m_productUse.own;
    launchLinearFloat({.x = args.x,
                       .weights = weight.floats(),
                       .bias = target.bias,
                       .out = target.out,
                       .nTokens = args.nTokens,
                       .nRows = weight.nRows,
                       .nCols = weight.nCols,
                       .isAccumulating = target.isAccumulating},
                      on());
}

// Whether a step of so many rows goes through cuBLAS here. Asked before anything is put into the
// plane of any number of rows: the first question tries the library on it.
bool CudaKernelSet::usesLibrary(const Weight* weight, std::int64_t nTokens) {
    if (m_library == nullptr || weight == nullptr || nTokens <= kMaxRowTokens) return false;
    note(settleUploads());
    const auto isServed = m_library->serves(asCuda(weight));
    m_isBehindKernel = false;
    if (!isServed) note(fail(isServed.error()));
    return isServed.value_or(false);
}

// Which targets are done, a bit each: the library may give up between two of them.
std::uint64_t CudaKernelSet::libraryProducts(const LinearArgs& args) {
    SOTTO_CHECK(args.targets.size() <= 64);
    std::uint64_t done = 0;
    for (const LinearTarget& target : args.targets) usesLibrary(target.weight, args.nTokens);
    int nParts = 0;  // of what was split; it says the type of the numbers, too
    for (std::size_t index = 0; index < args.targets.size(); ++index) {
        const LinearTarget& target = args.targets[index];
        if (!usesLibrary(target.weight, args.nTokens)) continue;
        const RowParts parts = rowPartsOf(target.weight->type);
        if (std::exchange(nParts, parts.nParts) != parts.nParts)
            m_library->split(args.x, args.nTokens, target.weight->nCols, target.weight->type);
        const bool isByLibrary = m_library->multiply(target, args.x, args.nTokens);
        ++(isByLibrary ? m_productUse.library : m_productUse.own);
        done |= std::uint64_t{1} << index;
    }
    return done;
}

// For the library, which measures it and is made good by it.
void CudaKernelSet::ownProduct(const OwnProduct& args) {
    m_isBehindKernel = false;
    LinearTilesArgs tiles;
    tiles.x = quantized(args.x, args.nTokens, args.nCols, activationKindOf(args.matrix.type));
    tiles.nTokens = args.nTokens;
    tiles.nCols = static_cast<std::int32_t>(args.nCols);
    tiles.matrices[0] = args.matrix;
    tiles.blockTokens = m_options.onlyTileTokens;
    launchTiles(tiles);
}

void CudaKernelSet::linear(const LinearArgs& args) {
    note(settleUploads());
    forgetPlanes();
    const std::uint64_t done = libraryProducts(args);
    const auto isLeft = [&](const LinearTarget& target) {
        return (done >> (&target - args.targets.data()) & 1) == 0;
    };
    constexpr std::array kKinds{ActivationKind::Int8, ActivationKind::SplitF16,
                                ActivationKind::SplitBf16};
    for (const LinearTarget& target : args.targets)
        if (!asCuda(target.weight).isPacked()) floatProduct(args, target);
    for (const ActivationKind kind : kKinds) {
        const auto isOfKind = [&](const LinearTarget& target) {
            return isLeft(target) && asCuda(target.weight).isPacked() &&
                   asCuda(target.weight).inputKind() == kind;
        };
        const auto first = std::find_if(args.targets.begin(), args.targets.end(), isOfKind);
        if (first == args.targets.end()) continue;
        const ActivationPlane x = quantized(args.x, args.nTokens, first->weight->nCols, kind);
        if (std::all_of(args.targets.begin(), args.targets.end(), isOfKind)) {
            product(x, args.nTokens, args.targets);
            continue;
        }
        for (const LinearTarget& target : args.targets)
            if (isOfKind(target)) product(x, args.nTokens, {&target, 1});
    }
}

void CudaKernelSet::embed(const EmbedArgs& args) {
    note(settleUploads());
    forgetPlanes();
    if (!isWithinStep(args.tokenIds.data())) sendAlone({.tokenIds = args.tokenIds});
    const CudaWeight& table = asCuda(args.table);
    launchUnpackRows(
        {table.records(), table.type, table.nCols, m_inputs.tokenIds(), std::ssize(args.tokenIds),
         args.scale, args.out, m_scratch.as<ChosenHeader>(m_plan.chosen)},
        on());
}

void CudaKernelSet::gatherRows(const GatherArgs& args) {
    if (!isWithinStep(args.rowIndices.data())) sendAlone({.outputRows = args.rowIndices});
    launchGatherRows(
        {args.x, m_inputs.outputRows(), args.out, std::ssize(args.rowIndices), args.width}, on());
}

void CudaKernelSet::chooseTokens(const ChooseArgs& args) {
    ChooseTokensLaunch launch;
    launch.logits = args.logits;
    launch.nVocab = args.nVocab;
    launch.choices = m_inputs.choices();
    launch.tokenIds = m_inputs.tokenIds();
    launch.outputRows = m_inputs.outputRows();
    launch.penalized = m_inputs.penalized();
    launch.layout = m_slots[m_nQueued % kStepsInFlight].layout;
    launch.results = m_scratch.data(m_plan.chosen);
    launch.scratch = m_scratch.data(m_plan.choosing);
    launchChooseTokens(launch, on());
}

void CudaKernelSet::rmsNorm(const RmsNormArgs& args) { launchRmsNorm(args, on()); }

void CudaKernelSet::glu(const GluArgs& args) { launchGlu(args, on()); }

RopeStoreLaunch CudaKernelSet::ropeLaunch(const RopeStoreArgs& args) {
    RopeStoreLaunch launch;
    launch.q = args.q;
    launch.k = args.k;
    launch.v = args.v;
    launch.qNorm = args.qNorm;
    launch.kNorm = args.kNorm;
    launch.normEpsilon = args.normEpsilon;
    launch.kind = args.kind;
    launch.rotaryDims = args.rotaryDims;
    launch.frequencies = args.frequencies;
    launch.magnitude = args.magnitude;
    launch.nHeads = args.nHeads;
    launch.cache = planesOf(args.cache);
    launch.batch = batchOf(args.batch);
    return launch;
}

void CudaKernelSet::ropeStore(const RopeStoreArgs& args) {
    const RopeStoreLaunch launch = ropeLaunch(args);  // may copy, so before on()
    launchRopeStore(launch, on());
}

void CudaKernelSet::attention(const AttentionArgs& args) {
    m_input = {};
    AttentionLaunch launch;
    launch.q = args.q;
    launch.out = args.out;
    launch.scale = args.scale;
    launch.window = args.window;
    launch.nHeads = args.nHeads;
    launch.cache = planesOf(args.cache);
    launch.batch = batchOf(args.batch);
    if (launch.batch.nTokens <= kMaxRowTokens) {
        launch.partials = m_scratch.as<float>(m_plan.partials);
        launch.finishedSplits = m_scratch.as<std::int32_t>(m_plan.finishedSplits);
        if (readsPlane(args.consumer) && args.cache.shape.value.dim % kGroupCols == 0) {
            launch.next =
                m_plan.attention.plane(m_scratch, asCuda(args.consumer).inputKind(),
                                       std::int64_t{args.nHeads} * args.cache.shape.value.dim);
            m_input = {args.out, nullptr, launch.batch.nTokens, launch.next};
        }
    }
    launchAttention(launch, on());
}

void CudaKernelSet::attentionInput(const AttentionInputArgs& args) {
    const std::array inputs{args.query.weight, args.key.weight, args.value.weight};
    const bool isLibrarys = std::any_of(inputs.begin(), inputs.end(), [&](const Weight* weight) {
        return usesLibrary(weight, args.norm.nTokens);
    });
    if (isLibrarys || !shareInput({args.query.weight, args.key.weight, args.value.weight})) {
        KernelSet::attentionInput(args);
        return;
    }
    const std::array<LinearTarget, 3> targets{args.query, args.key, args.value};
    const ActivationPlane x = normedInput(args.norm, asCuda(args.query.weight).inputKind());
    if (args.norm.nTokens > kMaxRowTokens || !isStoredByEpilogue(args.rope.cache)) {
        product(x, args.norm.nTokens, targets);
        ropeStore(args.rope);
        return;
    }
    LinearRowsArgs rows;
    rows.x = x;
    rows.nTokens = static_cast<std::int32_t>(args.norm.nTokens);
    rows.nCols = static_cast<std::int32_t>(args.norm.width);
    rows.nMatrices = 3;
    for (std::size_t index = 0; index < targets.size(); ++index)
        rows.matrices[index] = rowsMatrix(targets[index]);
    rows.epilogue = RowsEpilogue::RopeStore;
    rows.rope = ropeLaunch(args.rope);
    rows.finishedPanels = m_scratch.as<std::int32_t>(m_plan.finishedPanels);
    nameAhead(rows, std::array{args.behindAttention});
    launchLinearRows(rows, on());
}

// activation(gate) * up as the input of the matrix that reads it next.
void CudaKernelSet::gatedToPlane(const GatedArgs& args, const ActivationPlane& x,
                                 ActivationKind kind) {
    const std::int64_t nTokens = args.norm.nTokens;
    if (nTokens <= kMaxRowTokens) {
        LinearRowsArgs rows;
        rows.x = x;
        rows.nTokens = static_cast<std::int32_t>(nTokens);
        rows.nCols = static_cast<std::int32_t>(args.norm.width);
        rows.nMatrices = 2;
        rows.matrices[0] = rowsMatrix(args.gate);
        rows.matrices[1] = rowsMatrix(args.up);
        rows.epilogue = RowsEpilogue::Glu;
        rows.glu = args.glu.kind;
        rows.next = m_plan.glu.plane(m_scratch, kind, args.glu.width);
        nameAhead(rows, std::array{args.consumer});
        launchLinearRows(rows, on());
        m_input = {args.glu.out, nullptr, nTokens, rows.next};
        return;
    }
    const std::array<LinearTarget, 2> targets{args.gate, args.up};
    product(x, nTokens, targets);
    QuantizeRowsArgs quantize;
    quantize.x = args.glu.up;
    quantize.gate = args.glu.gate;
    quantize.isGelu = args.glu.kind == GluKind::GeluTanh;
    quantize.nTokens = nTokens;
    quantize.plane = m_plan.wide.plane(m_scratch, kind, args.glu.width);
    launchQuantizeRows(quantize, on());
    m_input = {args.glu.out, nullptr, nTokens, quantize.plane};
}

void CudaKernelSet::gatedProduct(const GatedArgs& args) {
    m_input = {};
    const std::int64_t nTokens = args.norm.nTokens;
    const bool isConsumersPlane = readsPlane(args.consumer) && !usesLibrary(args.consumer, nTokens);
    if (usesLibrary(args.gate.weight, nTokens) || usesLibrary(args.up.weight, nTokens) ||
        !shareInput({args.gate.weight, args.up.weight})) {
        KernelSet::gatedProduct(args);
        return;
    }
    const ActivationPlane x = normedInput(args.norm, asCuda(args.gate.weight).inputKind());
    if (isConsumersPlane) {
        gatedToPlane(args, x, asCuda(args.consumer).inputKind());
        return;
    }
    const std::array<LinearTarget, 2> targets{args.gate, args.up};
    product(x, nTokens, targets);
    glu(args.glu);
}

// What the launch that follows reads first of its matrices.
void CudaKernelSet::nameAhead(LinearRowsArgs& rows, std::span<const Weight* const> next) const {
    if (!m_options.isAskingAhead) return;
    const auto l2Bytes = static_cast<std::int64_t>(m_device.properties().l2Bytes);
    const auto nNext = std::count_if(next.begin(), next.end(), readsPlane);
    RowsAhead* ahead = rows.ahead;
    for (const Weight* weight : next) {
        if (!readsPlane(weight) || ahead == rows.ahead + kMaxAhead) continue;
        const auto record = static_cast<std::int64_t>(recordBytes(weight->type));
        const std::int64_t nSteps = stepsOf(weight->nCols);
        const std::int64_t nPanels = panelsOf(weight->nRows);
        const std::int64_t firstBytes = record * rowSplits(nPanels, 2, nSteps);
        *ahead++ = {.records = asCuda(weight).records(),
                    .nTiles = static_cast<std::int32_t>(
                        tilesAhead(2 * nPanels, firstBytes, bytesAhead(l2Bytes) / nNext)),
                    .firstBytes = static_cast<std::int32_t>(firstBytes),
                    .tileBytes = record * nSteps};
    }
}

// The plane that the last layer left where all of its rows are wanted, else the wanted ones out of
// the hidden rows; the same bits.
ActivationPlane CudaKernelSet::headInput(const HeadArgs& args, ActivationKind kind) {
    const RmsNormArgs& norm = args.norm;
    if (m_hidden.rows == args.rows.x && m_hidden.norm == norm.weight &&
        m_hidden.plane.kind == kind && m_hidden.plane.normEpsilon == norm.epsilon &&
        isEveryRow(args.rows.rowIndices, static_cast<std::size_t>(m_hidden.nTokens)))
        return m_hidden.plane;
    if (!isWithinStep(args.rows.rowIndices.data())) sendAlone({.outputRows = args.rows.rowIndices});
    QuantizeRowsArgs quantize;
    quantize.x = args.rows.x;
    quantize.normWeight = norm.weight;
    quantize.nTokens = norm.nTokens;
    quantize.plane = m_plan.wide.normedPlane(m_scratch, kind, norm.width, norm.epsilon);
    quantize.pairOfSlot = m_inputs.outputRows();
    quantize.pairsPerRow = 1;
    launchQuantizeRows(quantize, on());
    return quantize.plane;
}

void CudaKernelSet::head(const HeadArgs& args) {
    const CudaWeight& weight = asCuda(args.head.weight);
    if (!weight.isPacked() || usesLibrary(&weight, args.norm.nTokens)) {
        KernelSet::head(args);
        return;
    }
    product(headInput(args, weight.inputKind()), args.norm.nTokens, {&args.head, 1});
}

void CudaKernelSet::residual(const ResidualArgs& args) {
    m_hidden = {};
    const CudaWeight& weight = asCuda(args.target.weight);
    if (!weight.isPacked()) {
        floatProduct({args.x, args.nTokens, {}}, args.target);
        return;
    }
    if (usesLibrary(args.target.weight, args.nTokens)) {
        libraryProducts({args.x, args.nTokens, {&args.target, 1}});
        return;
    }
    const ActivationPlane x = inputOf(args.x, args.nTokens, weight);
    if (args.nTokens > kMaxRowTokens) {
        product(x, args.nTokens, {&args.target, 1});
        return;
    }
    LinearRowsArgs rows;
    rows.x = x;
    rows.nTokens = static_cast<std::int32_t>(args.nTokens);
    rows.nCols = static_cast<std::int32_t>(weight.nCols);
    rows.matrices[0] = rowsMatrix(args.target);
    rows.epilogue = RowsEpilogue::Residual;
    nameAhead(rows, args.nextMatrices);
    if (args.nextNorm != nullptr && readsPlane(args.nextConsumer)) {
        rows.next = m_plan.hidden.normedPlane(m_scratch, asCuda(args.nextConsumer).inputKind(),
                                              weight.nRows, args.nextEpsilon);
        rows.nextNorm = args.nextNorm;
        m_hidden = {args.target.out, args.nextNorm, args.nTokens, rows.next};
    }
    launchLinearRows(rows, on());
}

}  // namespace sotto::cuda

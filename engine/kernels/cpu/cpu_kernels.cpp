// Splits every operation into chunks for the pool; the arithmetic is in isa/.
#include "engine/kernels/cpu/cpu_kernels.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "engine/kernels/cpu/cpu_kernel_set.h"
#include "engine/quant/dequantize_reference.h"

namespace sotto::cpu {
namespace {

std::int64_t attentionScratchFloats(std::int64_t nQueries, std::int64_t headDim) {
    constexpr std::int64_t kGroupKeys = 32;
    const std::int64_t paddedDim = (headDim + 15) / 16 * 16;
    return paddedDim * kGroupKeys * 2 +
           nQueries * (paddedDim + kGroupKeys + 2 * stateFloats(headDim));
}

// Floats that one thread needs for whichever operation asks most.
std::int64_t threadScratchFloats(const KernelLimits& limits) {
    const std::int64_t nQueries = std::max(kTileQueries, limits.maxHeads);
    const std::int64_t attention = attentionScratchFloats(nQueries, limits.maxHeadDim);
    const std::int64_t embedding = limits.maxCols + 16;  // one row in file order, any type
    const std::int64_t rotation = ropeScratchFloats(limits.maxHeadDim);
    return (std::max({attention, embedding, rotation}) + 15) / 16 * 16;
}

// The planes of the widest linear step, and of all rows that go to experts.
std::uint64_t activationScratchBytes(const KernelLimits& limits) {
    return std::max(
        activationBytes(limits.maxTokens, limits.maxCols),
        activationBytes(limits.maxTokens * limits.maxExpertsUsed, limits.maxExpertCols));
}

std::uint64_t packedBytes(const TensorView& source) {
    if (!isPackedType(source.type)) return 0;
    const PackedLayout layout = packedLayout(source.type, source.nRows, source.nCols);
    return static_cast<std::uint64_t>(layout.groupBytes * layout.nGroups);
}

// A tile of the first panel, for which the groups of a chunk come from memory.
struct StreamingTile {
    std::int64_t group, nGroups;
    std::int64_t index, nTiles;
};

// Memory is kept busy all the time: a single tile fetches a little ahead of itself. Several divide
// the next group among them; the chunk's first group was fetched by nobody, so its first tile does.
void planFetch(const StreamingTile& tile, std::int64_t groupBytes, PackedTileArgs& args) {
    args.fetchEnd = args.group + (tile.nGroups - tile.group) * groupBytes - 8 * 64;
    const bool isFirst = tile.group == 0;
    if (tile.nTiles == 1 || (isFirst && tile.index == 0)) {
        args.fetchBytes = kPrefetchBytes;
        args.fetchEvery = 1;
        args.fetchFirst = 0;
        return;
    }
    args.fetchBytes = groupBytes;
    args.fetchEvery = isFirst ? tile.nTiles - 1 : tile.nTiles;
    args.fetchFirst = isFirst ? tile.index - 1 : tile.index;
}

// More matrices than share an input in any model.
constexpr std::int64_t kMaxTargets = 8;

// Attention that is cut within rows leaves its partial results here.
std::uint64_t partialBytes(const KernelLimits& limits, int nThreads) {
    return static_cast<std::uint64_t>(AttentionPlan::maxStates(limits, nThreads) *
                                      stateFloats(limits.maxHeadDim)) *
           sizeof(float);
}

std::uint64_t scratchBytes(const KernelLimits& limits, int nThreads) {
    const std::int64_t floats = threadScratchFloats(limits) * nThreads;
    return activationScratchBytes(limits) + static_cast<std::uint64_t>(floats) * sizeof(float) +
           partialBytes(limits, nThreads) + AttentionPlan::bytes(limits) +
           ExpertRouting::bytes(limits);
}

}  // namespace

Result<std::unique_ptr<Weight>> CpuKernels::prepareWeight(const TensorView& source) {
    auto weight = std::make_unique<CpuWeight>();
    weight->nRows = source.nRows;
    weight->nCols = source.nCols;
    weight->type = source.type;
    weight->residentBytes = source.bytes();
    weight->data = source.data;
    weight->isMapped = true;
    if (!isPackedType(source.type)) return weight;

    weight->layout = packedLayout(source.type, source.nRows, source.nCols);
    const PackedLayout& layout = weight->layout;
    weight->residentBytes = static_cast<std::uint64_t>(layout.groupBytes * layout.nGroups);
    WeightArena::Piece piece;
    SOTTO_ASSIGN(piece, m_weightArena.allocate(weight->residentBytes));
    weight->slab = piece.slab;
    weight->data = piece.data;
    weight->isMapped = false;
    m_pool.parallelFor(layout.nGroups, [&](std::int64_t group, int) {
        packGroup(source, layout, group, piece.data + group * layout.groupBytes);
    });
    return weight;
}

std::uint64_t CpuKernels::preparedBytes(const TensorView& source) const {
    return packedBytes(source);
}

std::uint64_t CpuKernels::scratchBytes(const KernelLimits& limits) const {
    return cpu::scratchBytes(limits, m_pool.nThreads());
}

Status CpuKernels::reserve(const KernelLimits& limits) {
    SOTTO_ASSIGN(m_activations, allocateHostBuffer(activationScratchBytes(limits)));
    m_routing.reserve(limits);
    m_products.reserve(static_cast<std::size_t>(std::max(kMaxTargets, 2 * limits.maxExperts)));
    const std::int64_t floats = threadScratchFloats(limits);
    SOTTO_ASSIGN(
        m_threadScratch,
        allocateHostBuffer(static_cast<std::size_t>(floats * m_pool.nThreads()) * sizeof(float)));
    m_threadScratchFloats = floats;
    SOTTO_ASSIGN(m_partials, allocateHostBuffer(partialBytes(limits, m_pool.nThreads())));
    m_attention.reserve(limits, m_pool.nThreads());
    m_limits = limits;
    return {};
}

void CpuKernels::embed(const EmbedArgs& args) {
    const auto& table = static_cast<const CpuWeight&>(*args.table);
    const std::int64_t nCols = table.nCols;
    SOTTO_CHECK(nCols <= m_limits.maxCols);
    const auto bytes = rowBytes(table.type, static_cast<std::size_t>(nCols));
    const auto nTokens = static_cast<std::int64_t>(args.tokenIds.size());
    m_pool.parallelFor(nTokens, [&](std::int64_t token, int threadIndex) {
        const std::int64_t row = args.tokenIds[static_cast<std::size_t>(token)];
        const std::byte* source = table.data + static_cast<std::size_t>(row) * bytes;
        if (isPackedType(table.type)) {
            auto* unpacked = reinterpret_cast<std::byte*>(threadScratch(threadIndex));
            unpackRow(table.type, table.layout, nCols, table.data, row, unpacked);
            source = unpacked;
        }
        float* out = args.out + token * nCols;
        dequantizeRow(table.type, {source, bytes}, {out, static_cast<std::size_t>(nCols)});
        if (args.scale == 1.0f) return;
        for (std::int64_t dim = 0; dim < nCols; ++dim) out[dim] *= args.scale;
    });
}

void CpuKernels::rmsNorm(const RmsNormArgs& args) {
    const std::int64_t tokensPerChunk =
        std::max<std::int64_t>(1, kMinElementsPerChunk / std::max<std::int64_t>(1, args.width));
    const std::int64_t nChunks = (args.nTokens + tokensPerChunk - 1) / tokensPerChunk;
    m_pool.parallelFor(nChunks, [&](std::int64_t chunk, int) {
        const std::int64_t end = std::min(args.nTokens, (chunk + 1) * tokensPerChunk);
        for (std::int64_t token = chunk * tokensPerChunk; token < end; ++token)
            m_table.rmsNormRow(args.x + token * args.width, args.weight,
                               args.out + token * args.width, args.width, args.epsilon);
    });
}

void CpuKernels::glu(const GluArgs& args) {
    const std::int64_t nElements = args.nTokens * args.width;
    const std::int64_t nChunks = (nElements + kMinElementsPerChunk - 1) / kMinElementsPerChunk;
    m_pool.parallelFor(nChunks, [&](std::int64_t chunk, int) {
        const std::int64_t first = chunk * kMinElementsPerChunk;
        m_table.glu(args.kind, args.gate + first, args.up + first, args.out + first,
                    std::min(kMinElementsPerChunk, nElements - first));
    });
}

void CpuKernels::quantizePlaces(const float* x, std::int64_t nCols,
                                std::span<const ExpertGroup> groups, std::int64_t pairsPerRow) {
    const auto pairOfPlace = m_routing.pairOfPlace();
    const std::int64_t nPlaces = groups.back().firstPlace + groups.back().nPlaces;
    const ActivationPlanes planes = layOutActivations(m_activations, nPlaces, nCols);
    const std::int64_t placesPerChunk = std::max<std::int64_t>(1, kMinElementsPerChunk / nCols);
    m_pool.parallelFor(
        (nPlaces + placesPerChunk - 1) / placesPerChunk, [&](std::int64_t chunk, int) {
            const std::int64_t end = std::min(nPlaces, (chunk + 1) * placesPerChunk);
            std::int64_t place = chunk * placesPerChunk;
            auto group = std::upper_bound(groups.begin(), groups.end(), place,
                                          [](std::int64_t wanted, const ExpertGroup& candidate) {
                                              return wanted < candidate.firstPlace;
                                          }) -
                         1;
            for (; place < end; ++place) {
                if (place == group->firstPlace + group->nPlaces) ++group;
                const std::int64_t token = place - group->firstPlace;
                const std::int64_t row =
                    pairsPerRow == 0 ? place
                                     : pairOfPlace[static_cast<std::size_t>(place)] / pairsPerRow;
                const TokenTile tile = TokenTiles(m_table, group->nPlaces).ofToken(token);
                m_table.quantizeToken(
                    x + row * nCols, nCols, tile.nTokens, static_cast<int>(token - tile.firstToken),
                    activationTile(planes, group->firstPlace + tile.firstToken, nCols));
            }
        });
}

void CpuKernels::linear(const LinearArgs& args) {
    if (args.nTokens == 0 || args.targets.empty()) return;
    const std::int64_t nCols = args.targets.front().weight->nCols;
    SOTTO_CHECK(args.nTokens <= m_limits.maxTokens && nCols <= m_limits.maxCols);
    if (m_observer != nullptr)
        for (const LinearTarget& target : args.targets)
            m_observer->onInput(*target.weight, 0, args.x, args.nTokens);
    const bool needsInt8 =
        std::any_of(args.targets.begin(), args.targets.end(),
                    [](const LinearTarget& target) { return isPackedType(target.weight->type); });
    const ExpertGroup all{0, 0, args.nTokens};
    if (needsInt8) quantizePlaces(args.x, nCols, {&all, 1}, 0);

    const ActivationPlanes planes = layOutActivations(m_activations, args.nTokens, nCols);
    m_products.clear();
    for (const LinearTarget& target : args.targets) {
        const auto& weight = static_cast<const CpuWeight&>(*target.weight);
        addProduct({.weight = &weight,
                    .nRows = weight.nRows,
                    .x = args.x,
                    .activations = planes,
                    .nTokens = args.nTokens,
                    .out = target.out,
                    .bias = target.bias,
                    .isAccumulating = target.isAccumulating});
    }
    runProducts();
}

void CpuKernels::addProduct(const LinearProduct& product) {
    std::int64_t firstChunk = 0;
    if (!m_products.empty()) firstChunk = m_products.back().endChunk();
    m_products.push_back(product);
    LinearProduct& added = m_products.back();
    const std::int64_t nCols = product.weight->nCols;
    const std::int64_t nTiles = TokenTiles(m_table, product.nTokens).nTiles;
    added.chunkGroups =
        groupsPerChunk(product.nGroups(), nCols, ceilDiv(nTiles, tilesPerPanel(m_table, nCols)),
                       m_pool.nThreads());
    added.firstChunk = firstChunk;
}

void CpuKernels::runProducts() {
    m_pool.parallelFor(m_products.back().endChunk(), [&](std::int64_t chunk, int) {
        const auto after = std::upper_bound(m_products.begin(), m_products.end(), chunk,
                                            [](std::int64_t wanted, const LinearProduct& product) {
                                                return wanted < product.firstChunk;
                                            });
        const LinearProduct& product = *(after - 1);
        const std::int64_t first = (chunk - product.firstChunk) * product.chunkGroups;
        linearGroups(product, first, std::min(product.chunkGroups, product.nGroups() - first));
    });
}

void CpuKernels::linearGroups(const LinearProduct& product, std::int64_t firstGroup,
                              std::int64_t nGroups) const {
    const CpuWeight& weight = *product.weight;
    if (isPackedType(weight.type)) {
        packedGroups(product, firstGroup, nGroups);
        return;
    }
    const std::int64_t firstRow = firstGroup * kGroupRows;
    FloatTileArgs tile;
    tile.rowBytes =
        static_cast<std::int64_t>(rowBytes(weight.type, static_cast<std::size_t>(weight.nCols)));
    tile.rows = weight.data + (product.firstRow + firstRow) * tile.rowBytes;
    tile.nCols = weight.nCols;
    tile.nRows = static_cast<int>(std::min(nGroups * kGroupRows, product.nRows - firstRow));
    tile.x = product.x;
    tile.nTokens = product.nTokens;
    tile.out = product.out + firstRow;
    tile.outStride = product.nRows;
    tile.bias = product.bias != nullptr ? product.bias + firstRow : nullptr;
    tile.isAccumulating = product.isAccumulating;
    m_table.floatTile[floatTypeIndex(weight.type)](tile);
}

void CpuKernels::packedGroups(const LinearProduct& product, std::int64_t firstGroup,
                              std::int64_t nGroups) const {
    const CpuWeight& weight = *product.weight;
    const auto& functions = m_table.packedTile[packedTypeIndex(weight.type)];
    const TokenTiles tiles(m_table, product.nTokens);
    const std::int64_t nPanelTiles = tilesPerPanel(m_table, weight.nCols);
    const std::int64_t groupBytes = weight.layout.groupBytes;
    const std::byte* groups =
        weight.data + (product.firstRow / kGroupRows + firstGroup) * groupBytes;
    PackedTileArgs args;
    args.nCols = weight.nCols;
    args.scalePlaneBytes = weight.layout.scalePlaneBytes;
    args.outStride = product.nRows;
    args.isAccumulating = product.isAccumulating;
    for (std::int64_t panel = 0; panel < tiles.nTiles; panel += nPanelTiles) {
        const std::int64_t endTile = std::min(tiles.nTiles, panel + nPanelTiles);
        for (std::int64_t group = 0; group < nGroups; ++group) {
            const std::int64_t row = (firstGroup + group) * kGroupRows;
            args.group = groups + group * groupBytes;
            args.nLanes = static_cast<int>(std::min(kGroupRows, product.nRows - row));
            args.bias = product.bias != nullptr ? product.bias + row : nullptr;
            for (std::int64_t index = panel; index < endTile; ++index) {
                const TokenTile tile = tiles.tile(index);
                args.x = activationTile(product.activations, tile.firstToken, weight.nCols);
                args.out = product.out + tile.firstToken * product.nRows + row;
                if (panel == 0) planFetch({group, nGroups, index, endTile}, groupBytes, args);
                functions[tile.nTokens](args);
            }
        }
        args.fetchBytes = 0;  // the groups have come
    }
}

std::unique_ptr<KernelSet> createKernels(const CpuKernelOptions& options) {
    const Isa isa = usableIsa(options.isa);
    auto pool = options.pool ? options.pool : std::make_shared<ThreadPool>(options.nThreads);
    return std::make_unique<CpuKernels>(std::move(pool), isa, *kernelTable(isa));
}

}  // namespace sotto::cpu

namespace sotto {

KernelSizes cpuKernelSizes(int nThreads) {
    return {.preparedBytes = cpu::packedBytes,
            .scratchBytes =
                [nWanted = ThreadPool::wantedThreads(nThreads)](const KernelLimits& limits) {
                    return cpu::scratchBytes(limits, nWanted);
                },
            .cacheBytes = cpu::kvTilesBytes};
}

std::unique_ptr<KernelSet> createCpuKernels(const CpuKernelOptions& options) {
    return cpu::createKernels(options);
}

}  // namespace sotto

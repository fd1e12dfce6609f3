#include "engine/kernels/cuda/library_products.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "engine/device/cuda/cuda_error.h"

namespace sotto::cuda {
namespace {

// The first run of a kernel loads it; the fastest of so many others counts.
constexpr int kTimedRuns = 4;

// Numbers in [-1, 1) without a pattern (SplitMix64; Steele, Lea and Flood 2014).
std::vector<float> probeRow(std::int64_t nCols) {
    std::vector<float> row(static_cast<std::size_t>(nCols));
    std::uint64_t state = 0;
    for (float& value : row) {
        std::uint64_t bits = state += 0x9e3779b97f4a7c15u;
        bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9u;
        bits = (bits ^ bits >> 27) * 0x94d049bb133111ebu;
        value = static_cast<float>(static_cast<std::int64_t>(bits ^ bits >> 31)) * 0x1p-63f;
    }
    return row;
}

}  // namespace

Result<std::unique_ptr<LibraryProducts>> LibraryProducts::open(LibraryOptions options,
                                                               const Stream& stream) {
    SOTTO_ASSIGN(CublasLibrary library, CublasLibrary::open());
    return std::unique_ptr<LibraryProducts>(
        new LibraryProducts(std::move(library), std::move(options), stream));
}

LibraryProducts::LibraryProducts(CublasLibrary library, LibraryOptions options,
                                 const Stream& stream)
    : m_library(std::move(library)),
      m_options(std::move(options)),
      m_stream(stream.get()),
      m_waiting(&stream) {}

void LibraryProducts::use(const LibraryMemory& memory) {
    m_memory = memory;
    // Blocks are cut by the scratch.
    m_decided.clear();
    m_gemms.clear();
}

std::vector<LibraryProducts::Block> LibraryProducts::blocksOf(const CudaWeight& weight) const {
    std::vector<Block> blocks;
    const std::int64_t most = m_memory.blockRows(weight.nCols);
    // Of one height, but for the last one, so that none is a sliver.
    const std::int64_t nBlocks = (weight.nRows + most - 1) / most;
    const std::int64_t height = panelsOf((weight.nRows + nBlocks - 1) / nBlocks) * kPanelRows;
    for (std::int64_t first = 0; first < weight.nRows; first += height)
        blocks.push_back({first, std::min(height, weight.nRows - first)});
    return blocks;
}

RowsMatrix LibraryProducts::ownMatrix(const CudaWeight& weight, const Block& block) const {
    RowsMatrix matrix;
    matrix.records = weight.records() +
                     block.firstRow / kTileRows * stepsOf(weight.nCols) * recordBytes(weight.type);
    matrix.out = m_memory.result;
    matrix.nRows = static_cast<std::int32_t>(block.nRows);
    matrix.type = weight.type;
    return matrix;
}

std::string LibraryProducts::keyOf(const Class& shape) const {
    return fmt::format("{}, cuBLAS {}, {} {}x{}, {} tokens", m_options.machine, version(),
                       dtypeTraits(shape.type).name, shape.nRows, shape.nCols, m_memory.callTokens);
}

Result<bool> LibraryProducts::serves(const CudaWeight& weight) {
    if (m_isGivenUp || m_memory.callTokens == 0 || !weight.isPacked() ||
        libraryCols(weight.nCols) > m_memory.maxCols)
        return false;
    const Class shape{weight.type, weight.nRows, weight.nCols};
    const auto known = m_decided.find(shape);
    if (known != m_decided.end()) return known->second;
    SOTTO_ASSIGN(const bool isServed, decide(weight, shape));
    m_decided[shape] = isServed;
    return isServed;
}

Result<bool> LibraryProducts::decide(const CudaWeight& weight, const Class& shape) {
    const bool isMeasured = m_options.path == ProductPath::Measured;
    std::optional<bool> remembered;
    if (isMeasured && m_options.memory != nullptr)
        remembered = m_options.memory->isLibraryFaster(keyOf(shape));
    if (remembered && !*remembered) return false;
    const std::vector<float> row = probeRow(m_memory.maxCols);
    SOTTO_TRY(check(cudaMemcpyAsync(m_memory.probe, row.data(), row.size() * sizeof(float),
                                    cudaMemcpyHostToDevice, m_stream),
                    "trying cuBLAS"));
    SOTTO_TRY(m_waiting->synchronize());
    const std::vector<Block> blocks = blocksOf(weight);
    // All but the last are alike.
    for (const Block& block : {blocks.front(), blocks.back()}) {
        const Status prepared = prepare(weight, block);
        if (prepared) continue;
        if (prepared.error().code != ErrorCode::Unsupported) return fail(prepared.error());
        m_refusal = prepared.error().message;
        logMessage(LogLevel::Info, m_refusal);
        return false;
    }
    if (!isMeasured) return true;
    if (remembered) return true;
    SOTTO_ASSIGN(const bool isFasterHere, measure(weight, blocks.front()));
    if (m_isGivenUp) return false;
    if (m_options.memory != nullptr) m_options.memory->keep(keyOf(shape), isFasterHere);
    return isFasterHere;
}

LibraryProducts::GemmKey LibraryProducts::gemmKey(const RowParts& parts, const Block& block,
                                                  std::int64_t nCols) {
    return {.nParts = parts.nParts,
            .isBf16 = parts.isBf16,
            .nRows = block.nRows,
            .nCols = libraryCols(nCols)};
}

// Errors: Unsupported, where the library has nothing for these rows that may be used; DeviceFailed.
Status LibraryProducts::prepare(const CudaWeight& weight, const Block& block) {
    const RowParts parts = rowPartsOf(weight.type);
    const GemmKey key = gemmKey(parts, block, weight.nCols);
    if (m_gemms.contains(key)) return {};
    SOTTO_ASSIGN(CublasGemm gemm, CublasGemm::make(m_library,
                                                   {.type = parts.isBf16 ? kCublasBf16 : kCublasF16,
                                                    .nRows = key.nRows,
                                                    .nCols = key.nCols},
                                                   m_memory.callTokens));
    expand(weight, block);
    for (std::size_t index = 0; index < gemm.nAlgorithms(); ++index) {
        gemm.choose(index);
        SOTTO_ASSIGN(const bool isGood, isExact(gemm, weight, block));
        if (!isGood) continue;
        m_gemms.emplace(key, std::move(gemm));
        return {};
    }
    return fail(ErrorCode::Unsupported,
                fmt::format("cuBLAS has no algorithm for a matrix of {} x {} that gives a row the "
                            "same bits whatever its place.",
                            block.nRows, weight.nCols));
}

// One row at every place of every call: the same bits everywhere?
Result<bool> LibraryProducts::isExact(const CublasGemm& gemm, const CudaWeight& weight,
                                      const Block& block) {
    splitProbe(weight, m_memory.callTokens);
    float* const first = m_memory.probe + m_memory.maxCols;
    std::vector<std::int32_t> isDifferent(static_cast<std::size_t>(m_memory.callTokens));
    const std::size_t bytes = isDifferent.size() * sizeof(std::int32_t);
    SOTTO_TRY(check(cudaMemsetAsync(m_memory.isDifferent, 0, bytes, m_stream), "trying cuBLAS"));
    for (std::int64_t nTokens = m_memory.callTokens; nTokens > 0; nTokens -= kLibraryTokenStep) {
        // This algorithm may not be able to.
        if (!runParts(gemm, weight, {0, nTokens})) return false;
        if (nTokens == m_memory.callTokens)
            SOTTO_TRY(check(cudaMemcpyAsync(first, m_memory.result,
                                            static_cast<std::size_t>(block.nRows) * sizeof(float),
                                            cudaMemcpyDeviceToDevice, m_stream),
                            "trying cuBLAS"));
        launchCompareRows({.rows = m_memory.result,
                           .first = first,
                           .nRows = nTokens,
                           .width = block.nRows,
                           .isDifferent = m_memory.isDifferent},
                          on());
    }
    SOTTO_TRY(check(cudaMemcpyAsync(isDifferent.data(), m_memory.isDifferent, bytes,
                                    cudaMemcpyDeviceToHost, m_stream),
                    "trying cuBLAS"));
    SOTTO_TRY(m_waiting->synchronize());
    return std::find(isDifferent.begin(), isDifferent.end(), 1) == isDifferent.end();
}

Result<double> LibraryProducts::secondsOf(const std::function<Status()>& work) {
    SOTTO_ASSIGN(const Event start, Event::create(Event::Kind::Time));
    SOTTO_ASSIGN(const Event end, Event::create(Event::Kind::Time));
    SOTTO_TRY(start.record(*m_waiting));
    SOTTO_TRY(work());
    SOTTO_TRY(end.record(*m_waiting));
    SOTTO_TRY(m_waiting->synchronize());
    SOTTO_ASSIGN(const double milliseconds, Event::millisecondsBetween(start, end));
    return milliseconds * 1e-3;
}

// In turn, each as often first as second: clocks and caches that change meanwhile meet both alike.
Status LibraryProducts::timeInTurn(const std::array<TimedWay, 2>& ways) {
    for (std::size_t run = 0; run <= kTimedRuns; ++run)
        for (std::size_t place = 0; place < ways.size(); ++place) {
            const TimedWay& way = ways[(run + place) % ways.size()];
            SOTTO_ASSIGN(const double seconds, secondsOf(way.work));
            if (run > 0) way.best = run == 1 ? seconds : std::min(way.best, seconds);
        }
    return {};
}

// Of one block, with what stands around the product on either way.
Result<bool> LibraryProducts::measure(const CudaWeight& weight, const Block& block) {
    const auto own = [&](std::int64_t nTokens) {
        // What the rows hold does not matter, and here they have the room.
        m_options.own({reinterpret_cast<const float*>(m_memory.weights), nTokens, weight.nCols,
                       ownMatrix(weight, block)});
        return Status();
    };
    const CublasGemm& gemm = m_gemms.at(gemmKey(rowPartsOf(weight.type), block, weight.nCols));
    const auto library = [&](std::int64_t nTokens) -> Status {
        expand(weight, block);
        splitProbe(weight, nTokens);
        SOTTO_TRY(runParts(gemm, weight, {0, nTokens}));
        launchPlaceRows({.product = m_memory.result,
                         .scales = m_memory.weightScales,
                         .xScales = m_memory.xScales,
                         .out = m_memory.result,
                         .outStride = block.nRows,
                         .nTokens = nTokens,
                         .nRows = block.nRows},
                        on());
        return {};
    };
    ProductTimes ownTimes, libraryTimes;
    const std::int64_t few = kLibraryTokenStep, many = m_memory.callTokens;
    Status timed = timeInTurn({{{[&] { return own(few); }, ownTimes.few},
                                {[&] { return library(few); }, libraryTimes.few}}});
    if (timed)
        timed = timeInTurn({{{[&] { return own(many); }, ownTimes.many},
                             {[&] { return library(many); }, libraryTimes.many}}});
    if (timed) return isFaster(libraryTimes, ownTimes);
    if (timed.error().code != ErrorCode::Unsupported) return fail(std::move(timed.error()));
    giveUp(timed.error());
    return false;
}

void LibraryProducts::expand(const CudaWeight& weight, const Block& block) {
    launchExpandRows({.records = weight.records(),
                      .type = weight.type,
                      .firstRow = block.firstRow,
                      .nRows = block.nRows,
                      .nCols = weight.nCols,
                      .out = m_memory.weights,
                      .scales = m_memory.weightScales},
                     on());
}

void LibraryProducts::splitProbe(const CudaWeight& weight, std::int64_t nTokens) {
    m_nSplit = nTokens;
    launchSplitRows({.x = m_memory.probe,
                     .nTokens = nTokens,
                     .nPadded = nTokens,
                     .nCols = weight.nCols,
                     .parts = rowPartsOf(weight.type),
                     .out = m_memory.x,
                     .scales = m_memory.xScales},
                    on());
}

void LibraryProducts::split(const float* x, std::int64_t nTokens, std::int64_t nCols, DType type) {
    m_nSplit = libraryTokens(nTokens);
    launchSplitRows({.x = x,
                     .rowStride = nCols,
                     .nTokens = nTokens,
                     .nPadded = m_nSplit,
                     .nCols = nCols,
                     .parts = rowPartsOf(type),
                     .out = m_memory.x,
                     .scales = m_memory.xScales},
                    on());
}

// The parts one after the other onto the same sums.
Status LibraryProducts::runParts(const CublasGemm& gemm, const CudaWeight& weight,
                                 const Slice& slice) {
    const std::int64_t rowBytes = 2 * libraryCols(weight.nCols);
    CublasOperands operands;
    operands.weights = m_memory.weights;
    operands.out = m_memory.result;
    operands.nTokens = libraryTokens(slice.nTokens);
    operands.workspace = m_memory.workspace;
    for (int part = 0; part < rowPartsOf(weight.type).nParts; ++part) {
        operands.x = m_memory.x + (part * m_nSplit + slice.firstToken) * rowBytes;
        operands.isAccumulating = part > 0;
        SOTTO_TRY(gemm.multiply(operands, m_stream));
    }
    return {};
}

bool LibraryProducts::multiply(const LinearTarget& target, const float* x, std::int64_t nTokens) {
    const auto& weight = static_cast<const CudaWeight&>(*target.weight);
    const RowParts parts = rowPartsOf(weight.type);
    for (const Block& block : blocksOf(weight)) {
        if (!m_isGivenUp) expand(weight, block);
        for (Slice slice; slice.firstToken < nTokens; slice.firstToken += slice.nTokens) {
            slice.nTokens = std::min(m_memory.callTokens, nTokens - slice.firstToken);
            if (!m_isGivenUp) {
                const CublasGemm& gemm = m_gemms.at(gemmKey(parts, block, weight.nCols));
                const Status done = runParts(gemm, weight, slice);
                if (!done) giveUp(done.error());
            }
            if (m_isGivenUp)
                m_options.own({x + slice.firstToken * weight.nCols, slice.nTokens, weight.nCols,
                               ownMatrix(weight, block)});
            launchPlaceRows(
                {.product = m_memory.result,
                 .scales = m_isGivenUp ? nullptr : m_memory.weightScales,
                 .xScales = m_isGivenUp ? nullptr : m_memory.xScales + slice.firstToken,
                 .bias = target.bias != nullptr ? target.bias + block.firstRow : nullptr,
                 .out = target.out + slice.firstToken * weight.nRows + block.firstRow,
                 .outStride = weight.nRows,
                 .nTokens = slice.nTokens,
                 .nRows = block.nRows,
                 .isAccumulating = target.isAccumulating},
                on());
        }
    }
    return !m_isGivenUp;
}

void LibraryProducts::giveUp(const Error& error) {
    m_isGivenUp = true;
    m_refusal = error.message;
    logMessage(LogLevel::Warning,
               error.message + " Prompts are read by the program's own kernels from now on.");
}

}  // namespace sotto::cuda

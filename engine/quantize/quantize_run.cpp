#include "engine/quantize/quantize_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <system_error>

#include "base/check.h"
#include "base/existing_folder.h"
#include "base/file_hash.h"
#include "base/hash.h"
#include "engine/device/system_memory.h"
#include "engine/gguf/byte_cursor.h"
#include "engine/quant/dequantize_reference.h"
#include "engine/quantize/budget_plan.h"
#include "engine/quantize/row_checks.h"
#include "engine/tensor/shape.h"

namespace sotto {
namespace {

// 256 KiB of floats, so that what a thread works on stays in its second-level cache, and far more
// than the threads' meeting costs.
constexpr std::int64_t kChunkWeights = 65536;
// Some hundred chunks of any type between two meetings of the threads.
constexpr std::uint64_t kPieceBytes = std::uint64_t{16} << 20;

// With error feedback each row of a chunk uses the whole of a matrix that is far larger than a
// cache.
constexpr std::int64_t kFeedbackRows = 32;
// Between two looks at whether it is to go on: at 14336 columns a chunk takes some tenths of a
// second.
constexpr std::int64_t kFeedbackChunksPerThread = 2;

constexpr const char* kFoldedKey = "sotto.quantize.folded_tensors";
constexpr const char* kCalibrationTokensKey = "sotto.quantize.calibration_tokens";
constexpr const char* kHashesKey = "sotto.quantize.source_sha256";

tl::unexpected<Error> cancelled() { return fail(ErrorCode::Cancelled, "Cancelled."); }

std::size_t asSize(std::int64_t count) { return static_cast<std::size_t>(count); }

}  // namespace

Result<std::unique_ptr<QuantizeRun>> QuantizeRun::open(const QuantizeOptions& options,
                                                       const QuantizeSink& sink) {
    std::unique_ptr<QuantizeRun> run(new QuantizeRun(options));
    SOTTO_ASSIGN(run->m_recipe, parseRecipe(options));
    SOTTO_ASSIGN(run->m_source, openTensorSource(options.source));
    if (run->m_source->tensors().empty())
        return fail(ErrorCode::InvalidArgument, "This file has no tensors to quantize.",
                    options.source.string());
    if (!options.importance.empty()) {
        SOTTO_ASSIGN(run->m_importance, readImportance(options.importance));
    }
    if (run->m_recipe.method == ModelMethod::Awq && !run->m_importance &&
        !options.isImportanceToCome)
        return fail(ErrorCode::InvalidArgument,
                    "The method awq needs an importance matrix: make one of this model with "
                    "sotto-cli imatrix.");
    SOTTO_ASSIGN(std::vector<ChosenType> chosen,
                 chooseTensorTypes(*run->m_source, run->m_recipe,
                                   run->m_importance || options.isImportanceToCome));
    SOTTO_TRY(run->plan(chosen));
    if (run->m_recipe.budget.isThere()) SOTTO_TRY(run->planWithin(std::move(chosen), sink));
    return run;
}

Status QuantizeRun::plan(std::span<const ChosenType> chosen) {
    SOTTO_ASSIGN(m_report, planTensors(*m_source, m_recipe, importance(), chosen));
    m_writer = {};
    for (const QuantizedTensor& tensor : m_report.tensors)
        m_writer.addTensor({tensor.name, tensor.to, tensor.shape});
    addKeys();
    if (isCalibrated())
        m_report.feedbackBytes = FeedbackSource::mostBytes(
            m_report.tensors,
            [this](const QuantizedTensor& tensor) { return m_recipe.isFeeding(tensor); },
            productBytes(), m_report.sourceBytes);
    SOTTO_ASSIGN(m_report.fileBytes, m_writer.fileBytes());
    return {};
}

Status QuantizeRun::planWithin(std::vector<ChosenType> chosen, const QuantizeSink& sink) {
    m_pool.emplace(m_options.nThreads);
    SOTTO_ASSIGN(const BudgetPlan spent, planBudget({.source = *m_source,
                                                     .recipe = m_recipe,
                                                     .importance = importance(),
                                                     .pool = *m_pool,
                                                     .sink = sink,
                                                     .fileBytes = m_report.fileBytes},
                                                    std::move(chosen)));
    SOTTO_TRY(plan(spent.chosen));
    m_report.spent = spent.spent;
    for (std::size_t index = 0; index < m_report.tensors.size(); ++index)
        m_report.tensors[index].expectedLoss = spent.losses[index];
    return {};
}

// The mix's, or of that one whose base most weights have.
std::uint32_t QuantizeRun::fileType() const {
    if (m_recipe.mix) return mixTraits(*m_recipe.mix).fileType;
    std::map<DType, std::int64_t> counts;
    for (const QuantizedTensor& tensor : m_report.tensors)
        counts[tensor.to] += elementCount(tensor.shape);
    const auto most =
        std::ranges::max_element(counts, {}, [](const auto& count) { return count.second; });
    const auto mixes = allMixes();
    const auto mix = std::ranges::find(mixes, most->first, &MixTraits::base);
    return mix == mixes.end() ? mixTraits(Mix::F16).fileType : mix->fileType;
}

void QuantizeRun::addKeys() {
    m_source->addKeys(m_writer);
    m_writer.addValue("general.file_type", fileType());
    m_writer.addValue("general.quantization_version", std::uint32_t{2});
    if (m_importance) {
        std::string dataset;
        for (const std::string& one : m_importance->datasets)
            dataset += (dataset.empty() ? "" : ", ") + one;
        m_writer.addValue("quantize.imatrix.file", m_importance->path.filename().string());
        m_writer.addValue("quantize.imatrix.dataset", dataset);
        m_writer.addValue("quantize.imatrix.entries_count",
                          static_cast<std::uint32_t>(m_importance->entries.size()));
        m_writer.addValue("quantize.imatrix.chunks_count", m_importance->nChunks);
    }
    if (isCalibrated()) {
        Hash hash;
        hash.append(std::as_bytes(std::span(m_options.calibration.text)));
        m_writer.addValue("sotto.quantize.calibration", m_options.calibration.name);
        m_writer.addValue("sotto.quantize.calibration_sha256", hash.finish());
        m_writer.addValue(kCalibrationTokensKey, std::uint64_t{0});  // until it is read
    }
    if (m_recipe.method == ModelMethod::Awq)
        m_writer.addValue(kFoldedKey, std::uint32_t{0});  // until they are chosen
    std::vector<std::string> names;
    for (const std::filesystem::path& file : m_source->files())
        names.push_back(file.filename().string());
    const std::size_t nFiles = names.size();
    m_writer.addValue("sotto.quantize.source", std::move(names));
    // As long as real ones: the size of the file is known before the source is hashed.
    m_writer.addValue(kHashesKey, std::vector<std::string>(nFiles, std::string(64, '0')));
    m_writer.addValue("sotto.quantize.recipe", m_recipe.text());
    m_writer.addValue("sotto.quantize.version", std::string(SOTTO_VERSION));
}

// By its files, as hubs name them: who has the new file can find the old one again.
Result<std::vector<std::string>> QuantizeRun::hashSource(const QuantizeSink& sink) const {
    QuantizeProgress progress;
    std::error_code unknown;
    for (const std::filesystem::path& path : m_source->files()) {
        const auto nBytes = std::filesystem::file_size(path, unknown);
        if (!unknown) progress.totalBytes += nBytes;
    }
    if (sink && !sink(progress)) return cancelled();
    std::vector<std::string> hashes;
    for (const std::filesystem::path& path : m_source->files()) {
        auto hash = hashFile(path, [&](std::uint64_t nBytes) {
            progress.doneBytes += nBytes;
            return !sink || sink(progress);
        });
        if (!hash && hash.error().code == ErrorCode::Cancelled) return cancelled();
        if (!hash) return fail(std::move(hash.error()));
        hashes.push_back(std::move(*hash));
    }
    SOTTO_TRY(m_source->check());
    return hashes;
}

// Of a plain file. Where the system does not tell, the disk says so itself.
Status QuantizeRun::checkSpace() const {
    std::error_code error;
    const auto kind = std::filesystem::status(m_options.target, error).type();
    if (kind != std::filesystem::file_type::regular &&
        kind != std::filesystem::file_type::not_found)
        return {};
    const auto folder = existingFolder(m_options.target.parent_path());
    const auto nFree = freeBytesAt(folder);
    if (!nFree || *nFree >= m_report.fileBytes) return {};
    Error full{ErrorCode::DiskFull,
               fmt::format("The new file has {} bytes and the disk of {} has room for {}: make "
                           "room or choose another disk.",
                           m_report.fileBytes, folder.string(), *nFree),
               m_options.target.string()};
    full.needed = m_report.fileBytes;
    full.available = *nFree;
    return fail(std::move(full));
}

AtomicFileOptions QuantizeRun::targetOptions() const {
    AtomicFileOptions options{m_source->files()};
    options.isNew = m_options.isNew;
    if (m_importance) options.inputs.push_back(m_importance->path);
    if (isCalibrated() && !m_options.calibration.file.empty())
        options.inputs.push_back(m_options.calibration.file);
    return options;
}

const QuantizedTensor* QuantizeRun::widestFed() const {
    const QuantizedTensor* widest = nullptr;
    for (const QuantizedTensor& tensor : m_report.tensors)
        if (m_recipe.isFeeding(tensor) &&
            (widest == nullptr || tensor.shape.front() > widest->shape.front()))
            widest = &tensor;
    return widest;
}

std::uint64_t QuantizeRun::productBytes() const {
    if (m_options.productBytes > 0) return m_options.productBytes;
    const QuantizedTensor* const widest = widestFed();
    return FeedbackSource::limitBytes(systemMemory().availableBytes, m_report.sourceBytes,
                                      widest != nullptr ? widest->shape.front() : 0);
}

Status QuantizeRun::check() const {
    if (m_options.isImportanceToCome && !m_importance)
        return fail(ErrorCode::InvalidArgument,
                    "The importance matrix that was to come is not there.");
    if (isCalibrated() && m_options.calibration.text.empty())
        return fail(ErrorCode::InvalidArgument, "The text that was to come is not there.");
    SOTTO_TRY(AtomicFile::check(m_options.target, targetOptions()));
    SOTTO_TRY(checkSpace());
    if (const QuantizedTensor* const widest = widestFed())
        SOTTO_TRY(FeedbackSource::checkMemory(*widest, systemMemory().availableBytes));
    return {};
}

Status QuantizeRun::write(const QuantizeSink& sink) {
    SOTTO_ASSIGN(const std::vector<std::string> hashes, hashSource(sink));
    m_writer.addValue(kHashesKey, hashes);

    if (!m_pool) m_pool.emplace(m_options.nThreads);
    if (m_recipe.method == ModelMethod::Awq) SOTTO_TRY(chooseAllFolds(sink));
    if (isCalibrated()) {
        SOTTO_CHECK(m_reader != nullptr);
        m_writer.addValue(kCalibrationTokensKey, static_cast<std::uint64_t>(m_reader->nTokens()));
        m_feedback.emplace(
            *m_reader, *m_pool, m_report.tensors,
            [this](const QuantizedTensor& tensor) { return m_recipe.isFeeding(tensor); },
            productBytes());
    }
    m_scratch.resize(static_cast<std::size_t>(m_pool->nThreads()));
    const auto makePiece = [&](const GgufRowRange& range, std::span<std::byte> out) -> Status {
        const QuantizedTensor& tensor = m_report.tensors[range.tensorIndex];
        if (sink && !sink({.phase = QuantizeProgress::Phase::Quantizing,
                           .doneBytes = m_doneBytes,
                           .totalBytes = m_report.sourceBytes,
                           .tensor = tensor.name}))
            return cancelled();
        if (range.tensorIndex != m_tensorIndex) SOTTO_TRY(takeTensor(range.tensorIndex));
        return makeRows(range, out, sink);
    };
    SOTTO_TRY(m_writer.write(m_options.target, makePiece, targetOptions(), kPieceBytes));
    warnOfSearched();
    return {};
}

Status QuantizeRun::chooseAllFolds(const QuantizeSink& sink) {
    SOTTO_ASSIGN(m_folds,
                 chooseFolds({.source = *m_source,
                              .tensors = m_report.tensors,
                              .importance = *m_importance,
                              .pool = *m_pool,
                              .progress = [&](std::size_t nDone, std::size_t nAll) {
                                  return !sink ||
                                         sink({.phase = QuantizeProgress::Phase::Measuring,
                                               .doneBytes = m_report.sourceBytes * nDone / nAll,
                                               .totalBytes = m_report.sourceBytes,
                                               .tensor = {}});
                              }}));
    for (std::size_t index = 0; index < m_report.tensors.size(); ++index)
        m_report.nFolded += m_folds.of(index) != nullptr ? 1 : 0;
    m_writer.addValue(kFoldedKey, static_cast<std::uint32_t>(m_report.nFolded));
    if (m_report.nFolded == 0) warnOfNoFolds();
    return {};
}

void QuantizeRun::warnOfNoFolds() {
    const char* reason = "The method awq found nothing to scale that would lose less";
    if (m_folds.nGroups() == 0)
        reason =
            "The method awq knows no matrices of this model that it could scale: it takes those of "
            "llama, qwen2, qwen3 and qwen3moe that get another type";
    else if (m_folds.nTried() == 0)
        reason =
            "The method awq had nothing to try: of what it could scale the importance matrix has "
            "none, or it is not quantized to blocks";
    m_report.warnings.push_back(fmt::format("{}. The file is that of the search.", reason));
}

void QuantizeRun::warnOfSearched() {
    if (m_nSearched == 0) return;
    m_report.warnings.push_back(fmt::format(
        "{} {} quantized by search, at least in part: fewer rows of the text came there than the "
        "rows are wide ('{}'). A longer text gives a better file.",
        m_nSearched, m_nSearched == 1 ? "tensor is" : "tensors are", printableName(m_searched)));
}

Status QuantizeRun::takeTensor(std::size_t tensorIndex) {
    const QuantizedTensor& tensor = m_report.tensors[tensorIndex];
    m_tensorIndex = tensorIndex;
    m_squaredError = 0;
    m_weights.clear();
    m_report.tensors[tensorIndex].isFedBack = m_feedback && m_feedback->isWanted(tensorIndex);
    if (!m_importance || tensor.from == tensor.to || !isInBlocks(tensor.to)) return {};
    SOTTO_ASSIGN(m_weights, m_importance->weightsOf(tensor.name, matrixCount(tensor.shape),
                                                    tensor.shape.front()));
    // A column that is scaled up has inputs that are scaled down.
    if (const TensorFold* const fold = m_folds.of(tensorIndex); fold != nullptr)
        for (std::size_t place = 0; place < m_weights.size(); ++place) {
            const auto at = static_cast<std::int64_t>(place);
            const float scale = fold->ofColumn(at / fold->nColumns, at % fold->nColumns);
            m_weights[place] /= scale * scale;
        }
    return {};
}

Status QuantizeRun::makeRows(const GgufRowRange& range, std::span<std::byte> out,
                             const QuantizeSink& sink) {
    QuantizedTensor& tensor = m_report.tensors[range.tensorIndex];
    if (m_feedback && m_feedback->isWanted(range.tensorIndex)) {
        SOTTO_TRY(makeRowsWithFeedback(range, out, sink));
    } else {
        SOTTO_TRY(makeMatrixRows(range, out, nullptr, sink));
    }
    tensor.rmse = std::sqrt(m_squaredError / static_cast<double>(elementCount(tensor.shape)));
    return {};
}

Status QuantizeRun::makeRowsWithFeedback(const GgufRowRange& range, std::span<std::byte> out,
                                         const QuantizeSink& sink) {
    QuantizedTensor& tensor = m_report.tensors[range.tensorIndex];
    const std::int64_t rowsPerMatrix = rowCount(tensor.shape) / matrixCount(tensor.shape);
    const std::size_t bytesPerRow = rowBytes(tensor.to, asSize(tensor.shape.front()));
    for (std::int64_t done = 0; done < range.nRows;) {
        const std::int64_t row = range.firstRow + done, matrix = row / rowsPerMatrix;
        const std::int64_t nRows = std::min(range.nRows - done, (matrix + 1) * rowsPerMatrix - row);
        SOTTO_ASSIGN(const ErrorFeedback* const feedback,
                     m_feedback->of(range.tensorIndex, matrix, sink));
        if (feedback == nullptr && tensor.isFedBack) {
            tensor.isFedBack = false;
            if (m_nSearched++ == 0) m_searched = tensor.name;
        }
        SOTTO_TRY(makeMatrixRows(
            {range.tensorIndex, row, nRows},
            out.subspan(asSize(done) * bytesPerRow, asSize(nRows) * bytesPerRow), feedback, sink));
        done += nRows;
    }
    return {};
}

Status QuantizeRun::makeMatrixRows(const GgufRowRange& range, std::span<std::byte> out,
                                   const ErrorFeedback* feedback, const QuantizeSink& sink) {
    const QuantizedTensor& tensor = m_report.tensors[range.tensorIndex];
    const std::size_t bytesPerRow = rowBytes(tensor.to, asSize(tensor.shape.front()));
    const std::uint64_t sourceBytesPerRow = rowBytes(tensor.from, asSize(tensor.shape.front()));
    const std::int64_t nAtOnce = feedback != nullptr
                                     ? kFeedbackRows * kFeedbackChunksPerThread * m_pool->nThreads()
                                     : range.nRows;
    for (std::int64_t done = 0; done < range.nRows; done += nAtOnce) {
        const std::int64_t nRows = std::min(nAtOnce, range.nRows - done);
        m_chunks.clear();
        addChunks({range.tensorIndex, range.firstRow + done, nRows},
                  out.subspan(asSize(done) * bytesPerRow, asSize(nRows) * bytesPerRow), feedback);
        SOTTO_TRY(makeChunks());
        m_doneBytes += static_cast<std::uint64_t>(nRows) * sourceBytesPerRow;
        if (done + nRows < range.nRows && sink &&
            !sink({.phase = QuantizeProgress::Phase::Quantizing,
                   .doneBytes = m_doneBytes,
                   .totalBytes = m_report.sourceBytes,
                   .tensor = tensor.name}))
            return cancelled();
    }
    return {};
}

void QuantizeRun::addChunks(const GgufRowRange& range, std::span<std::byte> out,
                            const ErrorFeedback* feedback) {
    const QuantizedTensor& tensor = m_report.tensors[range.tensorIndex];
    const std::int64_t nColumns = tensor.shape.front();
    const std::size_t bytesPerRow = rowBytes(tensor.to, asSize(nColumns));
    const std::int64_t nRows =
        feedback != nullptr ? kFeedbackRows : std::max<std::int64_t>(1, kChunkWeights / nColumns);
    for (std::int64_t first = 0; first < range.nRows; first += nRows) {
        const std::int64_t count = std::min(nRows, range.nRows - first);
        m_chunks.push_back(
            {.rows = {.tensorIndex = range.tensorIndex,
                      .firstRow = range.firstRow + first,
                      .nRows = count},
             .out = out.subspan(asSize(first) * bytesPerRow, asSize(count) * bytesPerRow),
             .feedback = feedback});
    }
}

Status QuantizeRun::makeChunks() {
    m_pool->parallelFor(static_cast<std::int64_t>(m_chunks.size()),
                        [&](std::int64_t chunkIndex, int threadIndex) {
                            Chunk& chunk = m_chunks[asSize(chunkIndex)];
                            chunk.status = makeChunk(chunk, m_scratch[asSize(threadIndex)]);
                        });
    // Pages that were lost read as zeros: nothing of them is believed.
    SOTTO_TRY(m_source->check());
    for (Chunk& chunk : m_chunks) {
        SOTTO_TRY(std::move(chunk.status));
        m_squaredError += chunk.squaredError;
    }
    return {};
}

Status QuantizeRun::makeChunk(Chunk& chunk, Scratch& scratch) const {
    const QuantizedTensor& tensor = m_report.tensors[chunk.rows.tensorIndex];
    SOTTO_ASSIGN(const std::span<const std::byte> bytes, m_source->rows(chunk.rows, scratch.bytes));
    const TensorFold* const fold = m_folds.of(chunk.rows.tensorIndex);
    if (tensor.from == tensor.to && fold == nullptr)
        std::copy(bytes.begin(), bytes.end(), chunk.out.begin());
    scratch.values.resize(asSize(chunk.rows.nRows * tensor.shape.front()));
    dequantizeRow(tensor.from, bytes, scratch.values);
    if (fold != nullptr) applyFold(*fold, chunk.rows.firstRow, scratch.values);
    SOTTO_TRY(checkRowValues(scratch.values, {.tensor = tensor.name,
                                              .nColumns = tensor.shape.front(),
                                              .firstRow = chunk.rows.firstRow,
                                              .type = tensor.to}));
    if (tensor.from == tensor.to && fold == nullptr) return {};

    quantizeValues(chunk, scratch.values);
    addErrors(chunk, scratch);
    return {};
}

// Of what the weights of the source became, without their scales.
void QuantizeRun::addErrors(Chunk& chunk, Scratch& scratch) const {
    const QuantizedTensor& tensor = m_report.tensors[chunk.rows.tensorIndex];
    const TensorFold* const fold = m_folds.of(chunk.rows.tensorIndex);
    const std::int64_t nColumns = tensor.shape.front();
    scratch.back.resize(scratch.values.size());
    dequantizeRow(tensor.to, chunk.out, scratch.back);
    for (std::size_t index = 0; index < scratch.back.size(); ++index) {
        double error = double(scratch.back[index]) - double(scratch.values[index]);
        const auto place = static_cast<std::int64_t>(index);
        if (fold != nullptr)
            error /= double(fold->factor(chunk.rows.firstRow + place / nColumns, place % nColumns));
        chunk.squaredError += error * error;
    }
}

// Matrix by matrix: each expert's columns have weights of their own.
void QuantizeRun::quantizeValues(const Chunk& chunk, std::span<const float> values) const {
    const QuantizedTensor& tensor = m_report.tensors[chunk.rows.tensorIndex];
    const std::int64_t nColumns = tensor.shape.front();
    const std::int64_t rowsPerMatrix = rowCount(tensor.shape) / matrixCount(tensor.shape);
    const std::size_t bytesPerRow = rowBytes(tensor.to, asSize(nColumns));
    const bool isExact = isInBlocks(tensor.from) || m_folds.of(chunk.rows.tensorIndex) != nullptr;
    const DType stored = isExact ? DType::F32 : tensor.from;
    if (chunk.feedback != nullptr)
        return quantizeRowsWithFeedback(
            {.type = tensor.to, .rows = values, .feedback = *chunk.feedback, .stored = stored},
            chunk.out);
    for (std::int64_t done = 0; done < chunk.rows.nRows;) {
        const std::int64_t row = chunk.rows.firstRow + done;
        const std::int64_t matrix = row / rowsPerMatrix;
        const std::int64_t nRows =
            std::min(chunk.rows.nRows - done, (matrix + 1) * rowsPerMatrix - row);
        QuantizeArgs args{.type = tensor.to,
                          .rows = values.subspan(asSize(done * nColumns), asSize(nRows * nColumns)),
                          .nColumns = nColumns,
                          .importance = {},
                          .method = m_recipe.rowMethod(),
                          .stored = stored};
        if (!m_weights.empty())
            args.importance =
                std::span(m_weights).subspan(asSize(matrix * nColumns), asSize(nColumns));
        // The values have been looked at, the importance where it was read.
        quantizeCheckedRows(
            args, chunk.out.subspan(asSize(done) * bytesPerRow, asSize(nRows) * bytesPerRow));
        done += nRows;
    }
}

}  // namespace sotto

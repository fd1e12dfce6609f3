#include "engine/quantize/quantize_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <system_error>

#include "base/existing_folder.h"
#include "base/hash.h"
#include "base/mapped_file.h"
#include "engine/gguf/byte_cursor.h"
#include "engine/quant/dequantize_reference.h"

namespace sotto {
namespace {

// 256 KiB of floats, so that what a thread works on stays in its second-level cache, and far more
// than the threads' meeting costs.
constexpr std::int64_t kChunkWeights = 65536;
// A second of hashing on an old disk: how long a cancel may take.
constexpr std::size_t kHashBytes = std::size_t{16} << 20;
constexpr float kLargestHalf = 65504.0f;

tl::unexpected<Error> cancelled() { return fail(ErrorCode::Cancelled, "Cancelled."); }

// Of `values`, whose first is column 0 of row `firstRow`.
Status checkValues(std::span<const float> values, const QuantizedTensor& tensor,
                   std::int64_t firstRow) {
    // Without a branch, so that the loop is vectorised: none of an ordinary file's is found.
    const float limit = tensor.to == DType::F16 ? kLargestHalf : std::numeric_limits<float>::max();
    int nWrong = 0;
    for (const float value : values) nWrong += std::fabs(value) <= limit ? 0 : 1;
    if (nWrong == 0) return {};
    const auto wrong = std::find_if(values.begin(), values.end(),
                                    [limit](float value) { return !(std::fabs(value) <= limit); });
    const std::int64_t index = wrong - values.begin();
    const std::string place = fmt::format(
        "row {}, column {}", firstRow + index / tensor.shape.front(), index % tensor.shape.front());
    if (std::isfinite(*wrong))
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("'{}' holds {:g} ({}), which is more than F16 can hold: choose "
                                "BF16 for it",
                                printableName(tensor.name), *wrong, place),
                    tensor.name);
    return fail(ErrorCode::FileDamaged,
                fmt::format("'{}' holds a value that is {} ({}): get another file of this model",
                            printableName(tensor.name),
                            std::isnan(*wrong) ? "no number" : "infinite", place),
                tensor.name);
}

std::size_t asSize(std::int64_t count) { return static_cast<std::size_t>(count); }

bool isFloatType(DType type) { return dtypeTraits(type).blockElements == 1; }

}  // namespace

Result<std::unique_ptr<QuantizeRun>> QuantizeRun::open(const QuantizeOptions& options) {
    std::unique_ptr<QuantizeRun> run(new QuantizeRun(options));
    SOTTO_ASSIGN(run->m_recipe, parseRecipe(options));
    SOTTO_ASSIGN(run->m_source, openTensorSource(options.source));
    if (!options.importance.empty()) {
        SOTTO_ASSIGN(run->m_importance, readImportance(options.importance));
    }
    SOTTO_ASSIGN(run->m_report, planTensors(*run->m_source, run->m_recipe,
                                            run->m_importance ? &*run->m_importance : nullptr));
    for (const QuantizedTensor& tensor : run->m_report.tensors)
        run->m_writer.addTensor({tensor.name, tensor.to, tensor.shape});
    // As long as real ones: the size of the file is known before the source is hashed.
    run->addKeys(std::vector<std::string>(run->m_source->files().size(), std::string(64, '0')));
    SOTTO_ASSIGN(run->m_report.fileBytes, run->m_writer.fileBytes());
    return run;
}

void QuantizeRun::addKeys(const std::vector<std::string>& hashes) {
    m_source->addKeys(m_writer);
    m_writer.addValue("general.file_type", mixTraits(m_recipe.mix).fileType);
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
    std::vector<std::string> names;
    for (const std::filesystem::path& file : m_source->files())
        names.push_back(file.filename().string());
    m_writer.addValue("sotto.quantize.source", names);
    m_writer.addValue("sotto.quantize.source_sha256", hashes);
    m_writer.addValue("sotto.quantize.recipe", m_recipe.text());
    m_writer.addValue("sotto.quantize.version", std::string(SOTTO_VERSION));
}

// By its files, as hubs name them: who has the new file can find the old one again.
Result<std::vector<std::string>> QuantizeRun::hashSource(const QuantizeSink& sink) const {
    QuantizeProgress progress;
    std::vector<MappedFile> mappings;
    for (const std::filesystem::path& path : m_source->files()) {
        SOTTO_ASSIGN(MappedFile mapping, MappedFile::open(path));
        progress.totalBytes += mapping.bytes().size();
        mappings.push_back(std::move(mapping));
    }
    std::vector<std::string> hashes;
    for (const MappedFile& mapping : mappings) {
        Hash hash;
        std::span<const std::byte> rest = mapping.bytes();
        while (!rest.empty()) {
            if (sink && !sink(progress)) return cancelled();
            const std::size_t nBytes = std::min(rest.size(), kHashBytes);
            hash.append(rest.first(nBytes));
            rest = rest.subspan(nBytes);
            progress.doneBytes += nBytes;
        }
        if (mapping.isLost())
            return fail(ErrorCode::FileUnreadable,
                        "The source changed or can no longer be read: check its drive.",
                        m_options.source.string());
        hashes.push_back(hash.finish());
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
    const auto space = std::filesystem::space(folder, error);
    if (error || space.available >= m_report.fileBytes) return {};
    Error full{ErrorCode::DiskFull,
               fmt::format("The new file has {} bytes and the disk of {} has room for {}: make "
                           "room or choose another disk.",
                           m_report.fileBytes, folder.string(), space.available),
               m_options.target.string()};
    full.needed = m_report.fileBytes;
    full.available = space.available;
    return fail(std::move(full));
}

Status QuantizeRun::write(const QuantizeSink& sink) {
    AtomicFileOptions inputs{m_source->files()};
    if (m_importance) inputs.inputs.push_back(m_importance->path);
    SOTTO_TRY(AtomicFile::check(m_options.target, inputs));
    SOTTO_TRY(checkSpace());
    SOTTO_ASSIGN(const std::vector<std::string> hashes, hashSource(sink));
    addKeys(hashes);

    m_pool.emplace(m_options.nThreads);
    m_scratch.resize(static_cast<std::size_t>(m_pool->nThreads()));
    const auto makePiece = [&](const GgufRowRange& range, std::span<std::byte> out) -> Status {
        const QuantizedTensor& tensor = m_report.tensors[range.tensorIndex];
        if (sink && !sink({.phase = QuantizeProgress::Phase::Quantizing,
                           .doneBytes = m_doneBytes,
                           .totalBytes = m_report.sourceBytes,
                           .tensor = tensor.name}))
            return cancelled();
        if (range.tensorIndex != m_tensorIndex) SOTTO_TRY(takeTensor(range.tensorIndex));
        return makeRows(range, out);
    };
    SOTTO_TRY(m_writer.write(m_options.target, makePiece, inputs));
    return {};
}

Status QuantizeRun::takeTensor(std::size_t tensorIndex) {
    const QuantizedTensor& tensor = m_report.tensors[tensorIndex];
    m_tensorIndex = tensorIndex;
    m_squaredError = 0;
    m_weights.clear();
    if (!m_importance || tensor.from == tensor.to || isFloatType(tensor.to)) return {};
    SOTTO_ASSIGN(m_weights, m_importance->weightsOf(tensor.name, matrixCountOf(tensor.shape),
                                                    tensor.shape.front()));
    return {};
}

Status QuantizeRun::makeRows(const GgufRowRange& range, std::span<std::byte> out) {
    QuantizedTensor& tensor = m_report.tensors[range.tensorIndex];
    const std::int64_t nColumns = tensor.shape.front();
    const std::size_t bytesPerRow = rowBytes(tensor.to, asSize(nColumns));
    const std::int64_t nRows = std::max<std::int64_t>(1, kChunkWeights / nColumns);
    m_chunks.clear();
    for (std::int64_t first = 0; first < range.nRows; first += nRows) {
        const std::int64_t count = std::min(nRows, range.nRows - first);
        m_chunks.push_back(
            {.rows = {.tensorIndex = range.tensorIndex,
                      .firstRow = range.firstRow + first,
                      .nRows = count},
             .out = out.subspan(asSize(first) * bytesPerRow, asSize(count) * bytesPerRow)});
    }
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
    std::int64_t nWeights = 1;
    for (const std::int64_t size : tensor.shape) nWeights *= size;
    tensor.rmse = std::sqrt(m_squaredError / static_cast<double>(nWeights));
    m_doneBytes +=
        static_cast<std::uint64_t>(range.nRows) * rowBytes(tensor.from, asSize(nColumns));
    return {};
}

Status QuantizeRun::makeChunk(Chunk& chunk, Scratch& scratch) const {
    const QuantizedTensor& tensor = m_report.tensors[chunk.rows.tensorIndex];
    SOTTO_ASSIGN(const std::span<const std::byte> bytes, m_source->rows(chunk.rows, scratch.bytes));
    if (tensor.from == tensor.to) std::copy(bytes.begin(), bytes.end(), chunk.out.begin());
    scratch.values.resize(asSize(chunk.rows.nRows * tensor.shape.front()));
    dequantizeRow(tensor.from, bytes, scratch.values);
    SOTTO_TRY(checkValues(scratch.values, tensor, chunk.rows.firstRow));
    if (tensor.from == tensor.to) return {};

    SOTTO_TRY(quantizeValues(chunk, scratch.values));
    scratch.back.resize(scratch.values.size());
    dequantizeRow(tensor.to, chunk.out, scratch.back);
    for (std::size_t index = 0; index < scratch.back.size(); ++index) {
        const double error = double(scratch.back[index]) - double(scratch.values[index]);
        chunk.squaredError += error * error;
    }
    return {};
}

// Matrix by matrix: each expert's columns have weights of their own.
Status QuantizeRun::quantizeValues(const Chunk& chunk, std::span<const float> values) const {
    const QuantizedTensor& tensor = m_report.tensors[chunk.rows.tensorIndex];
    const std::int64_t nColumns = tensor.shape.front();
    const std::int64_t rowsPerMatrix = tensor.shape.size() > 1 ? tensor.shape[1] : 1;
    const std::size_t bytesPerRow = rowBytes(tensor.to, asSize(nColumns));
    for (std::int64_t done = 0; done < chunk.rows.nRows;) {
        const std::int64_t row = chunk.rows.firstRow + done;
        const std::int64_t matrix = row / rowsPerMatrix;
        const std::int64_t nRows =
            std::min(chunk.rows.nRows - done, (matrix + 1) * rowsPerMatrix - row);
        QuantizeArgs args{
            .type = tensor.to,
            .rows = values.subspan(asSize(done * nColumns), asSize(nRows * nColumns)),
            .nColumns = nColumns,
            .importance = {},
            .method = m_recipe.method,
            .stored = dtypeTraits(tensor.from).blockElements > 1 ? DType::F32 : tensor.from};
        if (!m_weights.empty())
            args.importance =
                std::span(m_weights).subspan(asSize(matrix * nColumns), asSize(nColumns));
        SOTTO_TRY(quantizeRows(
            args, chunk.out.subspan(asSize(done) * bytesPerRow, asSize(nRows) * bytesPerRow)));
        done += nRows;
    }
    return {};
}

}  // namespace sotto

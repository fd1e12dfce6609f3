#include "engine/quantize/importance.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/mapped_file.h"
#include "engine/gguf/byte_cursor.h"
#include "engine/gguf/gguf_format.h"
#include "engine/gguf/gguf_reader.h"
#include "engine/gguf/gguf_writer.h"

namespace sotto {
namespace {

constexpr std::string_view kSums = ".in_sum2";
constexpr std::string_view kCounts = ".counts";
constexpr const char* kOriginKey = "sotto.imatrix.origin";
constexpr const char* kMeasuredOnKey = "sotto.imatrix.measured_on";
constexpr const char* kSensitivityKey = "sotto.imatrix.sensitivity";
// Far above any model's; a hostile count allocates nothing before its bytes were seen.
constexpr std::int32_t kMaxNameBytes = 65535;
// Nats: far above any matrix's, and sums of products with it stay finite.
constexpr double kMaxSensitivity = 1e12;

Status checkEntry(std::string_view name, const ImportanceEntry& entry,
                  const std::string& fileName) {
    const auto isWrong = [](float value) { return !(value >= 0) || std::isinf(value); };
    for (const std::vector<float>* const values : {&entry.sums, &entry.counts})
        for (const float value : *values)
            if (isWrong(value))
                return damagedFile(
                    fileName,
                    fmt::format("its entry for '{}' holds {}, which no sum of squares is",
                                printableName(name),
                                value < 0 ? "a negative value" : "a value that is no number"));
    return {};
}

Result<std::vector<float>> floatsOf(const GgufTensor& tensor, const std::string& fileName) {
    if (tensor.type != DType::F32)
        return damagedFile(fileName,
                           fmt::format("tensor '{}' is not F32", printableName(tensor.name)));
    std::vector<float> values(tensor.bytes.size() / sizeof(float));
    std::memcpy(values.data(), tensor.bytes.data(), values.size() * sizeof(float));
    return values;
}

// "blk.0.attn_v.weight=0.125" for each. Errors: FileDamaged (a value that is none, named).
Status readSensitivities(const GgufMetadata& metadata, const std::string& fileName,
                         ImportanceMatrix& matrix) {
    const auto* const lines = metadata.strings(kSensitivityKey);
    if (lines == nullptr) return {};
    for (const std::string_view line : *lines) {
        const std::size_t border = std::min(line.rfind('='), line.size());
        const std::string_view text = line.substr(std::min(border + 1, line.size()));
        double value = -1;
        const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (code != std::errc() || end != text.data() + text.size() ||
            !(value >= 0 && value <= kMaxSensitivity))
            return damagedFile(fileName,
                               fmt::format("its sensitivity '{}' is none", printableName(line)));
        matrix.sensitivities.emplace(line.substr(0, border), value);
    }
    return {};
}

Result<ImportanceMatrix> readGgufForm(const std::filesystem::path& path) {
    const std::string fileName = path.filename().string();
    SOTTO_ASSIGN(const GgufFile file, GgufFile::open(path));
    if (file.metadata().string("general.type").value_or("") != "imatrix")
        return fail(
            ErrorCode::InvalidArgument,
            fmt::format("{} is no importance matrix: its general.type is not 'imatrix'", fileName),
            fileName);
    ImportanceMatrix matrix;
    for (const GgufTensor& tensor : file.tensors()) {
        if (!tensor.name.ends_with(kSums)) continue;
        const std::string name = tensor.name.substr(0, tensor.name.size() - kSums.size());
        const GgufTensor* const counts = file.find(name + std::string(kCounts));
        if (counts == nullptr)
            return damagedFile(
                fileName, fmt::format("its entry for '{}' has no counts", printableName(name)));
        ImportanceEntry entry;
        SOTTO_ASSIGN(entry.sums, floatsOf(tensor, fileName));
        SOTTO_ASSIGN(entry.counts, floatsOf(*counts, fileName));
        if (entry.counts.empty() || entry.sums.size() % entry.counts.size() != 0 ||
            entry.counts.size() != static_cast<std::size_t>(tensor.matrix().nRows))
            return damagedFile(
                fileName,
                fmt::format("its entry for '{}' has {} counts of {} matrices", printableName(name),
                            entry.counts.size(), tensor.matrix().nRows));
        SOTTO_TRY(checkEntry(name, entry, fileName));
        matrix.entries.emplace(name, std::move(entry));
    }
    SOTTO_TRY(file.checkPages());
    if (const auto* const datasets = file.metadata().strings("imatrix.datasets"))
        matrix.datasets.assign(datasets->begin(), datasets->end());
    const auto number = [&](std::string_view key) {
        return static_cast<std::uint32_t>(file.metadata().unsignedInteger(key).value_or(0));
    };
    matrix.origin = file.metadata().string(kOriginKey).value_or("");
    matrix.measuredOn = file.metadata().string(kMeasuredOnKey).value_or("");
    SOTTO_TRY(readSensitivities(file.metadata(), fileName, matrix));
    matrix.nChunks = number("imatrix.chunk_count");
    matrix.chunkTokens = number("imatrix.chunk_size");
    return matrix;
}

Result<std::int32_t> readCount(ByteCursor& cursor, std::string_view what, std::int32_t most) {
    SOTTO_ASSIGN(const std::int32_t count, cursor.read<std::int32_t>(what));
    if (count < 0 || count > most)
        return damagedFile(cursor.fileName(), fmt::format("{} is {}", what, count));
    return count;
}

Result<std::string> readText(ByteCursor& cursor, std::string_view what) {
    SOTTO_ASSIGN(const std::int32_t length, readCount(cursor, what, kMaxNameBytes));
    SOTTO_ASSIGN(const auto letters, cursor.take(static_cast<std::uint64_t>(length), 1, what));
    return std::string(reinterpret_cast<const char*>(letters.data()), letters.size());
}

}  // namespace

// Means times calls lie there, so that means come out whatever a call was.
Result<ImportanceMatrix> parseOlderImportance(std::span<const std::byte> bytes,
                                              const std::string& fileName) {
    ByteCursor cursor(bytes, fileName);
    ImportanceMatrix matrix;
    constexpr auto kMost = static_cast<std::int32_t>(kGgufMaxTensors);
    SOTTO_ASSIGN(const std::int32_t nEntries, readCount(cursor, "the number of entries", kMost));
    if (nEntries == 0) return damagedFile(fileName, "it has no entries");
    for (std::int32_t index = 0; index < nEntries; ++index) {
        SOTTO_ASSIGN(std::string name, readText(cursor, "the name of an entry"));
        SOTTO_ASSIGN(const std::int32_t nCalls,
                     readCount(cursor, "the number of calls", INT32_MAX));
        SOTTO_ASSIGN(const std::int32_t nValues,
                     readCount(cursor, "the number of values", INT32_MAX));
        SOTTO_ASSIGN(const auto values, cursor.take(static_cast<std::uint64_t>(nValues),
                                                    sizeof(float), "the values of an entry"));
        ImportanceEntry entry;
        entry.counts.assign(1, static_cast<float>(nCalls));
        entry.sums.resize(static_cast<std::size_t>(nValues));
        if (nValues > 0) std::memcpy(entry.sums.data(), values.data(), values.size());
        SOTTO_TRY(checkEntry(name, entry, fileName));
        matrix.entries.insert_or_assign(std::move(name), std::move(entry));
    }
    // Files of the first versions end here.
    if (cursor.remaining() == 0) return matrix;
    SOTTO_ASSIGN(const std::int32_t nChunks, readCount(cursor, "the last chunk", INT32_MAX));
    matrix.nChunks = static_cast<std::uint32_t>(nChunks);
    SOTTO_ASSIGN(std::string dataset, readText(cursor, "the data set"));
    matrix.datasets.push_back(std::move(dataset));
    return matrix;
}

Result<bool> ImportanceMatrix::covers(std::string_view name, std::int64_t nMatrices,
                                      std::int64_t nColumns) const {
    const auto found = entries.find(name);
    if (found == entries.end()) return false;
    const ImportanceEntry& entry = found->second;
    const auto nSums = static_cast<std::size_t>(nMatrices * nColumns);
    const std::size_t nCounts = entry.counts.size();
    if (entry.sums.size() == nSums &&
        (nCounts == static_cast<std::size_t>(nMatrices) || nCounts == 1))
        return true;
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format("The importance matrix {} has {} values for '{}', which has {} "
                    "columns: it was measured on another model.",
                    path.filename().string(), entry.sums.size(), printableName(name), nSums),
        path.string());
}

Result<std::vector<float>> ImportanceMatrix::weightsOf(std::string_view name,
                                                       std::int64_t nMatrices,
                                                       std::int64_t nColumns) const {
    SOTTO_ASSIGN(const bool isCovered, covers(name, nMatrices, nColumns));
    if (!isCovered) return std::vector<float>();
    const ImportanceEntry& entry = entries.find(name)->second;
    std::vector<float> weights(entry.sums.size(), 1.0f);
    for (std::size_t index = 0; index < weights.size(); ++index) {
        const std::size_t matrix = index / static_cast<std::size_t>(nColumns);
        const float count = entry.counts[entry.counts.size() == 1 ? 0 : matrix];
        if (count > 0) weights[index] = entry.sums[index] / count;
        if (!std::isfinite(weights[index]))
            return damagedFile(
                path.filename().string(),
                fmt::format("its entry for '{}' has a count of {:g}, too small for its sums",
                            printableName(name), count));
    }
    return weights;
}

Result<ImportanceMatrix> readImportance(const std::filesystem::path& path) {
    const std::string fileName = path.filename().string();
    SOTTO_ASSIGN(const MappedFile mapping, MappedFile::open(path));
    std::uint32_t magic = 0;
    std::memcpy(&magic, mapping.bytes().data(), std::min(sizeof magic, mapping.bytes().size()));
    auto matrix =
        magic == kGgufMagic ? readGgufForm(path) : parseOlderImportance(mapping.bytes(), fileName);
    if (!matrix) return matrix;
    if (matrix->entries.empty()) return damagedFile(fileName, "it has no entries");
    if (mapping.isLost())
        return fail(ErrorCode::FileUnreadable,
                    fmt::format("{} changed or can no longer be read: check its drive", fileName),
                    fileName);
    matrix->path = path;
    return matrix;
}

Status writeImportance(const ImportanceMatrix& matrix, const std::filesystem::path& path,
                       const std::vector<std::filesystem::path>& inputs) {
    GgufWriter writer;
    writer.addValue("general.type", std::string("imatrix"));
    writer.addValue("imatrix.datasets", matrix.datasets);
    writer.addValue("imatrix.chunk_count", matrix.nChunks);
    writer.addValue("imatrix.chunk_size", matrix.chunkTokens);
    if (!matrix.origin.empty()) writer.addValue(kOriginKey, matrix.origin);
    if (!matrix.measuredOn.empty()) writer.addValue(kMeasuredOnKey, matrix.measuredOn);
    if (!matrix.sensitivities.empty()) {
        std::vector<std::string> lines;
        for (const auto& [name, value] : matrix.sensitivities)
            lines.push_back(fmt::format("{}={:.6g}", name, value));
        writer.addValue(kSensitivityKey, std::move(lines));
    }
    std::vector<const std::vector<float>*> data;
    for (const auto& [name, entry] : matrix.entries) {
        const auto nMatrices = static_cast<std::int64_t>(entry.counts.size());
        const std::int64_t nColumns = static_cast<std::int64_t>(entry.sums.size()) / nMatrices;
        // As other tools write it: one matrix has no dimension for their number.
        const auto shaped = [nMatrices](std::int64_t width) {
            return nMatrices == 1 ? std::vector{width} : std::vector{width, nMatrices};
        };
        writer.addTensor({name + std::string(kSums), DType::F32, shaped(nColumns)});
        writer.addTensor({name + std::string(kCounts), DType::F32, shaped(1)});
        data.push_back(&entry.sums);
        data.push_back(&entry.counts);
    }
    const auto source = [&](const GgufRowRange& range, std::span<std::byte> out) -> Status {
        const auto width =
            static_cast<std::size_t>(writer.tensors()[range.tensorIndex].shape.front());
        std::memcpy(
            out.data(),
            data[range.tensorIndex]->data() + static_cast<std::size_t>(range.firstRow) * width,
            out.size());
        return {};
    };
    return writer.write(path, source, {inputs});
}

}  // namespace sotto

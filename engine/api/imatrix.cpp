#include "engine/api/imatrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <system_error>

#include "base/atomic_file.h"
#include "base/check.h"
#include "base/guarded.h"
#include "base/hash.h"
#include "engine/api/inspect.h"
#include "engine/api/layer_matrices.h"
#include "engine/api/tensor_sensitivity.h"
#include "engine/kernels/input_observer.h"
#include "engine/quantize/importance.h"
#include "engine/schedule/evaluation_model.h"
#include "engine/schedule/sequence_runner.h"

namespace sotto {
namespace {

// What a kill loses at most.
constexpr std::int64_t kChunksBetweenSaves = 10;

// Of its own: ".part" is what downloads are called.
constexpr const char* kPartSuffix = ".imatrix-part";
// A cancel takes effect between steps of so many rows: some seconds of a large model.
constexpr std::int64_t kStepTokens = 128;

// The sums of one matrix or stack.
struct InputSums {
    std::string name;
    std::int64_t nColumns = 0;
    std::vector<double> sums;    // [nMatrices * nColumns] of x^2
    std::vector<double> counts;  // [nMatrices]
};

// Adds up the squares of what the matrices of the layers are multiplied with.
class SquareSums final : public InputObserver {
public:
    void add(const Weight& weight, std::string name, std::int64_t nMatrices) {
        InputSums& one = m_sums[&weight];
        one.name = std::move(name);
        one.nColumns = weight.nCols;
        one.sums.assign(static_cast<std::size_t>(nMatrices * weight.nCols), 0.0);
        one.counts.assign(static_cast<std::size_t>(nMatrices), 0.0);
    }

    void onInput(const Weight& weight, std::int32_t matrix, const float* x,
                 std::int64_t nRows) override {
        const auto found = m_sums.find(&weight);
        if (found == m_sums.end()) return;
        InputSums& one = found->second;
        double* const sums = one.sums.data() + matrix * one.nColumns;
        for (std::int64_t row = 0; row < nRows; ++row)
            for (std::int64_t column = 0; column < one.nColumns; ++column) {
                const double value = x[row * one.nColumns + column];
                sums[column] += value * value;
            }
        one.counts[static_cast<std::size_t>(matrix)] += static_cast<double>(nRows);
    }

    // The sums as they are now, and back to them.
    void keep() { m_kept = m_sums; }
    void restore() { m_sums = m_kept; }

    // What an earlier call had measured. False where it is of other matrices.
    bool take(const ImportanceMatrix& earlier) {
        for (const auto& [weight, one] : m_sums) {
            const auto found = earlier.entries.find(one.name);
            if (found == earlier.entries.end() || found->second.sums.size() != one.sums.size() ||
                found->second.counts.size() != one.counts.size())
                return false;
        }
        for (auto& [weight, one] : m_sums) {
            const ImportanceEntry& entry = earlier.entries.find(one.name)->second;
            one.sums.assign(entry.sums.begin(), entry.sums.end());
            one.counts.assign(entry.counts.begin(), entry.counts.end());
        }
        return true;
    }

    // Errors: FileDamaged where a sum is no number.
    Status give(ImportanceMatrix& matrix) const {
        for (const auto& [weight, one] : m_sums) {
            if (!std::ranges::all_of(one.sums, [](double sum) { return std::isfinite(sum); }))
                return fail(ErrorCode::FileDamaged,
                            fmt::format("What comes to '{}' is no number: get another file of this "
                                        "model.",
                                        one.name),
                            one.name);
            ImportanceEntry& entry = matrix.entries[one.name];
            entry.sums.assign(one.sums.begin(), one.sums.end());
            entry.counts.assign(one.counts.begin(), one.counts.end());
        }
        return {};
    }

private:
    std::map<const Weight*, InputSums> m_sums;
    std::map<const Weight*, InputSums> m_kept;
};

// All matrices of the layers; the routers too, as in the files of other tools.
void addMatrices(const LoadedModel& model, bool hasHead, SquareSums& sums) {
    forEachLayerMatrix(model, [&](const Weight& weight, std::string name, std::int64_t nMatrices) {
        sums.add(weight, std::move(name), nMatrices);
    });
    // A tied head is the embedding, whose quantizer asks for no importance.
    if (hasHead && model.weights.head != model.weights.embedding)
        sums.add(*model.weights.head, "output.weight", 1);
}

// What one measurement differs from another in: of the model its file, not its bytes, which would
// take longer to read than some texts to measure.
std::string originOf(const LoadOptions& model, std::string_view text,
                     const ImatrixOptions& options) {
    Hash hash;
    const auto append = [&hash](std::string_view part) {
        hash.append(std::as_bytes(std::span(part)));
    };
    append(text);
    for (const std::filesystem::path& file : modelFiles(model.path)) {
        std::error_code error;
        const auto size = std::filesystem::file_size(file, error);
        const auto time = std::filesystem::last_write_time(file, error).time_since_epoch().count();
        append(fmt::format("|{}|{}|{}", file.filename().string(), size, time));
    }
    append(fmt::format("|{}|{}", options.contextTokens, options.hasHead));
    return hash.finish();
}

// Of a file that is whole: how many chunks were wanted tells it from a longer one, too.
std::string wholeOrigin(const std::string& origin, const ImatrixOptions& options) {
    return fmt::format("{}|{}", origin, options.maxChunks);
}

class ImatrixRun {
public:
    ImatrixRun(const ModelAndText& read, const ImatrixOptions& options, std::string origin,
               std::vector<std::filesystem::path> inputs, int nThreads,
               const ProgressSink& progress)
        : m_read(read),
          m_options(options),
          m_origin(std::move(origin)),
          m_inputs(std::move(inputs)),
          m_nThreads(nThreads),
          m_progress(progress),
          m_runner(*read.model),
          m_part(options.output.string() + kPartSuffix) {}

    Result<ImatrixResult> run() {
        const std::int64_t nContext = m_options.contextTokens;
        SOTTO_ASSIGN(const std::int64_t nChunks, m_read.chunkCount(nContext, m_options.maxChunks));
        m_nTokens = nChunks * nContext;
        SOTTO_TRY(AtomicFile::check(m_part, {m_inputs}));
        addMatrices(*m_read.model, m_options.hasHead, m_sums);
        SOTTO_TRY(takeEarlier(nChunks));
        // The model is on the processor, whose set tells, and goes with this call.
        auto* const teller = dynamic_cast<InputTeller*>(m_read.model->lastPart().kernels.get());
        SOTTO_CHECK(teller != nullptr);
        teller->observeInputs(&m_sums);
        const std::int64_t nResumed = m_nChunks;
        const Status status = measure(nChunks);
        teller->observeInputs(nullptr);
        SOTTO_TRY(status);

        ImportanceMatrix matrix;
        SOTTO_TRY(describe(matrix));
        if (m_options.hasSensitivity) SOTTO_TRY(addSensitivities(nChunks, matrix));
        matrix.measuredOn = wholeOrigin(m_origin, m_options);
        SOTTO_TRY(writeImportance(matrix, m_options.output, m_inputs));
        std::error_code ignored;
        std::filesystem::remove(m_part, ignored);
        if (m_progress) m_progress(m_nTokens, m_nTokens);
        return ImatrixResult{.entries = static_cast<std::int64_t>(matrix.entries.size()),
                             .chunks = nChunks,
                             .resumedChunks = nResumed,
                             .tokens = m_nTokens};
    }

private:
    // Errors: InvalidArgument where something that no measurement has left is in the way.
    Status takeEarlier(std::int64_t nChunks) {
        std::error_code ignored;
        if (!std::filesystem::exists(m_part, ignored)) return {};
        const auto earlier = readImportance(m_part);
        if (!earlier || earlier->origin.empty())
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("'{}' is in the way and is no unfinished measurement: move it "
                                    "or choose another name.",
                                    m_part.string()),
                        m_part.string());
        if (earlier->origin == m_origin && earlier->nChunks <= nChunks && m_sums.take(*earlier))
            m_nChunks = earlier->nChunks;
        return {};
    }

    Status describe(ImportanceMatrix& matrix) const {
        SOTTO_TRY(m_sums.give(matrix));
        matrix.datasets = {m_options.dataset};
        matrix.nChunks = static_cast<std::uint32_t>(m_nChunks);
        matrix.chunkTokens = static_cast<std::uint32_t>(m_options.contextTokens);
        return {};
    }

    Status save() const {
        ImportanceMatrix matrix;
        SOTTO_TRY(describe(matrix));
        matrix.origin = m_origin;
        return writeImportance(matrix, m_part, m_inputs);
    }

    // What was measured so far lies beside the output when this is stopped.
    Status addSensitivities(std::int64_t nChunks, ImportanceMatrix& matrix) {
        SOTTO_TRY(save());
        const auto progress = [this](std::int64_t nDone, std::int64_t nAll) {
            return !m_progress || m_progress(m_nTokens * nDone / nAll, m_nTokens);
        };
        SOTTO_ASSIGN(matrix.sensitivities,
                     measureTensorSensitivity({.model = *m_read.model,
                                               .runner = m_runner,
                                               .read = m_read,
                                               .contextTokens = m_options.contextTokens,
                                               .nChunks = nChunks,
                                               .importance = matrix,
                                               .nThreads = m_nThreads,
                                               .progress = progress}));
        return {};
    }

    Status measure(std::int64_t nChunks) {
        while (m_nChunks < nChunks) {
            // A chunk that is cancelled half-way does not count: it is read whole the next time.
            m_sums.keep();
            Status status = readChunk();
            if (!status) {
                m_sums.restore();
                if (status.error().code == ErrorCode::Cancelled && m_nChunks > 0) SOTTO_TRY(save());
                return status;
            }
            ++m_nChunks;
            if (m_nChunks % kChunksBetweenSaves == 0 && m_nChunks < nChunks) SOTTO_TRY(save());
        }
        return {};
    }

    Status readChunk() {
        m_runner.restart();
        // Without the head no logits are computed.
        const std::int64_t firstWanted = m_options.hasHead ? 0 : m_options.contextTokens;
        const std::int64_t nDone = m_nChunks * m_options.contextTokens;
        return m_runner.run(
            m_read.withBos(m_read.chunk(m_nChunks, m_options.contextTokens)), firstWanted,
            [](std::int64_t, std::span<const float>) {},
            [&] { return !m_progress || m_progress(nDone + m_runner.nTokens(), m_nTokens); });
    }

    const ModelAndText& m_read;
    const ImatrixOptions& m_options;
    const std::string m_origin;
    const std::vector<std::filesystem::path> m_inputs;
    const int m_nThreads;
    const ProgressSink& m_progress;
    SequenceRunner m_runner;
    const std::filesystem::path m_part;
    SquareSums m_sums;
    std::int64_t m_nChunks = 0;  // that are in the sums
    std::int64_t m_nTokens = 0;
};

Result<ImatrixResult> measureAll(EngineOptions engine, LoadOptions model, std::string_view text,
                                 const ImatrixOptions& options, const ProgressSink& progress) {
    if (options.contextTokens < 4)
        return fail(ErrorCode::InvalidArgument, "Chunks must have at least 4 tokens.");
    std::vector<std::filesystem::path> inputs = modelFiles(model.path);
    inputs.insert(inputs.end(), options.inputs.begin(), options.inputs.end());
    SOTTO_TRY(AtomicFile::check(options.output, {inputs}));
    engine.device = "cpu";
    engine.kernels = KernelChoice::Fast;
    model.device.clear();
    model.kv = {KvType::F32, KvType::F32};
    model.prefillChunk = std::min(model.prefillChunk, kStepTokens);
    SOTTO_ASSIGN(const ModelAndText loaded,
                 loadForText(engine, model, text, options.contextTokens,
                             [&](double) { return !progress || progress(0, 1); }));
    return ImatrixRun(loaded, options, originOf(model, text, options), std::move(inputs),
                      engine.nThreads, progress)
        .run();
}

}  // namespace

bool isMeasured(const LoadOptions& model, std::string_view text, const ImatrixOptions& options) {
    const auto there = readImportance(options.output);
    return there && there->measuredOn == wholeOrigin(originOf(model, text, options), options) &&
           (!options.hasSensitivity || !there->sensitivities.empty());
}

Result<ImatrixResult> measureImatrix(const EngineOptions& engine, const LoadOptions& model,
                                     std::string_view text, const ImatrixOptions& options,
                                     const ProgressSink& progress) {
    return guarded([&] { return measureAll(engine, model, text, options, progress); });
}

}  // namespace sotto

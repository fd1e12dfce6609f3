#include <fmt/format.h>

#include <optional>

#include "base/atomic_file.h"
#include "base/guarded.h"
#include "engine/api/evaluate.h"
#include "engine/api/inspect.h"
#include "engine/api/logits_file.h"
#include "engine/schedule/divergence_scores.h"
#include "engine/schedule/evaluation_model.h"
#include "engine/schedule/sequence_runner.h"

namespace sotto {
namespace {

// What saveLogits must not replace.
AtomicFileOptions inputsOf(const PerplexityOptions& options, const LoadOptions& model) {
    AtomicFileOptions result{modelFiles(model.path)};
    result.inputs.insert(result.inputs.end(), options.inputs.begin(), options.inputs.end());
    if (!options.compareWith.empty()) result.inputs.push_back(options.compareWith);
    return result;
}

// One run over all chunks of a text.
class PerplexityRun {
public:
    PerplexityRun(const ModelAndText& read, const PerplexityOptions& options,
                  AtomicFileOptions inputs, const ProgressSink& progress)
        : m_read(read),
          m_options(options),
          m_inputs(std::move(inputs)),
          m_progress(progress),
          m_runner(*read.model) {}

    Result<PerplexityResult> run() {
        const std::int64_t nContext = m_options.contextTokens;
        SOTTO_ASSIGN(const std::int64_t nChunks, m_read.chunkCount(nContext, m_options.maxChunks));
        SOTTO_TRY(openFiles(nChunks));
        m_nTokens = nChunks * nContext;
        for (std::int64_t chunkIndex = 0; chunkIndex < nChunks; ++chunkIndex)
            SOTTO_TRY(scoreChunk(m_read.chunk(chunkIndex, nContext), chunkIndex * nContext));
        if (m_writer) SOTTO_TRY(m_writer->finish());
        if (m_progress) m_progress(m_nTokens, m_nTokens);
        return result();
    }

private:
    Status openFiles(std::int64_t nChunks) {
        const LogitsFileHeader header{
            .nVocab = static_cast<std::uint32_t>(m_read.model->file->config.nVocab),
            .contextTokens = static_cast<std::uint32_t>(m_options.contextTokens),
            .nChunks = static_cast<std::uint32_t>(nChunks)};
        if (!m_options.saveLogits.empty()) {
            auto writer = LogitsFileWriter::create(m_options.saveLogits, header, m_inputs);
            if (!writer) return fail(std::move(writer.error()));
            m_writer.emplace(std::move(*writer));
        }
        if (m_options.compareWith.empty()) return {};
        auto reader = LogitsFileReader::open(m_options.compareWith);
        if (!reader) return fail(std::move(reader.error()));
        m_reader.emplace(std::move(*reader));
        const LogitsFileHeader& other = m_reader->header();
        if (other.nVocab != header.nVocab || other.contextTokens != header.contextTokens ||
            other.nChunks < header.nChunks)
            return fail(
                ErrorCode::InvalidArgument,
                fmt::format("The file was written with {} tokens of vocabulary, chunks of {} and "
                            "{} chunks; this run has {}, {} and {}.",
                            other.nVocab, other.contextTokens, other.nChunks, header.nVocab,
                            header.contextTokens, header.nChunks),
                m_options.compareWith.string());
        return {};
    }

    Status scoreChunk(const std::vector<std::int32_t>& targets, std::int64_t nDone) {
        const std::vector<std::int32_t> chunk = m_read.withBos(targets);
        if (m_writer) SOTTO_TRY(m_writer->addTokens(targets));
        if (m_reader) SOTTO_TRY(checkTokens(targets));

        // The second half of a chunk is scored: its tokens have at least half a chunk before them.
        const auto nContext = static_cast<std::int64_t>(chunk.size());
        Status problem;
        m_runner.restart();
        SOTTO_TRY(m_runner.run(
            chunk, nContext / 2,
            [&](std::int64_t position, std::span<const float> logits) {
                if (position + 1 < nContext && problem)
                    problem =
                        scorePosition(logits, targets[static_cast<std::size_t>(position) + 1]);
            },
            [&] { return !m_progress || m_progress(nDone + m_runner.nTokens(), m_nTokens); }));
        return problem;
    }

    Status checkTokens(const std::vector<std::int32_t>& targets) {
        std::vector<std::int32_t> others;
        SOTTO_TRY(m_reader->readTokens(others));
        if (others == targets) return {};
        return fail(ErrorCode::InvalidArgument,
                    "The file was written for another text or another vocabulary.",
                    m_options.compareWith.string());
    }

    Status scorePosition(std::span<const float> logits, std::int32_t target) {
        m_own.resize(logits.size());
        logSoftmax(logits, m_own);
        m_scores.add(double(m_own[static_cast<std::size_t>(target)]));
        if (m_writer) SOTTO_TRY(m_writer->addRow(m_own));
        if (!m_reader) return {};
        SOTTO_TRY(m_reader->readRow(m_other));
        m_divergences.add(tokenDivergence(m_other, m_own, static_cast<std::size_t>(target)));
        return {};
    }

    PerplexityResult result() const {
        PerplexityResult result;
        result.perplexity = m_scores.perplexity();
        result.standardError = m_scores.standardError();
        result.tokens = m_scores.count();
        if (m_divergences.count() == 0) return result;
        const DivergenceStatistics divergence = m_divergences.statistics();
        result.hasKl = true;
        result.klMean = divergence.klMean;
        result.klMedian = divergence.klMedian;
        result.klP99 = divergence.klP99;
        result.klMax = divergence.klMax;
        result.top1Agreement = divergence.top1Agreement;
        return result;
    }

    const ModelAndText& m_read;
    const PerplexityOptions& m_options;
    const AtomicFileOptions m_inputs;
    const ProgressSink& m_progress;
    SequenceRunner m_runner;
    std::optional<LogitsFileWriter> m_writer;
    std::optional<LogitsFileReader> m_reader;
    PerplexityScores m_scores;
    DivergenceScores m_divergences;
    std::vector<float> m_own, m_other;
    std::int64_t m_nTokens = 0;
};

Result<PerplexityResult> evaluate(const EngineOptions& engine, const LoadOptions& model,
                                  std::string_view text, const PerplexityOptions& options,
                                  const ProgressSink& progress) {
    if (options.contextTokens < 4)
        return fail(ErrorCode::InvalidArgument, "Chunks must have at least 4 tokens.");
    AtomicFileOptions inputs = inputsOf(options, model);
    // Before the model is loaded; once more when the file is made.
    if (!options.saveLogits.empty()) SOTTO_TRY(AtomicFile::check(options.saveLogits, inputs));
    SOTTO_ASSIGN(const ModelAndText loaded,
                 loadForText(engine, model, text, options.contextTokens,
                             [&](double) { return !progress || progress(0, 1); }));
    return PerplexityRun(loaded, options, std::move(inputs), progress).run();
}

}  // namespace

Result<PerplexityResult> evaluatePerplexity(const EngineOptions& engine, const LoadOptions& model,
                                            std::string_view text, const PerplexityOptions& options,
                                            const ProgressSink& progress) {
    return guarded([&] { return evaluate(engine, model, text, options, progress); });
}

}  // namespace sotto

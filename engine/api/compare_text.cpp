#include "engine/api/compare_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/guarded.h"
#include "engine/device/cpu/thread_pool.h"
#include "engine/schedule/divergence_scores.h"
#include "engine/schedule/model_group.h"

namespace sotto {
namespace {

using Clock = std::chrono::steady_clock;

// Scored positions of one chunk that are in one group.
struct ChunkPiece {
    std::int64_t chunkIndex = 0;
    std::int64_t firstScored = 0, endScored = 0;  // positions within the chunk
    std::int64_t firstRow = 0;                    // of the group's kept rows
};

// Rows are scored together, so that the threads share them: a row of 150,000 takes one of them some
// milliseconds, more than a card takes to read it. 38 MB of logits at that size.
constexpr std::int64_t kRowsAtOnce = 64;

using PieceGroup = std::vector<ChunkPiece>;

// The positions whose predictions count: the second half of a chunk, whose tokens have at least
// half a chunk before them; the last one's successor is in the next chunk.
std::vector<PieceGroup> cutIntoGroups(std::int64_t nChunks, std::int64_t chunkTokens,
                                      std::int64_t maxRows) {
    std::vector<PieceGroup> groups;
    std::int64_t nRows = maxRows;  // of the last group: there is none yet
    for (std::int64_t chunkIndex = 0; chunkIndex < nChunks; ++chunkIndex) {
        for (std::int64_t position = chunkTokens / 2; position < chunkTokens - 1;) {
            if (nRows == maxRows) {
                groups.emplace_back();
                nRows = 0;
            }
            const std::int64_t count = std::min(maxRows - nRows, chunkTokens - 1 - position);
            groups.back().push_back({chunkIndex, position, position + count, nRows});
            position += count;
            nRows += count;
        }
    }
    return groups;
}

// A row whose logits are here and whose figures are not.
struct PendingRow {
    std::span<float> logits;           // [nVocab]; log-probabilities once it was scored
    std::span<const float> reference;  // [nVocab] log-probabilities; empty: it is the reference's
    std::size_t target = 0;
    TokenDivergence divergence;
};

// What is known of a model so far.
struct ModelScores {
    PerplexityScores perplexity;
    DivergenceScores divergence;
    std::int64_t chunkIndex = -1;  // that its runner is reading
    std::int64_t doneTokens = 0;   // of the whole text, for the progress
    std::int64_t readTokens = 0;
    Clock::duration reading{};

    TextComparisonRow row() const {
        TextComparisonRow row;
        row.hasKl = divergence.count() > 0;
        if (row.hasKl) static_cast<DivergenceStatistics&>(row) = divergence.statistics();
        row.perplexity = perplexity.perplexity();
        row.standardError = perplexity.standardError();
        row.tokens = perplexity.count();
        row.readTokens = readTokens;
        row.seconds = std::chrono::duration<double>(reading).count();
        return row;
    }
};

class TextComparison {
public:
    TextComparison(ModelGroup& models, const CommonTokens& text,
                   const TextComparisonOptions& options, int nThreads,
                   const TextComparisonSink& sink)
        : m_models(models), m_text(text), m_options(options), m_sink(sink), m_pool(nThreads) {}

    Result<std::vector<TextComparisonRow>> run() {
        const std::int64_t chunkTokens = m_options.contextTokens;
        std::int64_t nChunks = static_cast<std::int64_t>(m_text.tokens.size()) / chunkTokens;
        if (m_options.maxChunks > 0) nChunks = std::min(nChunks, m_options.maxChunks);
        if (nChunks == 0)
            return fail(Error{ErrorCode::InvalidArgument,
                              fmt::format("The text has {} tokens; at least one chunk of {} is "
                                          "needed.",
                                          m_text.tokens.size(), chunkTokens),
                              {},
                              static_cast<std::uint64_t>(chunkTokens),
                              m_text.tokens.size()});
        const std::uint64_t rowBytes = static_cast<std::uint64_t>(m_text.nVocab) * sizeof(float);
        const auto maxRows = static_cast<std::int64_t>(std::clamp<std::uint64_t>(
            m_options.spoolBytes / rowBytes, 1,
            static_cast<std::uint64_t>(nChunks * (chunkTokens - 1 - chunkTokens / 2))));
        // Before the rows are there: what they take is no longer free then.
        SOTTO_TRY(m_models.plan(static_cast<std::uint64_t>(maxRows + kRowsAtOnce) * rowBytes));
        m_kept.resize(static_cast<std::size_t>(maxRows * m_text.nVocab));
        m_own.resize(static_cast<std::size_t>(kRowsAtOnce * m_text.nVocab));
        m_pending.reserve(kRowsAtOnce);
        m_scores.resize(m_models.size());
        m_totalTokens = nChunks * chunkTokens * static_cast<std::int64_t>(m_models.size());
        for (const PieceGroup& group : cutIntoGroups(nChunks, chunkTokens, maxRows))
            for (std::size_t index = 0; index < m_models.size(); ++index)
                SOTTO_TRY(readGroup(index, group));
        std::vector<TextComparisonRow> rows;
        for (const ModelScores& scores : m_scores) rows.push_back(scores.row());
        return rows;
    }

private:
    Status readGroup(std::size_t index, const PieceGroup& group) {
        if (m_models.isTakingTurns()) m_scores[index].chunkIndex = -1;  // its runner went
        SOTTO_ASSIGN(SequenceRunner* const runner,
                     m_models.use(index, [&](double) { return tell(index, true); }));
        for (const ChunkPiece& piece : group) SOTTO_TRY(readPiece(index, *runner, piece));
        return {};
    }

    Status readPiece(std::size_t index, SequenceRunner& runner, const ChunkPiece& piece) {
        ModelScores& scores = m_scores[index];
        if (scores.chunkIndex != piece.chunkIndex) runner.restart();
        scores.chunkIndex = piece.chunkIndex;
        const std::int64_t chunkTokens = m_options.contextTokens;
        // A chunk is read to its end, as by evaluatePerplexity(): steps of the same rows.
        const std::int64_t end = piece.endScored == chunkTokens - 1 ? chunkTokens : piece.endScored;
        const std::int64_t begin = runner.nTokens();
        const std::vector<std::int32_t> chunk = chunkOf(piece.chunkIndex);
        const auto targets = std::span(m_text.tokens)
                                 .subspan(static_cast<std::size_t>(piece.chunkIndex * chunkTokens));
        const auto tokens = std::span(chunk).subspan(static_cast<std::size_t>(begin),
                                                     static_cast<std::size_t>(end - begin));
        Clock::duration scoring{};
        const auto start = Clock::now();
        const Status status = runner.run(
            tokens, piece.firstScored,
            [&](std::int64_t position, std::span<const float> logits) {
                if (position >= piece.endScored) return;
                const auto before = Clock::now();
                score(index, logits, piece.firstRow + position - piece.firstScored,
                      targets[static_cast<std::size_t>(position) + 1]);
                scoring += Clock::now() - before;
            },
            [&] {
                scores.doneTokens =
                    std::max(scores.doneTokens, piece.chunkIndex * chunkTokens + runner.nTokens());
                return tell(index, false);
            });
        scores.reading += Clock::now() - start - scoring;
        scores.readTokens += runner.nTokens() - begin;
        SOTTO_TRY(status);
        scorePending(index);
        scores.doneTokens =
            std::max(scores.doneTokens, piece.chunkIndex * chunkTokens + runner.nTokens());
        if (!tell(index, false)) return fail(ErrorCode::Cancelled, "Cancelled.");
        return {};
    }

    std::vector<std::int32_t> chunkOf(std::int64_t chunkIndex) const {
        const auto begin = m_text.tokens.begin() + chunkIndex * m_options.contextTokens;
        std::vector<std::int32_t> chunk(begin, begin + m_options.contextTokens);
        if (m_text.bosToken >= 0) chunk.front() = m_text.bosToken;
        return chunk;
    }

    // `row` of the kept ones is written by the reference and read by the others.
    void score(std::size_t index, std::span<const float> logits, std::int64_t row,
               std::int32_t target) {
        const auto nVocab = static_cast<std::size_t>(m_text.nVocab);
        const std::span<float> kept =
            std::span(m_kept).subspan(static_cast<std::size_t>(row) * nVocab, nVocab);
        PendingRow& pending = m_pending.emplace_back();
        pending.target = static_cast<std::size_t>(target);
        pending.logits = kept;
        if (index > 0) {
            pending.logits = std::span(m_own).subspan((m_pending.size() - 1) * nVocab, nVocab);
            pending.reference = kept;
        }
        std::ranges::copy(logits.first(nVocab), pending.logits.begin());
        if (static_cast<std::int64_t>(m_pending.size()) == kRowsAtOnce) scorePending(index);
    }

    // Each row by one thread, and added up in their order: the figures are the same whatever the
    // number of threads.
    void scorePending(std::size_t index) {
        m_pool.parallelFor(
            static_cast<std::int64_t>(m_pending.size()), [&](std::int64_t rowIndex, int) {
                PendingRow& row = m_pending[static_cast<std::size_t>(rowIndex)];
                logSoftmax(row.logits, row.logits);
                if (!row.reference.empty())
                    row.divergence = tokenDivergence(row.reference, row.logits, row.target);
            });
        for (const PendingRow& row : m_pending) {
            m_scores[index].perplexity.add(double(row.logits[row.target]));
            if (!row.reference.empty()) m_scores[index].divergence.add(row.divergence);
        }
        m_pending.clear();
    }

    bool tell(std::size_t index, bool isLoading) const {
        if (!m_sink) return true;
        TextComparisonProgress progress{.model = index, .isLoading = isLoading};
        progress.totalTokens = m_totalTokens;
        for (const ModelScores& scores : m_scores) progress.doneTokens += scores.doneTokens;
        return m_sink(progress);
    }

    ModelGroup& m_models;
    const CommonTokens& m_text;
    const TextComparisonOptions& m_options;
    const TextComparisonSink& m_sink;
    ThreadPool m_pool;
    std::vector<ModelScores> m_scores;
    std::vector<float> m_kept;  // [rows of a group, nVocab] log-probabilities of the reference
    std::vector<float> m_own;   // [kRowsAtOnce, nVocab] of the model at work
    std::vector<PendingRow> m_pending;  // at most kRowsAtOnce
    std::int64_t m_totalTokens = 0;
};

Result<std::vector<TextComparisonRow>> compareTexts(const EngineOptions& engine,
                                                    const std::vector<LoadOptions>& models,
                                                    std::string_view text,
                                                    const TextComparisonOptions& options,
                                                    const TextComparisonSink& sink) {
    if (models.size() < 2) return fail(tooFewModels());
    if (options.contextTokens < 4)
        return fail(ErrorCode::InvalidArgument, "Chunks must have at least 4 tokens.");
    if (sink && !sink({})) return fail(ErrorCode::Cancelled, "Cancelled.");
    SOTTO_ASSIGN(const CommonTokens tokens, tokenizeForAll(models, text));
    ModelGroup group(engine, models, options.contextTokens, options.isTakingTurns);
    return TextComparison(group, tokens, options, engine.nThreads, sink).run();
}

}  // namespace

Result<bool> haveSameTokens(const LoadOptions& reference, const LoadOptions& other,
                            std::string_view text) {
    return guarded([&]() -> Result<bool> {
        SOTTO_ASSIGN(const CommonTokens own, tokenizeForAll({reference}, text));
        SOTTO_ASSIGN(const CommonTokens others, tokenizeForAll({other}, text));
        return own.tokens == others.tokens && own.bosToken == others.bosToken;
    });
}

Result<std::vector<TextComparisonRow>> compareOnText(const EngineOptions& engine,
                                                     const std::vector<LoadOptions>& models,
                                                     std::string_view text,
                                                     const TextComparisonOptions& options,
                                                     const TextComparisonSink& sink) {
    return guarded([&] { return compareTexts(engine, models, text, options, sink); });
}

}  // namespace sotto

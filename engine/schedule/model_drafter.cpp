#include "engine/schedule/model_drafter.h"

#include <algorithm>

#include "base/guarded.h"
#include "base/log.h"
#include "engine/schedule/telemetry.h"

namespace sotto {
namespace {

// Tokens that are read with the first guess instead of in a step of their own.
constexpr std::int64_t kReadWithGuess = 16;
// What is read at once before it is known how long that takes.
constexpr std::int64_t kFirstPiece = 64;

}  // namespace

ModelDrafter::ModelDrafter(LoadedModel& draft)
    : m_draft(draft),
      m_executor(draft),
      m_memory(draft.cache->groups(), kBlockTokens, draft.contextTokens()) {
    m_tokens.reserve(static_cast<std::size_t>(draft.contextTokens()) + 1);
    m_plan.slices.reserve(1);
}

double ModelDrafter::readingSeconds(std::span<const std::int32_t> sequence) const {
    const auto nCommon = std::ranges::mismatch(m_tokens, sequence).in1 - m_tokens.begin();
    const std::int64_t nRead = std::min<std::int64_t>(nCommon, m_memory.nTokens());
    return static_cast<double>(std::ssize(sequence) - nRead) * m_reading.perRow();
}

// False where that cannot be followed.
bool ModelDrafter::setTokens(std::span<const std::int32_t> sequence) {
    if (std::ssize(sequence) >= m_draft.contextTokens()) return false;
    // An answer grows: what was there is compared at once, and what differs is looked for only
    // then.
    const std::size_t nBefore = std::min(m_nFollowed, sequence.size());
    const bool isGrown =
        std::ranges::equal(std::span(m_tokens).first(nBefore), sequence.first(nBefore));
    const std::size_t begin = isGrown ? nBefore : 0;
    const std::span<const std::int32_t> there = std::span(m_tokens).subspan(begin);
    const auto nAlike = std::ranges::mismatch(there, sequence.subspan(begin)).in1 - there.begin();
    const auto nCommon = static_cast<std::size_t>(nAlike) + begin;
    // The last token is computed again: behind it the first guess stands.
    const auto nKept = std::min(nCommon, sequence.size() - 1);
    if (std::cmp_less(nKept, m_memory.nTokens()))
        m_memory.truncate(static_cast<std::int64_t>(nKept));
    m_tokens.resize(nCommon);
    m_nFollowed = nCommon;
    for (const std::int32_t token : sequence.subspan(nCommon)) {
        // A longer vocabulary of the model's has unused pieces at its end.
        if (token >= m_draft.file->config.nVocab) return false;
        m_tokens.push_back(token);
    }
    m_nFollowed = m_tokens.size();
    return true;
}

bool ModelDrafter::follow(const Answer& answer, double seconds) {
    m_sampler = nullptr;
    m_isReading = false;
    if (m_failure || answer.tokens.empty() || !setTokens(answer.tokens)) return false;
    m_cancels[0] = &answer.isCancelled;
    const Clock::time_point begin = Clock::now();
    const std::int64_t nWithGuess = std::min(kReadWithGuess, m_draft.limits().maxTokens);
    while (nUnread() > nWithGuess) {
        if (answer.isCancelled) return false;
        const std::int64_t nInTime =
            m_reading.rowsWithin(seconds - secondsBetween(begin, Clock::now()));
        const std::int64_t nRows =
            std::min({nUnread() - 1, m_draft.limits().maxTokens, std::max(nInTime, kFirstPiece)});
        const Clock::time_point start = Clock::now();
        const Status read = guarded([&] { return compute(nRows, false); });
        if (!read) {
            if (read.error().code != ErrorCode::Cancelled) fail(read.error());
            return false;
        }
        m_reading.note(nRows, secondsBetween(start, Clock::now()));
        m_isReading = nUnread() > nWithGuess && secondsBetween(begin, Clock::now()) >= seconds;
        if (m_isReading) return false;
    }
    m_sampler = &answer.sampler;
    m_isRejecting = answer.isRejecting;
    return true;
}

std::optional<GuessKind> ModelDrafter::expected(std::span<const std::int32_t> sequence,
                                                std::span<const std::int32_t> guesses) {
    const bool isFollowing =
        m_sampler != nullptr && m_tokens.size() == sequence.size() + guesses.size();
    if (!isFollowing || std::ssize(m_tokens) >= m_draft.contextTokens()) return std::nullopt;
    return kModelGuess;
}

std::optional<Guess> ModelDrafter::guess(std::span<const std::int32_t>,
                                         std::span<const std::int32_t>) {
    const Clock::time_point begin = Clock::now();
    const auto made = guarded([this] { return makeGuess(); });
    if (!made) {
        m_sampler = nullptr;
        if (made.error().code != ErrorCode::Cancelled) fail(made.error());
        return std::nullopt;
    }
    ++m_work.nGuesses;
    m_work.seconds += secondsBetween(begin, Clock::now());
    // A card chooses among all tokens of a vocabulary that is rounded up further than the model's.
    if (made->token >= m_sampler->nVocab()) m_sampler = nullptr;
    return m_sampler != nullptr ? std::optional(*made) : std::nullopt;
}

Result<Guess> ModelDrafter::makeGuess() {
    SOTTO_TRY(compute(nUnread(), true));
    SOTTO_ASSIGN(const SampledToken sampled, sample());
    if (sampled.isUnusable)
        return sotto::fail(ErrorCode::FileDamaged,
                           "The draft model computes numbers that are not finite.",
                           m_draft.file->file.path().string());
    m_tokens.push_back(sampled.token);
    return Guess{sampled.token, modelKind(surenessOf(sampled))};
}

float ModelDrafter::surenessOf(const SampledToken& sampled) const {
    if (!m_isRejecting || m_sampler->drawnFrom().empty()) return sampled.probability;
    return std::ranges::max(m_sampler->drawnFrom(), {}, &Candidate::probability).probability;
}

// The next rows of what it follows; when guessing with the logits of the last.
Status ModelDrafter::compute(std::int64_t nRows, bool isGuessing) {
    m_plan.slices.clear();
    m_plan.slices.push_back({.requestIndex = 0,
                             .firstPosition = m_memory.nTokens(),
                             .nTokens = nRows,
                             .nOutputs = isGuessing ? 1 : 0,
                             .phase = StepPhase::Reading});
    StepSource source{.tokens = m_tokens, .memory = &m_memory};
    if (isGuessing && m_executor.isChoosing() && !m_isRejecting)
        source.choice = m_sampler->deviceChoice(m_tokens, std::ssize(m_tokens));
    return m_executor.execute(m_plan, {&source, 1}, m_cancels);
}

Result<SampledToken> ModelDrafter::sample() {
    const ChosenToken* chosen = m_executor.chosen(0);
    if (chosen != nullptr && (chosen->token >= 0 || chosen->isUnusable))
        return m_sampler->describe(*chosen);
    SOTTO_ASSIGN(const std::span<const float> logits, m_executor.logits(0));
    return m_sampler->guess(logits, m_tokens, std::ssize(m_tokens));
}

void ModelDrafter::fail(Error error) {
    logMessage(LogLevel::Warning, "Nothing is guessed any more: " + error.message);
    m_failure = std::move(error);
}

}  // namespace sotto

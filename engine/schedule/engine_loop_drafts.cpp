// The engine loop's drafts: what is guessed of the one answer in work, checked with its next token
// in one step, and what becomes of the positions of wrong guesses.
//
// The tokens are those without drafts: each is sampled from the logits behind the tokens before it
// with the draw of its own position, and a guess only saves a step where it is what was sampled.
#include <algorithm>

#include "base/check.h"
#include "engine/schedule/engine_loop.h"

namespace sotto {
namespace {

// Of the time that an answer will probably take, what reading its prompt may take the draft model
// at most; where guessing did not pay, of the time since then, so that another try costs next to
// nothing.
constexpr double kMostOfAnswer = 0.25;
constexpr double kMostOfQuiet = 0.02;
// Tokens until a draft model that could not guess is asked again.
constexpr std::int64_t kAskedAgainBehind = 64;

}  // namespace

// Several answers share the reading of the weights already.
void EngineLoop::proposeDrafts() {
    dropDrafts();
    if (m_running.size() != 1) return;
    // What a window or a state gave back does not come again.
    if (!std::ranges::all_of(m_model->cache->groups(), isKeepingPositions, &MemoryGroup::kind))
        return;
    Request& request = *m_running.front();
    if (request.isReading() || request.isWarming) return;
    const auto nTokens = static_cast<std::int64_t>(request.tokens.size());
    // The last token of an answer needs no guess behind it.
    std::int64_t most = std::min(
        {kMaxDraft, m_model->limits().maxOutputs - 1, request.contextTokens - nTokens - 1});
    if (request.maxTokens >= 0) most = std::min(most, request.maxTokens - request.nGenerated() - 1);
    if (m_executor->exactRows() != kAnyRows) most = std::min(most, m_executor->exactRows() - 1);
    if (most <= 0) return;
    const Clock::time_point begin = Clock::now();
    request.draft.propose(request.tokens, most, rowCost(), drafterFor(request));
    m_guessingSeconds = secondsBetween(begin, Clock::now());
    if (m_drafter) m_rowCost.noteGuesses(m_drafter->takeWork());
    // Behind an end there is nothing, and it is none of the answer's tokens. Where guesses are
    // rejected it counts as one: what is left out must not depend on what was drawn.
    const Tokenizer* tokenizer = m_model->prompts->tokenizer();
    if (tokenizer == nullptr || request.isIgnoringEnd || request.draft.isRejecting) return;
    const auto end = std::ranges::find_if(request.draft.tokens, [&](std::int32_t token) {
        return tokenizer->isEndOfGeneration(token);
    });
    request.draft.cutTo(static_cast<std::size_t>(end - request.draft.tokens.begin()));
}

// The draft model, where it is worth asking and has read what there is; it reads on otherwise, a
// step's time at a time. Null: nothing is guessed by it now, and where that is not a matter of
// time, nor behind the next tokens.
ModelDrafter* EngineLoop::drafterFor(Request& request) {
    AnswerDraft& draft = request.draft;
    draft.isModelReading = false;
    const std::int64_t nTokens = std::ssize(request.tokens);
    if (!m_drafter || !draft.isModelWorthAsking(nTokens, rowCost())) return nullptr;
    if (isReadingAffordable(request)) {
        draft.isModelAsked = true;
        const bool isReady = m_drafter->follow({.tokens = request.tokens,
                                                .sampler = *draft.sampler,
                                                .isCancelled = request.control->isCancelled,
                                                .isRejecting = draft.isRejecting},
                                               m_options.answerStepMs * 1e-3);
        if (isReady) return m_drafter.get();
        draft.isModelReading = m_drafter->isReading();
    }
    if (!draft.isModelReading) draft.askModelFrom = nTokens + kAskedAgainBehind;
    return nullptr;
}

// What it has not read, in the time that the answer will probably take; where guessing did not pay,
// in the time since it was tried.
bool EngineLoop::isReadingAffordable(const Request& request) const {
    if (m_drafter->failure()) return false;
    const DraftLength& length = request.draft.length;
    const std::int64_t nLeft = expectedTokens(request) - std::ssize(request.tokens);
    const double share = length.isProbing() ? kMostOfQuiet : kMostOfAnswer;
    const auto nSteps = static_cast<double>(length.isProbing() ? length.nQuiet() : nLeft);
    return m_drafter->readingSeconds(request.tokens) <= share * nSteps * rowCost().of(1);
}

// Whether there were any: a step goes on without them where room is short.
bool EngineLoop::dropDrafts() {
    bool hadAny = false;
    for (const auto& request : m_running) {
        hadAny |= !request->draft.tokens.empty();
        request->draft.clear();
    }
    return hadAny;
}

// Of a slice that was computed, the first `nRight` guesses stood: what lies behind them is as if it
// had never been.
void EngineLoop::settleDraft(Request& request, const StepSlice& slice, std::int64_t nRight) {
    request.draft.note(nRight);
    const std::int64_t nWhole = slice.firstPosition + slice.nTokens - slice.nOutputs + 1 + nRight;
    // Without guesses a step that runs ahead may have taken the next position already.
    if (slice.nOutputs <= 1 || nWhole == request.nComputed()) return;
    SOTTO_CHECK(request.memory.truncate(nWhole) == nWhole);
    request.nAlike = std::min(request.nAlike, request.nComputed());
}

// What a step with nothing but an answer in it took, whole: what guessing costs beside computing
// counts, too.
void EngineLoop::noteRows(double seconds, std::int64_t nTokens, double guessing) {
    if (m_step.plan.slices.size() != 1) return;
    m_rowCost.note(m_step.plan.nRows(), seconds);
    const auto place = findRequest(m_running, m_step.requests.front());
    if (place != m_running.end()) (*place)->draft.noteTime(seconds + guessing, nTokens, rowCost());
}

}  // namespace sotto

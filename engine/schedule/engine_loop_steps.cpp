// The engine loop's steps: plan, start, run ahead, finish, accept what was sampled.
#include <algorithm>
#include <utility>

#include "engine/schedule/engine_loop.h"
#include "engine/schedule/unusable_numbers.h"

namespace sotto {
namespace {

// What was made on the device, or read of the file, is of no use any more.
bool isEndOfModel(ErrorCode code) {
    return code == ErrorCode::DeviceFailed || code == ErrorCode::FileUnreadable;
}

}  // namespace

// So that a step of the loaded model allocates nothing.
void EngineLoop::reserveStep() {
    const auto maxSlices = static_cast<std::size_t>(m_model->limits().maxSlices);
    m_running.reserve(maxSlices);
    m_schedulable.reserve(maxSlices);
    m_sources.reserve(maxSlices);
    m_cancels.reserve(maxSlices);
    for (StepUnderWay* step : {&m_step, &m_ahead}) {
        step->plan.slices.reserve(maxSlices);
        step->requests.reserve(maxSlices);
    }
}

void EngineLoop::step() {
    if (m_ahead.isUnderWay) {
        std::swap(m_step, m_ahead);
    } else if (!startStep()) {
        return;
    }
    runAhead();
    finishStep();
}

// False when there is nothing to do, or nothing more after a failure.
bool EngineLoop::startStep() {
    if (const Status whole = checkFile(); !whole) {
        failAll(whole.error());
        giveUpModel();  // a file that grows back may hold other weights than those that were copied
        return false;
    }
    const Status planned = slideWindows().and_then([&] { return planFittingStep(); });
    if (!planned) {
        failAll(planned.error());
        if (isEndOfModel(planned.error().code)) giveUpModel();
        return false;
    }
    if (m_step.plan.isEmpty()) return false;
    m_step.requests.clear();
    for (const StepSlice& slice : m_step.plan.slices) {
        Request& request = *m_running[slice.requestIndex];
        m_step.requests.push_back(request.id);
        if (slice.nOutputs == 1 && m_executor->isChoosing())
            m_sources[slice.requestIndex].choice =
                request.sampler.deviceChoice(request.tokens, std::ssize(request.tokens));
    }
    m_step.start = Clock::now();
    const Status started = m_executor->start(m_step.plan, m_sources, cancelsOf(m_step.plan));
    m_step.isUnderWay = started.has_value();
    if (started) m_scheduler->noteStarted(m_step.plan);
    if (!started) {
        if (started.error().code != ErrorCode::Cancelled) failAll(started.error());
        if (isEndOfModel(started.error().code)) giveUpModel();
    }
    return m_step.isUnderWay;
}

// Where answers became longer than was expected, one of them steps back. Errors: those of
// pauseOne().
Status EngineLoop::planFittingStep() {
    proposeDrafts();
    for (planStep(); !makeRoom(m_step.plan); planStep())
        if (!dropDrafts()) SOTTO_TRY(pauseOne());
    return {};
}

void EngineLoop::planStep() {
    m_schedulable.clear();
    m_sources.clear();
    for (const auto& request : m_running) {
        const auto nTokens = static_cast<std::int64_t>(request->tokens.size());
        m_schedulable.push_back({request->standing.isYielding(), request->nToRead, nTokens,
                                 request->nComputed(), std::ssize(request->draft.tokens)});
        m_sources.push_back({.tokens = request->tokens,
                             .memory = &request->memory,
                             .draft = request->draft.tokens});
    }
    const WorkCount work = countWork(m_schedulable);
    const double seconds =
        m_cost.allowance(m_options.answerStepMs * 1e-3, work.nReading, work.nAnswering);
    m_scheduler->plan(m_schedulable, m_cost.rowsWithin(seconds), m_step.plan);
}

// A chunk of a prompt may take seconds: it ends between two layers when all whose rows are in the
// step were cancelled, so that nobody's rows go with another's. A step without prompts is short.
CancelFlags EngineLoop::cancelsOf(const StepPlan& plan) {
    m_cancels.clear();
    if (plan.nRowsOf(StepPhase::Reading) == 0) return {};
    for (const StepSlice& slice : plan.slices)
        m_cancels.push_back(&m_running[slice.requestIndex]->control->isCancelled);
    return m_cancels;
}

// Starts the step behind the one under way on the tokens that the device will have chosen. Where
// one of them ends its answer, its row was computed in vain.
void EngineLoop::runAhead() {
    m_ahead.plan.slices.clear();
    m_ahead.requests.clear();
    m_sources.clear();
    // What waits could not be admitted in this turn, and starts one step later at most.
    const auto isFeeding = [](const StepSlice& slice) { return slice.nOutputs == 1; };
    const bool areAllFeeding = m_running.size() == m_step.plan.slices.size() &&
                               std::ranges::all_of(m_step.plan.slices, isFeeding);
    if (!m_executor->isRunningAhead() || !m_executor->isFeeding() || !areAllFeeding) return;
    for (std::size_t row = 0; row < m_running.size(); ++row) {
        Request& request = *m_running[row];
        const auto nTokens = static_cast<std::int64_t>(request.tokens.size());
        if (request.id != m_step.requests[row] || request.control->isCancelled ||
            request.isWarming || request.nGenerated() + 1 == request.maxTokens ||
            nTokens + 1 >= request.contextTokens ||
            request.draft.isLikely(request.tokens, rowCost()))
            return;
        const auto choice = request.sampler.deviceChoice(request.tokens, nTokens + 1);
        if (!choice || !choice->isCertain()) return;
        m_sources.push_back(
            {request.tokens, &request.memory, choice, static_cast<std::int32_t>(row)});
        m_ahead.plan.slices.push_back({row, request.nComputed(), 1, 1, StepPhase::Answering});
        m_ahead.requests.push_back(request.id);
    }
    if (!makeRoom(m_ahead.plan)) return;
    m_ahead.start = Clock::now();
    // Not vital: what hinders it shows again in the next turn.
    m_ahead.isUnderWay = m_executor->start(m_ahead.plan, m_sources, {}).has_value();
    if (m_ahead.isUnderWay) m_scheduler->noteStarted(m_ahead.plan);
}

void EngineLoop::finishStep() {
    const Status done = m_executor->wait();
    m_step.isUnderWay = false;
    if (!done) {
        failAll(done.error());
        if (isEndOfModel(done.error().code)) giveUpModel();
        return;
    }
    const Clock::time_point computed = Clock::now();
    const std::uint64_t bytes = noteBytes(m_step.plan);
    const std::int64_t nTold = acceptTokens();
    // Tokens per second count the whole step, as a reader sees it; the bandwidth only the part that
    // reads the weights. A step that started before the one before was told counts from there.
    const Clock::time_point end = Clock::now();
    const Clock::time_point start = std::max(m_step.start, std::exchange(m_stepEnd, end));
    const double onDevice = m_executor->seconds();
    const double computing = onDevice > 0 ? onDevice : secondsBetween(start, computed);
    const auto isGuessing = [](const StepSlice& slice) { return slice.nOutputs > 1; };
    if (std::ranges::none_of(m_step.plan.slices, isGuessing))
        m_cost.note(m_step.plan.nRowsOf(StepPhase::Reading), computing);
    const double guessing = std::exchange(m_guessingSeconds, 0);
    if (bytes == 0) return;  // no answer went on
    noteRows(secondsBetween(start, end), nTold, guessing);
    m_meter.note(end, {secondsBetween(start, end) + guessing, computing}, nTold, bytes);
}

// Before a model or its requests go: nothing may still run for them.
void EngineLoop::drainSteps() {
    if (m_executor != nullptr) m_executor->drain();
    m_step.isUnderWay = false;
    m_ahead.isUnderWay = false;
}

// Bytes that a step with answers read; told to their requests before one of them may end. Each part
// of it reads the weights once for all its rows, and each sequence's cache up to its end.
std::uint64_t EngineLoop::noteBytes(const StepPlan& plan) {
    const std::int64_t nAnswerRows = plan.nRowsOf(StepPhase::Answering);
    if (nAnswerRows == 0) return 0;
    std::uint64_t bytes = 0;
    for (std::size_t begin = 0; begin < plan.slices.size();) {
        const std::size_t end = partEnd(plan.slices, begin, m_executor->exactRows());
        std::int64_t nRows = 0;
        for (; begin < end; ++begin) {
            const StepSlice& slice = plan.slices[begin];
            nRows += slice.nTokens;
            bytes += static_cast<std::uint64_t>(slice.firstPosition + slice.nTokens) *
                     m_model->kvTokenBytes;
        }
        bytes += m_model->weights.bytesPerStep(nRows);
    }
    for (std::size_t index = 0; index < plan.slices.size(); ++index) {
        if (plan.slices[index].phase != StepPhase::Answering) continue;
        if (const auto place = findRequest(m_running, m_step.requests[index]);
            place != m_running.end())
            (*place)->clock.noteDecodeBytes(bytes);
    }
    m_snapshot.bytesPerStep = bytes;
    m_snapshot.rowsPerStep =
        std::ranges::count(plan.slices, StepPhase::Answering, &StepSlice::phase);
    return bytes;
}

EngineLoop::RequestList::iterator EngineLoop::findRequest(RequestList& requests, RequestId id) {
    return std::ranges::find_if(
        requests, [id](const auto& request) { return request != nullptr && request->id == id; });
}

// A file that another program cut is named as such. Asking costs a system call: once a second is
// enough, since no step that read lost pages is believed.
Status EngineLoop::checkFile() {
    const Clock::time_point now = Clock::now();
    if (now - m_fileCheckedAt < std::chrono::seconds(1)) return {};
    SOTTO_TRY(m_model->file->file.verifySizes());
    m_fileCheckedAt = now;
    return {};
}

// A chunk of a prompt may take seconds, and a person watches.
void EngineLoop::noteLayer(std::int64_t nLayers) {
    constexpr auto kTellingTime = std::chrono::milliseconds(100);
    if (Clock::now() - m_progressToldAt < kTellingTime) return;
    for (std::size_t index = 0; index < m_step.plan.slices.size(); ++index) {
        const StepSlice& slice = m_step.plan.slices[index];
        const auto place = findRequest(m_running, m_step.requests[index]);
        if (slice.phase != StepPhase::Reading || place == m_running.end()) continue;
        const std::int64_t nRead =
            slice.nTokens * nLayers / std::ssize(m_model->file->config.layers);
        tellProgress(**place, slice.firstPosition + nRead);
    }
}

// Of the prompt alone, and never of the same part twice: a paused request is read again.
void EngineLoop::tellProgress(Request& request, std::int64_t nProcessed) {
    nProcessed = std::min(nProcessed, request.nPrompt);
    const std::int64_t nRestored = std::min(request.nRestored, nProcessed);
    if (nProcessed <= request.nProgressTold) return;
    request.nProgressTold = nProcessed;
    m_progressToldAt = Clock::now();
    m_sink(PromptProgress{.request = request.id,
                          .processedTokens = nProcessed,
                          .promptTokens = request.nPrompt,
                          .reusedTokens = std::max<std::int64_t>(0, request.nReused - nRestored),
                          .restoredTokens = nRestored});
}

// Tokens of requests that ended since the step was started are dropped; of the others, how many
// were an answer's next one (its first belongs to the prompt's time).
std::int64_t EngineLoop::acceptTokens() {
    std::int64_t nTold = 0;
    std::size_t nextOutput = 0;
    for (std::size_t row = 0; row < m_step.plan.slices.size(); ++row) {
        const StepSlice& slice = m_step.plan.slices[row];
        const auto place = findRequest(m_running, m_step.requests[row]);
        nextOutput += static_cast<std::size_t>(slice.nOutputs);
        if (place == m_running.end()) continue;
        std::unique_ptr<Request>& request = *place;
        notePrefix(*request, slice);
        if (slice.phase == StepPhase::Reading)
            tellProgress(*request, slice.firstPosition + slice.nTokens);
        if (slice.nOutputs == 0) continue;
        const std::size_t firstOutput = nextOutput - static_cast<std::size_t>(slice.nOutputs);
        const std::int64_t nTokens = acceptSlice(request, slice, firstOutput);
        if (slice.phase == StepPhase::Answering) nTold += nTokens;
    }
    std::erase(m_running, nullptr);
    return nTold;
}

// The tokens of one request, up to the first that is another one than was guessed; how many. The
// request is gone where it ended.
std::int64_t EngineLoop::acceptSlice(std::unique_ptr<Request>& request, const StepSlice& slice,
                                     std::size_t firstOutput) {
    const std::vector<std::int32_t>& draft = request->draft.tokens;
    const auto nOutputs = static_cast<std::size_t>(slice.nOutputs);
    std::optional<StopReason> reason;
    std::optional<Error> failure;
    std::size_t nTaken = 0, nRight = 0;
    for (bool isGoingOn = true; isGoingOn && nTaken < nOutputs; ++nTaken) {
        const Result<SampledToken> sampled = sampleToken(*request, firstOutput + nTaken, nTaken);
        if (!sampled) {
            failure = sampled.error();
            break;
        }
        // Its numbers are usable: others may go on from what they were made of.
        if (slice.phase == StepPhase::Reading)
            keepPrefix(*request, request->nToRead / kBlockTokens * kBlockTokens);
        if (request->isWarming) {
            reason = StopReason::MaxTokens;
            break;
        }
        TokenOutcome outcome = acceptToken(*request, *sampled, m_model->prompts->tokenizer());
        const bool isRight =
            outcome.token && nTaken < draft.size() && draft[nTaken] == sampled->token;
        if (outcome.token) m_sink(std::move(*outcome.token));
        tell(request->id, std::move(outcome.texts));
        reason = outcome.reason;
        nRight += isRight ? 1 : 0;
        isGoingOn = isRight && !reason;
    }
    settleDraft(*request, slice, static_cast<std::int64_t>(nRight));
    const auto nTokens = static_cast<std::int64_t>(nTaken);
    if (nTokens > 1) request->clock.spreadLast(nTokens);
    // Cancelled: the next turn ends it, as any other.
    if (failure && request->control->isCancelled) return nTokens;
    if (failure) {
        request->isEnded = true;
        failRequest(request->id, *failure);
    } else if (reason) {
        finish(*request, *reason);
    } else {
        return nTokens;
    }
    request.reset();
    return nTokens;
}

// What the device chose, or where it did not or could not, the sampler's choice from the logits.
// `guess` is of the position, where there is one. Errors: those of unusableNumbers().
Result<SampledToken> EngineLoop::sampleToken(Request& request, std::size_t outputIndex,
                                             std::size_t guess) {
    const auto nTokens = static_cast<std::int64_t>(request.tokens.size());
    const ChosenToken* chosen = m_executor->chosen(outputIndex);
    SampledToken sampled;
    if (chosen != nullptr && (chosen->token >= 0 || chosen->isUnusable)) {
        sampled = request.sampler.describe(*chosen);
    } else {
        SOTTO_ASSIGN(const std::span<const float> logits, m_executor->logits(outputIndex));
        const AnswerDraft& draft = request.draft;
        const bool isGuessed = draft.isRejecting && guess < draft.tokens.size();
        sampled = isGuessed ? request.sampler.sampleGuessed(logits, request.tokens, nTokens,
                                                            draft.drawn(guess))
                            : request.sampler.sample(logits, request.tokens, nTokens);
    }
    if (!sampled.isUnusable) return sampled;
    if (m_prefixes) m_prefixes->clear();
    return fail(unusableNumbers(*m_model, nTokens - 1,
                                [&] { return !request.control->isCancelled.load(); }));
}

}  // namespace sotto

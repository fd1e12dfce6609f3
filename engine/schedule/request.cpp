#include "engine/schedule/request.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <random>
#include <span>

#include "engine/schedule/admission.h"
#include "engine/schedule/prompt_parts.h"
#include "engine/token/dry_penalty.h"

namespace sotto {
namespace {

// Draws that guesses are made with where they must not know the answer's own.
constexpr std::uint64_t kGuessDraws = 0x165667B19E3779F9;

std::uint64_t freshSeed() {
    std::random_device device;
    return (std::uint64_t{device()} << 32) | device();
}

Status checkLimits(const GenerationRequest& request, std::int64_t nPrompt,
                   const LoadedModel& model) {
    if (request.maxTokens < -1)
        return fail(ErrorCode::InvalidArgument,
                    "The token limit must be -1 (no limit) or a count of tokens.");
    if (request.nAnswers < 1 || request.nAnswers > kMaxAnswers)
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("The number of answers must be between 1 and {}.", kMaxAnswers));
    SOTTO_TRY(checkSamplingSettings(request.sampling, model.file->config.nVocab));
    // One position must be left for the answer's first token.
    if (nPrompt < model.contextTokens()) return {};
    Error error;
    error.code = ErrorCode::ContextFull;
    error.message = fmt::format(
        "The prompt has {} tokens and the context holds {}, one of them for the answer; shorten "
        "the "
        "conversation or load the model with a longer context.",
        nPrompt, model.contextTokens());
    error.needed = static_cast<std::uint64_t>(nPrompt + 1);
    error.available = static_cast<std::uint64_t>(model.contextTokens());
    return fail(std::move(error));
}

std::vector<TokenAlternative> alternativesOf(const SampledToken& sampled,
                                             const Tokenizer* tokenizer) {
    std::vector<TokenAlternative> alternatives;
    for (const TokenProbability& candidate : sampled.alternatives) {
        std::string text;
        if (tokenizer != nullptr) {
            Utf8Stream whole;
            text = whole.push(tokenizer->pieceBytes(candidate.token, true));
            text += whole.flush();
        }
        alternatives.push_back({candidate.token, candidate.probability, std::move(text)});
    }
    return alternatives;
}

// From the first one to the end of the system prompt; 0: there is none.
std::int64_t nSystemTokens(const Prompt& prompt, const EncodedPrompt& encoded,
                           const Tokenizer* tokenizer) {
    const auto* chat = std::get_if<ChatPrompt>(&prompt);
    if (chat == nullptr || chat->messages.front().role != Role::System) return 0;
    const PromptPart system =
        describeParts(*tokenizer, encoded.rendered, chat->messages, encoded.tokens).parts.front();
    return system.firstToken + system.nTokens;
}

// Tokens of an answer that room is made for: one that slides may become longer than its context.
std::int64_t answerRoom(const Request& request) {
    constexpr std::int64_t kMostContexts = 16;
    if (!request.isSliding()) return request.nMost - request.nPrompt;
    if (request.maxTokens < 0) return request.contextTokens;
    return std::min(request.maxTokens, kMostContexts * request.contextTokens);
}

// A window slides for ever: without a limit an answer ends where a context of its own would.
bool hasFilledContext(const Request& request) {
    if (!request.isSliding()) return std::ssize(request.tokens) >= request.contextTokens;
    return request.maxTokens < 0 && request.nGenerated() >= request.contextTokens;
}

void beginDraft(const GenerationRequest& wanted, const LoadedModel& model,
                const DryBreakers& breakers, Request& request) {
    AnswerDraft& draft = request.draft;
    draft.lookup.emplace(request.nMost + 1);
    draft.tokens.reserve(static_cast<std::size_t>(kMaxDraft));
    draft.kinds.reserve(static_cast<std::size_t>(kMaxDraft));
    if (wanted.draft != DraftKind::Model || model.draft == nullptr) return;
    SamplingSettings sampling = wanted.sampling;
    sampling.nAlternatives = 0;
    const std::int32_t nVocab =
        std::min(model.file->config.nVocab, model.draft->file->config.nVocab);
    const bool isRejecting =
        wanted.draftAcceptance == DraftAcceptance::Rejection && sampling.temperature > 0;
    if (isRejecting) {
        const auto nMost = static_cast<std::size_t>(nVocab);
        const auto topK = static_cast<std::size_t>(sampling.topK);
        draft.beginRejecting(topK > 0 ? std::min(topK, nMost) : nMost);
        request.sampler.reserveRejection();
    }
    const std::uint64_t seed = isRejecting ? request.seed ^ kGuessDraws : request.seed;
    draft.sampler.emplace(std::move(sampling), seed, nVocab, breakers,
                          static_cast<std::size_t>(request.nMost));
}

void append(std::vector<TextSegment>& texts, std::vector<TextSegment> more) {
    texts.insert(texts.end(), std::make_move_iterator(more.begin()),
                 std::make_move_iterator(more.end()));
}

}  // namespace

Result<std::vector<std::unique_ptr<Request>>> startRequests(SubmittedRequest submitted,
                                                            LoadedModel& model) {
    GenerationRequest& wanted = submitted.request;
    SOTTO_ASSIGN(EncodedPrompt prompt, model.prompts->encode(wanted.prompt));
    const WindowShape window =
        wanted.overflow == Overflow::Sinks
            ? windowShape(model.contextTokens(),
                          nSystemTokens(wanted.prompt, prompt, model.prompts->tokenizer()))
            : WindowShape{};
    const std::int64_t nLeftOut =
        nLeftOutOf(std::ssize(prompt.tokens), window, model.contextTokens());
    if (nLeftOut > 0) {
        const auto behindSinks = prompt.tokens.begin() + window.sinkTokens;
        prompt.tokens.erase(behindSinks, behindSinks + nLeftOut);
    }
    const auto nPrompt = static_cast<std::int64_t>(prompt.tokens.size());
    SOTTO_TRY(checkLimits(wanted, nPrompt, model));

    const Tokenizer* tokenizer = model.prompts->tokenizer();
    const bool isChat = std::holds_alternative<ChatPrompt>(wanted.prompt);
    std::vector<std::string> stop = wanted.stop;
    // A model that does not know ChatML's tokens writes its end as plain text.
    if (isChat && model.prompts->modelTemplate().isFallback) stop.emplace_back("<|im_end|>");
    DryBreakers breakers;
    if (wanted.sampling.dry.multiplier > 0 && tokenizer != nullptr)
        breakers = model.dryBreakers.find(*tokenizer, wanted.sampling.dry.breakers);

    const bool isBackground = wanted.isBackground || wanted.isWarming;
    const std::int64_t maxTokens = wanted.isWarming ? 0 : wanted.maxTokens;
    const std::int64_t longest = longestSequence(nPrompt, maxTokens, model.contextTokens());
    std::vector<std::unique_ptr<Request>> requests;
    for (std::size_t answer = 0; answer < submitted.controls.size(); ++answer) {
        const RequestId id = submitted.id + answer;
        const std::uint64_t seed =
            wanted.sampling.seed ? *wanted.sampling.seed + answer : freshSeed();
        std::unique_ptr<Request> request(new Request{
            .id = id,
            .control = std::move(submitted.controls[answer]),
            .tokens = {},
            .nPrompt = nPrompt,
            .nToRead = nPrompt,
            .maxTokens = maxTokens,
            .contextTokens = model.contextTokens(),
            .window = window,
            .nLeftOut = nLeftOut,
            .nMost = longest,
            .nExpected = longest,
            .conversation = wanted.conversation,
            .firstAnswer = submitted.id,
            .standing = {.arrival = id, .isBackground = isBackground},
            .isBackground = isBackground,
            .isWarming = wanted.isWarming,
            .isIgnoringEnd = wanted.isIgnoringEnd,
            .isLasting = wanted.isLasting,
            .seed = seed,
            .memory = SequenceMemory(model.cache->groups(), kBlockTokens, longest),
            .sampler = Sampler(wanted.sampling, seed, model.file->config.nVocab, breakers,
                               static_cast<std::size_t>(longest)),
            .answer = AnswerStream(tokenizer, stop, isChat ? prompt.openBlock : -1),
            .clock = RequestClock(submitted.submitted),
        });
        request->tokens.reserve(static_cast<std::size_t>(longest) + 1);
        request->tokens.assign(prompt.tokens.begin(), prompt.tokens.end());
        request->clock.reserve(answerRoom(*request) + 1);
        if (request->isSliding())
            request->written.reserve(static_cast<std::size_t>(answerRoom(*request)));
        // Of several answers nothing is guessed.
        if (wanted.draft != DraftKind::Off && !wanted.isWarming && submitted.controls.size() == 1)
            beginDraft(wanted, model, breakers, *request);
        requests.push_back(std::move(request));
    }
    return requests;
}

void forgetGap(Request& request) {
    const std::int64_t begin = request.window.sinkTokens;
    const std::int64_t nTokens = request.window.stepTokens;
    // Of a count of tokens from the first one on.
    const auto without = [&](std::int64_t& count) {
        count = std::max(std::min(count, begin), count - nTokens);
    };
    const std::int64_t nPrompt = request.nPrompt;
    without(request.nPrompt);
    without(request.nToRead);
    const auto first = request.tokens.begin() + begin;
    request.tokens.erase(first, first + nTokens);
    request.nSlid += nTokens;
    request.nSlidOfPrompt += nPrompt - request.nPrompt;
    request.nAlike = std::min(request.nAlike, begin);
    request.sampler.noteForgotten(nTokens);
    request.draft.restart(nTokens);
}

TokenOutcome acceptToken(Request& request, const SampledToken& sampled,
                         const Tokenizer* tokenizer) {
    TokenOutcome outcome;
    outcome.reason = request.answer.endBy(sampled.token);
    if (request.isIgnoringEnd && outcome.reason == StopReason::EndOfText) outcome.reason.reset();
    if (outcome.reason) {
        // The end is no token of the answer; an empty answer's time to it still says something.
        if (request.nGenerated() == 0) request.clock.noteToken(Clock::now());
        outcome.texts = request.answer.finish();
        return outcome;
    }

    request.clock.noteToken(Clock::now());
    request.tokens.push_back(sampled.token);
    if (request.isSliding()) request.written.push_back(sampled.token);
    outcome.token = TokenSampled{request.id, sampled.token, sampled.probability,
                                 alternativesOf(sampled, tokenizer)};
    outcome.texts = request.answer.push(sampled.token);
    if (!request.answer.stopString().empty())
        outcome.reason = StopReason::StopString;
    else if (request.nGenerated() == request.maxTokens)
        outcome.reason = StopReason::MaxTokens;
    else if (hasFilledContext(request))
        outcome.reason = StopReason::ContextFull;
    if (outcome.reason) append(outcome.texts, request.answer.finish());
    return outcome;
}

RequestStats requestStats(const Request& request, double readBandwidthGbS) {
    RequestStats stats = request.clock.stats(readBandwidthGbS);
    stats.promptTokens = request.nPrompt + request.nSlidOfPrompt;
    stats.leftOutTokens = request.nLeftOut;
    stats.slidTokens = request.nSlid;
    stats.restoredTokens = std::min(request.nRestored, request.nReused);
    stats.reusedTokens = request.nReused - stats.restoredTokens;
    stats.restoreMs = request.restoreSeconds * 1e3;
    stats.generatedTokens = request.nGenerated();
    stats.draftProposed = request.draft.nProposed;
    stats.draftAccepted = request.draft.nAccepted;
    stats.draftSteps = request.draft.nSteps;
    stats.draftGain = request.draft.gain();
    stats.seed = request.seed;
    stats.preemptions = request.standing.nPauses;
    return stats;
}

// The answer's text is the end of what was written: before it stand thinking and markers.
AnswerTokens answerTokens(const Request& request, const Tokenizer* tokenizer) {
    if (tokenizer == nullptr || !request.answer.stopString().empty()) return {};
    const std::size_t nBytes = request.answer.nAnswerBytes();
    const auto written =
        request.isSliding()
            ? std::span<const std::int32_t>(request.written)
            : std::span(request.tokens).subspan(static_cast<std::size_t>(request.nPrompt));
    std::size_t nTaken = 0, nTokens = 0;
    while (nTaken < nBytes && nTokens < written.size()) {
        ++nTokens;
        nTaken += tokenizer->pieceBytes(written[written.size() - nTokens], true).size();
    }
    if (nTokens == 0 || nTaken != nBytes) return {};
    const auto text = written.last(nTokens);
    return {{text.begin(), text.end()}, tokenizer->fingerprint()};
}

}  // namespace sotto

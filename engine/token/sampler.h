// Turns the logits of one step into a token: the whole chain of sampling_steps.h with its buffers.
//
// Flow: forward -> logits -> Sampler -> token. One Sampler per request, used by one thread at a
// time. Buffers are made in the constructor: sample() allocates nothing as long as the history
// stays within the length promised there (only DRY grows with it). The result depends on settings,
// seed, logits, history and step alone, never on the batch.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "engine/api/generation_request.h"
#include "engine/tensor/token_choice.h"
#include "engine/token/dry_penalty.h"
#include "engine/token/rejection.h"
#include "engine/token/sampling_steps.h"

namespace sotto {

struct TokenProbability {
    std::int32_t token = 0;
    float probability = 0;  // softmax over the raw logits at temperature 1
};

struct SampledToken {
    std::int32_t token = 0;
    float probability = 0;  // softmax over the raw logits at temperature 1
    // settings.nAlternatives of them, most likely first; valid until the next sample().
    std::span<const TokenProbability> alternatives;
    // No logit of the model's was a finite number (NaN, infinities): `token` is a valid id but says
    // nothing, and must not be served as an answer.
    bool isUnusable = false;
};

inline constexpr std::int32_t kMaxAlternatives = 20;
inline constexpr std::size_t kDefaultMaxHistory = 4096;

// Errors: InvalidArgument naming the first field that is out of range.
Status checkSamplingSettings(const SamplingSettings& settings, std::int32_t nVocab);

class Sampler {
public:
    // Settings must have passed checkSamplingSettings. `breakers` are those of settings.dry in the
    // model's tokens (findDryBreakers); needed only when DRY is on. `nMaxHistory`: the longest
    // history to come, in tokens; a longer one works, but doubles the buffer now and then.
    Sampler(SamplingSettings settings, std::uint64_t seed, std::int32_t nVocab,
            DryBreakers breakers = {}, std::size_t nMaxHistory = kDefaultMaxHistory);

    // `logits` [nVocab] as the model gave them; `history` all tokens so far, prompt first; `step`
    // numbers the draws: the position of the token to come.
    SampledToken sample(std::span<const float> logits, std::span<const std::int32_t> history,
                        std::int64_t step);

    // The same without alternatives, for one that guesses: `probability` is how likely the token is
    // to be drawn, and where it is the largest logit, beside those that are near it.
    SampledToken guess(std::span<const float> logits, std::span<const std::int32_t> history,
                       std::int64_t step);
    // As sample(), of a position that was guessed, by rejection (rejection.h). Only after
    // reserveRejection(), which allocates.
    SampledToken sampleGuessed(std::span<const float> logits, std::span<const std::int32_t> history,
                               std::int64_t step, const DrawnGuess& guess);
    std::int32_t nVocab() const { return static_cast<std::int32_t>(m_logits.size()); }
    void reserveRejection() { m_guessed.assign(m_logits.size(), 0.0F); }
    // What the last sample() or guess() drew from, with probabilities; empty: it was the largest
    // logit. Valid until the next.
    std::span<const Candidate> drawnFrom() const { return m_drawn; }

    // What a device needs in order to choose the token of `step` as sample() would. `history` may
    // lack the newest token, which only the device knows yet. Nothing where the settings look at
    // more than the top candidates of one row and a short window: bias, DRY, typical sampling, a
    // choice among all tokens, alternatives beside penalties. Its list is valid until the next.
    std::optional<TokenChoice> deviceChoice(std::span<const std::int32_t> history,
                                            std::int64_t step);
    // So many tokens went out of the history, which counts from its new beginning: the draws go on
    // behind those that were made.
    void noteForgotten(std::int64_t nTokens) { m_nForgotten += nTokens; }

    // What sample() tells, of a token that a device chose by deviceChoice().
    SampledToken describe(const ChosenToken& chosen);

private:
    void adjustLogits(std::span<const float> logits, std::span<const std::int32_t> history);
    void gatherCandidates();
    void gatherTopK(std::size_t k);
    std::span<Candidate> distribution();
    std::int32_t draw(std::int64_t step);
    SampledToken describe(std::span<const float> logits, std::int32_t token);
    double uniformOf(std::int64_t step, std::uint64_t kind = 0) const;
    void rateRaw(std::span<const float> logits, SampledToken& sampled);
    bool hasPenalties() const;
    bool choosePenalties(std::span<const std::int32_t> history, std::int64_t step,
                         TokenChoice& choice);
    bool listPenalized(std::span<const std::int32_t> window);

    SamplingSettings m_settings;
    std::uint64_t m_seed = 0;
    std::int64_t m_nForgotten = 0;
    DryBreakers m_breakers;
    DryPenalty m_dry;
    std::vector<float> m_logits;              // [nVocab] after bias, penalties and DRY
    std::vector<Candidate> m_candidates;      // room for nVocab
    std::span<const Candidate> m_drawn;       // of those
    std::vector<float> m_guessed;             // scratch of rejection; empty: not reserved
    std::vector<std::uint32_t> m_counts;      // [nVocab], zero between steps
    std::vector<TokenProbability> m_top;      // room for nAlternatives
    std::vector<PenalizedToken> m_penalized;  // room for kMaxPenalized
};

}  // namespace sotto

// DRY ("Don't Repeat Yourself", by p-e-w): the more tokens a repetition already has, the
// exponentially harder it becomes to carry it on.
//
// For a next token t, n(t) is the length of the longest ending of the history that also stands
// somewhere before an earlier t; from allowedLength on, t's logit loses
// multiplier * base^(n(t) - allowedLength). A repetition does not reach across a breaker.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/api/generation_request.h"
#include "engine/api/tokenizer.h"

namespace sotto {

// The breakers of DrySettings in tokens of one model.
struct DryBreakers {
    std::vector<std::int32_t> tokens;  // sorted; each contains a breaker text whole
    // Breakers that the tokenizer writes with several tokens.
    std::vector<std::vector<std::int32_t>> sequences;
};

DryBreakers findDryBreakers(const Tokenizer& tokenizer, const std::vector<std::string>& breakers);

// The same for one tokenizer whose requests nearly always name the same breakers: finding them
// walks the whole vocabulary. One thread.
class DryBreakerCache {
public:
    // Until the next call.
    const DryBreakers& find(const Tokenizer& tokenizer, const std::vector<std::string>& breakers);

private:
    std::optional<std::vector<std::string>> m_texts;
    DryBreakers m_found;  // of m_texts
};

class DryPenalty {
public:
    // Scratch space for `nVocab` tokens; for a longer history it doubles.
    void reserve(std::size_t nVocab, std::size_t nHistory);

    void apply(std::span<float> logits, std::span<const std::int32_t> history,
               const DrySettings& settings, const DryBreakers& breakers);

private:
    void measureRepeats(std::span<const std::int32_t> window);

    std::vector<std::int32_t> m_repeats;  // [nWindow] common ending of window[0..i] and the window
    std::vector<std::int32_t> m_longest;  // [nVocab] n(t), 0 between calls
};

}  // namespace sotto

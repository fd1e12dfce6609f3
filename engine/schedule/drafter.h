// Drafter: who guesses what follows a sequence, one token after the other. The engine thread.
//
// Pure virtual, because there are two: what stood before in the text (ngram_drafter.h), and a small
// model (model_drafter.h).
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "engine/schedule/draft_length.h"

namespace sotto {

struct Guess {
    std::int32_t token = 0;
    GuessKind kind = 0;
};

class Drafter {
public:
    virtual ~Drafter() = default;

    // Of which kind its guess behind `sequence` and the `guesses` that follow it would be, without
    // making one; nothing: it has none.
    virtual std::optional<GuessKind> expected(std::span<const std::int32_t> sequence,
                                              std::span<const std::int32_t> guesses) = 0;
    // The guess, where expected() named a kind for the same; nothing: it failed to make one.
    virtual std::optional<Guess> guess(std::span<const std::int32_t> sequence,
                                       std::span<const std::int32_t> guesses) = 0;
    // What making one takes.
    virtual double secondsPerGuess(const RowCost& cost) const = 0;
};

}  // namespace sotto

// ModelDrafter: guesses what a small model of the same vocabulary expects.
//
// It has one sequence in memory of its own: whatever it is asked to follow, it keeps what that has
// in common with what it read before, gives the rest back and reads on. So wrong guesses, paused
// answers, other chats and the next turn are all the same to it. A guess is drawn as the answer's
// token will be, with the same settings and the draw of the same position, which makes it right
// more often than its likeliest token would be. What fails here is told by failure(), once and for
// all: no answer is the worse for it. Owns its executor and sequence; the draft model must outlive
// it. Allocates nothing after construction; the engine thread.
#pragma once

#include <array>
#include <atomic>
#include <utility>
#include <vector>

#include "base/error.h"
#include "engine/schedule/drafter.h"
#include "engine/schedule/loaded_model.h"
#include "engine/schedule/step_cost.h"
#include "engine/schedule/step_executor.h"
#include "engine/token/sampler.h"

namespace sotto {

class ModelDrafter final : public Drafter {
public:
    explicit ModelDrafter(LoadedModel& draft);

    // Seconds that reading what it has not read of `sequence` is expected to take, and of a single
    // token of it; 0: not known yet.
    double readingSeconds(std::span<const std::int32_t> sequence) const;
    double secondsPerRow() const { return m_reading.perRow(); }

    struct Answer {
        std::span<const std::int32_t> tokens;  // prompt and generated
        Sampler& sampler;                      // that draws as the answer's own does
        const std::atomic<bool>& isCancelled;
        // Whether a guess is worth a row must not depend on what was drawn, but on what from alone.
        bool isRejecting = false;
    };
    // From here on it guesses behind these tokens. What it has not read of them is read in pieces,
    // for about `seconds`, one piece at least. False: there is more to be read first, its context
    // is full, it does not know a token, the answer is cancelled, or it failed.
    bool follow(const Answer& answer, double seconds);
    // Whether follow() only wanted time the last time.
    bool isReading() const { return m_isReading; }

    std::optional<GuessKind> expected(std::span<const std::int32_t> sequence,
                                      std::span<const std::int32_t> guesses) override;
    std::optional<Guess> guess(std::span<const std::int32_t> sequence,
                               std::span<const std::int32_t> guesses) override;
    double secondsPerGuess(const RowCost& cost) const override { return cost.ofGuess(); }

    // Since it was asked last.
    GuessWork takeWork() { return std::exchange(m_work, {}); }
    const std::optional<Error>& failure() const { return m_failure; }

private:
    std::int64_t nUnread() const { return std::ssize(m_tokens) - m_memory.nTokens(); }
    bool setTokens(std::span<const std::int32_t> sequence);
    Status compute(std::int64_t nRows, bool isGuessing);
    Result<SampledToken> sample();
    float surenessOf(const SampledToken& sampled) const;
    Result<Guess> makeGuess();
    void fail(Error error);

    LoadedModel& m_draft;
    StepExecutor m_executor;
    SequenceMemory m_memory;
    std::vector<std::int32_t> m_tokens;  // what it follows, and its guesses behind that
    std::size_t m_nFollowed = 0;         // of them no guesses
    Sampler* m_sampler = nullptr;        // of the answer that it follows; null: of none
    bool m_isRejecting = false;
    bool m_isReading = false;
    std::array<const std::atomic<bool>*, 1> m_cancels{};
    StepPlan m_plan;
    StepCost m_reading;
    GuessWork m_work;
    std::optional<Error> m_failure;
};

}  // namespace sotto

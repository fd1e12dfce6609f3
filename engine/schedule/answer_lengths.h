// AnswerLengths: how long an answer will probably be, from those that ended before it: of its own
// conversation where there are enough, else of the model.
//
// A running quantile over the last answers; background jobs (titles) are counted apart from what a
// person reads. Plain values, no clock; the engine thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace sotto {

struct AnswerKind {
    bool isBackground = false;
    std::uint64_t conversation = 0;  // 0: none
};

class AnswerLengths {
public:
    // Four of five answers fit: a longer one costs at worst that another waits a while.
    static constexpr double kQuantile = 0.8;
    // Fewer say nothing of the next.
    static constexpr std::size_t kMinAnswers = 4;
    // What is older is forgotten, and so are conversations beyond so many.
    static constexpr std::size_t kMaxAnswers = 64;
    static constexpr std::size_t kMaxConversations = 32;

    // `usualTokens`: said while too little is known.
    explicit AnswerLengths(std::int64_t usualTokens) : m_usualTokens(usualTokens) {}

    // An answer that ended by itself.
    void note(const AnswerKind& kind, std::int64_t nTokens);
    // One that was cut off says only that it would be longer: it counts as long as one that got so
    // far is expected to be, so that short limits do not teach short answers.
    void noteCut(const AnswerKind& kind, std::int64_t nTokens) {
        note(kind, expected(kind, nTokens));
    }
    // Tokens in all of an answer of which `nSoFar` are written, more than these: the quantile of
    // the answers that got that far; where none did, twice as many.
    std::int64_t expected(const AnswerKind& kind, std::int64_t nSoFar) const;

private:
    // A ring of the last lengths.
    struct History {
        std::vector<std::int64_t> lengths;
        std::size_t next = 0;

        void note(std::int64_t nTokens);
        std::optional<std::int64_t> quantileBeyond(std::int64_t nSoFar) const;
    };
    struct Conversation {
        AnswerKind kind;
        History history;
    };
    const Conversation* find(const AnswerKind& kind) const;

    std::int64_t m_usualTokens;
    std::array<History, 2> m_ofModel;           // for people; of background jobs
    std::vector<Conversation> m_conversations;  // the one that was noted last is last
};

}  // namespace sotto

// TurnDrop: which of the oldest turns of a conversation are not sent any more, where it outgrows
// the context; and how much room an answer should find.
//
// Place: shared by the window and the command line. A turn is a question with all that follows it
// until the next one: answers, tools' words. Only whole turns go, so that what is sent still reads
// as a conversation; what stands in front of the first question and is the system's stays. About
// half of the context is left free, so that the next turns fit without dropping again and what was
// read of the prompt is found again meanwhile. Pure functions over counts; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/result.h"
#include "engine/api/generation_request.h"
#include "engine/api/prompt_description.h"

namespace sotto::app {

// In tokens.
struct TurnRoom {
    std::int64_t contextTokens = 0;
    std::int64_t answerTokens = 0;  // that the next answer should find

    bool isOutgrownBy(std::int64_t promptTokens) const {
        return promptTokens + answerTokens > contextTokens;
    }
};

// The room of an answer of which nothing is known: an eighth of the context, at most 256 tokens.
std::int64_t leastAnswerRoom(std::int64_t contextTokens);
// The room of the next answer: of the longest one so far, at least as above and at most a quarter
// of the context: what is left of a conversation, about half, then grows for a while. `maxTokens`:
// no answer gets longer; negative: no limit.
TurnRoom roomOf(std::int64_t contextTokens, std::int64_t longestAnswer,
                std::int64_t maxTokens = -1);
// The context that a conversation may grow to: doubled until it holds the prompt and its answer, at
// most as long as the model was made for. 0: not even that is enough, or longer.
std::int64_t grownContext(const TurnRoom& room, std::int64_t promptTokens,
                          std::int64_t trainedContext);

// A message as it is sent.
struct SentMessage {
    Role role = Role::User;
    std::int64_t nTokens = 0;
};
std::vector<SentMessage> sentMessages(const ChatPrompt& chat, const PromptDescription& prompt);

struct TurnDrop {
    std::size_t firstSent = 0;  // of the messages, behind those of the system that stay
    std::size_t nMessages = 0;  // that are not sent: those in front of it
    std::int64_t nDropped = 0;  // their tokens
    std::int64_t nSent = 0;     // tokens of all others

    bool isNone() const { return nMessages == 0; }
};
// The oldest turns that go: those with which what is sent comes nearest to half of the context.
// Nothing, where there is room enough. Errors: ContextFull, not even the last question finds the
// least room for an answer; `needed` and `available` are tokens.
Result<TurnDrop> chooseTurns(std::span<const SentMessage> messages, const TurnRoom& room);

// The conversation without the messages from the system's last to `firstSent`.
ChatPrompt withoutTurns(ChatPrompt chat, std::size_t firstSent);

// As Engine::describePrompt().
using DescribeChat = std::function<Result<PromptDescription>(const ChatPrompt&)>;
// What a conversation is sent as. What templates add to a conversation changes with what is left
// of it, so it is counted again. Errors: those of `describe` and of chooseTurns().
Result<TurnDrop> dropTurns(const ChatPrompt& chat, const TurnRoom& room,
                           const DescribeChat& describe);

}  // namespace sotto::app

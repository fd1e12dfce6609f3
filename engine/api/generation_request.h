// One question to the model: what to read, how to sample, when to stop. Plain values; copied into
// the engine's queue.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace sotto {

using RequestId = std::uint64_t;

enum class Role : std::uint8_t { System, User, Assistant, Tool };

// The tokens of an answer's text, without its thinking, and whose they are.
struct AnswerTokens {
    std::vector<std::int32_t> ids;  // empty: not known
    std::uint64_t vocabulary =
        0;  // Tokenizer::fingerprint(): the same ids mean other texts in others

    bool operator==(const AnswerTokens&) const = default;
};

struct ChatMessage {
    Role role = Role::User;
    std::string content;   // UTF-8
    std::string thinking;  // the assistant's thinking, without its markers; may be empty
    // What the model wrote `content` in, so that it need not be read again where the cache has it.
    // Used only where they are of the loaded model's vocabulary and spell `content` byte by byte,
    // without a token that only its template writes.
    AnswerTokens tokens;
};

// Rendered by the model's own chat template.
struct ChatPrompt {
    std::vector<ChatMessage> messages;
    bool isContinuing = false;  // the last message is the assistant's and is carried on
    // What any further question's prompt begins with: it ends where the text of one would begin.
    bool isBeforeQuestion = false;
    std::optional<bool>
        isThinking;  // template variable enable_thinking; unset: the template's own default
};

// Text as it is, without a template; special tokens in it are parsed.
struct TextPrompt {
    std::string text;
};

struct TokenPrompt {
    std::vector<std::int32_t> tokens;
};

using Prompt = std::variant<ChatPrompt, TextPrompt, TokenPrompt>;

// DRY (p-e-w, "Don't Repeat Yourself"): a token that would extend a repeated sequence of length n
// >= allowedLength is penalised by multiplier * base^(n - allowedLength).
struct DrySettings {
    float multiplier = 0.0f;  // 0: off
    float base = 1.75f;
    std::int32_t allowedLength = 2;
    std::int32_t lastTokens = -1;  // -1: the whole context
    std::vector<std::string> breakers{"\n", ":", "\"", "*"};
};

// Order of the steps: logit bias, penalties, DRY, then temperature 0 = greedy, or top-k, typical,
// top-p, min-p, temperature.
struct SamplingSettings {
    float temperature = 0.8f;         // 0: greedy, first of equals wins
    std::int32_t topK = 40;           // 0: off
    float topP = 0.95f;               // 1: off
    float minP = 0.05f;               // 0: off
    float typicalP = 1.0f;            // 1: off
    float repeatPenalty = 1.0f;       // 1: off; divides positive logits, multiplies negative ones
    float presencePenalty = 0.0f;     // subtracted once from each token that occurred
    float frequencyPenalty = 0.0f;    // subtracted once per occurrence
    std::int32_t penaltyTokens = 64;  // how far the penalties look back; -1: the whole context
    DrySettings dry;
    std::vector<std::pair<std::int32_t, float>> logitBias;  // (token id, added to its logit)
    std::optional<std::uint64_t> seed;  // unset: a fresh one, reported in the finish event
    std::int32_t nAlternatives = 0;     // top alternatives kept for each token, at most 20
};

// As many as one step goes on with.
inline constexpr std::int32_t kMaxAnswers = 8;

// What is guessed of the tokens to come, to be checked in one step with the next one. The tokens
// are the same with and without; nothing is guessed where it does not pay.
enum class DraftKind : std::uint8_t {
    Off,
    Ngram,  // what followed before where the same tokens stood
    Model,  // what LoadOptions::draft expects, and Ngram; without such a model Ngram alone
};

// Which guesses stand.
enum class DraftAcceptance : std::uint8_t {
    Match,  // those that are the token which the answer draws anyway: the same tokens as without
    // Those of the draft model with probability min(1, p / q), where p is the model's and q its
    // own, else a token of the rest is drawn: more of them stand where answers are drawn, and the
    // tokens are others of the same distribution. Source: Leviathan et al. 2023.
    Rejection,
};

// What becomes of a conversation that outgrows the context.
enum class Overflow : std::uint8_t {
    Stop,  // its prompt is refused, and an answer ends where the context does (ContextFull)
    // The first tokens stay as attention sinks, a system prompt's among them (of a long one as many
    // as a quarter of the context), and of the others the newest: what lies between is forgotten,
    // in the prompt and again and again while the answer is written. Source: Xiao et al. 2023
    // (StreamingLLM).
    Sinks,
};

struct GenerationRequest {
    Prompt prompt;
    SamplingSettings sampling;
    std::int64_t maxTokens = -1;    // -1: until a stop or the end of the context
    std::vector<std::string> stop;  // stop strings; not part of the answer
    Overflow overflow = Overflow::Stop;
    DraftKind draft = DraftKind::Off;
    DraftAcceptance draftAcceptance = DraftAcceptance::Match;
    bool isIgnoringEnd = false;  // benchmarks: do not stop at EOS
    bool isBackground = false;   // titles, jobs: waits while interactive requests want to start
    // Reads the prompt for a later request that begins alike, writes nothing and ends by MaxTokens.
    // Only while there is nothing else to do: it ends as Cancelled within one step of anybody's
    // request, and at once beside others or where too little of the prompt is left to be read.
    bool isWarming = false;
    // Which chat this belongs to: how long its answers were says how much of the cache the next one
    // is given at first. Any number; 0: none.
    std::uint64_t conversation = 0;
    // What is computed for it may outlive the engine (EngineOptions::prefixStore), until the store
    // is told to forget `conversation`.
    bool isLasting = false;
    // So many answers to the one question, 1 .. kMaxAnswers: they share the prompt's part of the
    // cache and are written together. Answer n is sampled with seed + n where a seed is set.
    std::int32_t nAnswers = 1;
};

}  // namespace sotto

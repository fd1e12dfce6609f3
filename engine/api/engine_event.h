// What the engine tells: immutable values, delivered on the engine thread to the one sink given at
// creation.
//
// The sink must not block and must not call back into the engine synchronously, except cancel() and
// snapshot(), which is the one of the turn before.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "engine/api/generation_request.h"
#include "engine/api/model_info.h"
#include "engine/api/stats.h"

namespace sotto {

struct LoadProgress {
    double fraction = 0;  // 0..1 of the bytes
};
struct ModelLoaded {
    ModelInfo info;
};
struct LoadFailed {
    Error error;  // Cancelled when the user stopped it
};
struct ModelUnloaded {};

// The prompt is being read: told first when its turn has come, then at least at the end of each
// chunk, never going back.
struct PromptProgress {
    RequestId request = 0;
    std::int64_t processedTokens = 0;  // between two chunks by the share of layers that are done
    std::int64_t promptTokens = 0;
    std::int64_t reusedTokens = 0;    // of the processed: were in memory already
    std::int64_t restoredTokens = 0;  // of the processed: were read from the prefix store
};

struct TokenAlternative {
    std::int32_t token = 0;
    float probability = 0;  // after temperature 1 softmax over the raw logits
    std::string text;
};

enum class TextKind : std::uint8_t { Answer, Thinking };

// A token was sampled: told once for each token of the answer, in order. The token that ends it is
// none of them.
struct TokenSampled {
    RequestId request = 0;
    std::int32_t token = 0;
    float probability = 0;
    std::vector<TokenAlternative> alternatives;  // most likely first
};

// The answer grew. Only whole UTF-8 characters, never empty; the texts of one kind concatenate to
// exactly what was written. Which token a text is of cannot be said: one token may give several
// texts, and text that was held back (half a character, the beginning of a stop string) comes with
// a later token, or with the end, after the last of them.
struct AnswerText {
    RequestId request = 0;
    TextKind kind = TextKind::Answer;
    std::string text;
};

// All that was told as the answer so far was thinking: the model wrote only the end of that block,
// or went on with it behind an inner one's. The answer begins with the next AnswerText.
struct AnswerWasThinking {
    RequestId request = 0;
};

enum class StopReason : std::uint8_t { EndOfText, StopString, MaxTokens, ContextFull, Cancelled };
// "endOfText", "stopString", …
std::string stopReasonName(StopReason reason);

struct GenerationFinished {
    RequestId request = 0;
    StopReason reason = StopReason::EndOfText;
    std::string stopString;  // the one that matched, if any
    RequestStats stats;
    // What the answer's text was written in; of one that was carried on, the part behind what there
    // was. No ids where tokens reach over its borders, as when a stop string cut it.
    AnswerTokens tokens;
};
struct GenerationFailed {
    RequestId request = 0;
    Error error;
};

using EngineEvent =
    std::variant<LoadProgress, ModelLoaded, LoadFailed, ModelUnloaded, PromptProgress, TokenSampled,
                 AnswerText, AnswerWasThinking, GenerationFinished, GenerationFailed>;
using EventSink = std::function<void(const EngineEvent&)>;

}  // namespace sotto

// A chat as the model gets it: the exact text, the tokens, and what of them each message is. For
// whoever wants to look at it; nothing is computed from it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/api/text_span.h"

namespace sotto {

struct PromptToken {
    std::int32_t id = 0;
    TextSpan text;             // empty: it has none there, as BOS that the tokenizer put in front
    bool isTemplates = false;  // none of it is a message's: markers, names of roles
};

// Of one message, in order: with the template's own in front of its text and behind it.
struct PromptPart {
    std::int64_t firstToken = 0;
    std::int64_t nTokens = 0;  // 0: the template leaves the message out
    std::int64_t nThinkingLeftOut =
        0;                          // tokens of its thinking, where the template leaves that out
    std::int64_t nTextLeftOut = 0;  // of its text, where it does that
};

struct PromptDescription {
    std::string text;
    std::vector<PromptToken> tokens;
    std::vector<PromptPart> parts;  // one per message; the tokens of all of them are all there are
};

}  // namespace sotto

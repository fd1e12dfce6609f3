// A model's own answers, when it reads them again: in the tokens that it wrote them in.
//
// A text has many ways into tokens, and a model need not have taken the tokenizer's. Read in
// another one, an answer that the cache still holds would be computed once more from the first
// difference on (prefix_cache.h). Place: the last thing that PromptEncoder does with a chat. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/api/chat_template.h"
#include "engine/api/generation_request.h"
#include "engine/api/tokenizer.h"

namespace sotto {

// `tokens` encode `rendered` (encodePrompt()), which `messages` were rendered to. Where the text of
// an answer stands there as it was written, ChatMessage::tokens take the place of its tokens: the
// text stays the same, byte by byte. Elsewhere nothing changes: where a template cut or changed it,
// a token of the prompt reaches over its border, or the tokens are another vocabulary's, another
// text's or hold a control token.
void spliceAnswers(const Tokenizer& tokenizer, const RenderedText& rendered,
                   std::span<const ChatMessage> messages, std::vector<std::int32_t>& tokens);

}  // namespace sotto

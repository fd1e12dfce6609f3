// A rendered and encoded chat, taken apart into its messages. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/api/chat_template.h"
#include "engine/api/generation_request.h"
#include "engine/api/prompt_description.h"
#include "engine/api/tokenizer.h"

namespace sotto {

// `tokens` encode `rendered`, which `messages` were rendered to. A message's part begins with the
// marker of its turn and ends before that of the next one; what a template writes in front of all
// belongs to the first, and what the answer begins with to the last. What is left out is counted as
// bytes of text: the caller knows how many tokens they are. Where a tokenizer changes what it
// reads, the text is that of the tokens, and all of them are the last message's.
PromptDescription describeParts(const Tokenizer& tokenizer, const RenderedText& rendered,
                                std::span<const ChatMessage> messages,
                                std::span<const std::int32_t> tokens);

}  // namespace sotto

#include "engine/token/turn_starts.h"

#include <algorithm>
#include <array>

namespace sotto {

namespace {

constexpr std::array<std::string_view, 24> kTurnStarts{
    "<|im_start|>",  // ChatML
    "<|start_header_id|>",
    "<|header_start|>",  // Llama 3, Llama 4
    "<start_of_turn>",
    "<|turn>",  // Gemma
    "<|user|>",
    "<|assistant|>",
    "<|system|>",       // Phi-3, Zephyr, GLM
    "<|observation|>",  // GLM
    "<|User|>",
    "<|Assistant|>",
    "<\xEF\xBD\x9CUser\xEF\xBD\x9C>",  // DeepSeek, with U+FF5C
    "<\xEF\xBD\x9C"
    "Assistant\xEF\xBD\x9C>",
    "<|im_user|>",
    "<|im_assistant|>",
    "<|im_system|>",  // Kimi
    "[INST]",
    "[SYSTEM_PROMPT]",          // Mistral
    "<|START_OF_TURN_TOKEN|>",  // Command R
    "<|start_of_role|>",
    "<|role_start|>",  // Granite
    "[|user|]",
    "[|assistant|]",
    "[|system|]",  // EXAONE
};

// Which pieces are looked at rests on it (VocabularyTokenizer::findTurnStarts).
static_assert(std::all_of(kTurnStarts.begin(), kTurnStarts.end(), [](std::string_view text) {
    return text.starts_with('<') || text.starts_with('[');
}));

}  // namespace

bool isTurnStartText(std::string_view tokenText) {
    return std::find(kTurnStarts.begin(), kTurnStarts.end(), tokenText) != kTurnStarts.end();
}

}  // namespace sotto

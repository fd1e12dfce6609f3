// PromptEncoder: a prompt as the caller has it → the tokens the model reads.
//
// Renders chats with the model's template (or ChatML where that one is missing or broken), encodes
// so that no text of a message becomes a control token, and puts BOS first exactly once. Immutable
// after creation and shared: the engine thread encodes requests, any thread counts tokens.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/api/chat_template.h"
#include "engine/api/generation_request.h"
#include "engine/api/prompt_description.h"
#include "engine/api/tokenizer.h"

namespace sotto {

struct EncodedPrompt {
    std::vector<std::int32_t> tokens;
    RenderedText rendered;  // empty for a TokenPrompt; of a TextPrompt nothing is the caller's
    std::int32_t openBlock =
        -1;  // of a chat: the thinking block its answer goes on in (openBlockAtEnd)
};

class PromptEncoder {
public:
    // `templateSource` empty: the file has none. A null tokenizer takes only TokenPrompts.
    static std::shared_ptr<const PromptEncoder> create(std::unique_ptr<Tokenizer> tokenizer,
                                                       std::string_view templateSource,
                                                       std::int32_t nVocab);

    // Errors: InvalidArgument (not UTF-8, no message, a token id out of range), BadTemplate.
    Result<EncodedPrompt> encode(const Prompt& prompt) const;

    // The chat as the model gets it, and what each message is of it. Errors: those of encode().
    Result<PromptDescription> describe(const ChatPrompt& chat) const;

    // Tokens of a message's text alone: no control token, no BOS, nothing of the template. Errors:
    // InvalidArgument (not UTF-8, no vocabulary).
    Result<std::int64_t> countText(std::string_view text) const;

    const Tokenizer* tokenizer() const { return m_tokenizer.get(); }
    // The model's own, or ChatML.
    const ModelTemplate& modelTemplate() const { return m_template; }

private:
    PromptEncoder() = default;
    Status render(const ChatPrompt& chat, EncodedPrompt& encoded) const;
    Status renderContinuing(const ChatPrompt& chat, EncodedPrompt& encoded) const;
    Status renderBeforeQuestion(const ChatPrompt& chat, EncodedPrompt& encoded) const;
    Result<RenderedText> renderMessages(const ChatPrompt& chat, bool isAddingPrompt) const;
    TemplateTokens specialTexts() const;

    std::unique_ptr<Tokenizer> m_tokenizer;
    ModelTemplate m_template;
    std::int32_t m_nVocab = 0;
};

}  // namespace sotto

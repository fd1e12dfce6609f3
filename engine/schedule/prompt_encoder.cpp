#include "engine/schedule/prompt_encoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <span>

#include "engine/schedule/answer_splice.h"
#include "engine/schedule/prompt_parts.h"
#include "engine/token/thinking_splitter.h"
#include "engine/token/utf8.h"

namespace sotto {
namespace {

// Stands for the text of a message that is to be carried on, or of a question that is not asked
// yet: a template puts it where that text would begin. A private-use character, which no template
// treats specially and trimming leaves.
constexpr std::string_view kTextMark = "\xEE\x80\x80sotto\xEE\x80\x80";

const char* roleName(Role role) {
    switch (role) {
        case Role::System: return "system";
        case Role::User: return "user";
        case Role::Assistant: return "assistant";
        case Role::Tool: return "tool";
    }
    return "user";
}

std::int64_t secondsSinceEpoch() {
    return std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

Status checkUtf8(std::string_view text, std::string_view what) {
    const auto offset = findInvalidUtf8(text);
    if (!offset) return {};
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format("The {} is not valid UTF-8 (first wrong byte at offset {}).", what, *offset));
}

// What the template wrote behind everything of its caller's: whether thinking is open there is not
// for a message to say.
std::string templatesEnd(const RenderedText& rendered) {
    return rendered.text.substr(rendered.callerSpans.empty() ? 0 : rendered.callerSpans.back().end);
}

// False where the mark is not there.
bool cutAtMark(RenderedText& rendered) {
    const std::size_t length = rendered.text.rfind(kTextMark);
    if (length == std::string::npos) return false;
    rendered.text.resize(length);
    auto& spans = rendered.callerSpans;
    while (!spans.empty() && spans.back().begin >= length) spans.pop_back();
    if (!spans.empty()) spans.back().end = std::min(spans.back().end, length);
    return true;
}

// What a model wrote is text like any other when it reads it again.
void appendAnswer(RenderedText& rendered, std::string_view text) {
    if (text.empty()) return;
    rendered.callerSpans.push_back({rendered.text.size(), rendered.text.size() + text.size()});
    rendered.text += text;
}

Status checkMessages(const ChatPrompt& chat) {
    if (chat.messages.empty())
        return fail(ErrorCode::InvalidArgument, "The chat has no message to answer.");
    for (const ChatMessage& message : chat.messages) {
        SOTTO_TRY(checkUtf8(message.content, "message"));
        SOTTO_TRY(checkUtf8(message.thinking, "message's thinking"));
    }
    if (chat.isContinuing && chat.messages.back().role != Role::Assistant)
        return fail(ErrorCode::InvalidArgument,
                    "Only an answer of the assistant can be continued, and the last message is not "
                    "one.");
    return {};
}

}  // namespace

std::shared_ptr<const PromptEncoder> PromptEncoder::create(std::unique_ptr<Tokenizer> tokenizer,
                                                           std::string_view templateSource,
                                                           std::int32_t nVocab) {
    std::shared_ptr<PromptEncoder> encoder(new PromptEncoder);
    encoder->m_tokenizer = std::move(tokenizer);
    encoder->m_nVocab = nVocab;
    encoder->m_template = chooseTemplate(templateSource, encoder->specialTexts());
    return encoder;
}

Result<EncodedPrompt> PromptEncoder::encode(const Prompt& prompt) const {
    EncodedPrompt encoded;
    if (const auto* tokens = std::get_if<TokenPrompt>(&prompt)) {
        for (const std::int32_t token : tokens->tokens)
            if (token < 0 || token >= m_nVocab)
                return fail(
                    ErrorCode::InvalidArgument,
                    fmt::format("The token id {} is out of range; this model has {} tokens.", token,
                                m_nVocab));
        encoded.tokens = tokens->tokens;
    } else {
        if (m_tokenizer == nullptr)
            return fail(ErrorCode::InvalidArgument,
                        "This model file has no vocabulary; give the prompt as token ids.");
        if (const auto* text = std::get_if<TextPrompt>(&prompt)) {
            SOTTO_TRY(checkUtf8(text->text, "prompt"));
            encoded.rendered.text = text->text;
        } else {
            SOTTO_TRY(render(std::get<ChatPrompt>(prompt), encoded));
        }
        SOTTO_ASSIGN(encoded.tokens, encodePrompt(*m_tokenizer, encoded.rendered.text,
                                                  encoded.rendered.callerSpans));
        if (const auto* chat = std::get_if<ChatPrompt>(&prompt))
            spliceAnswers(*m_tokenizer, encoded.rendered, chat->messages, encoded.tokens);
    }
    if (encoded.tokens.empty())
        return fail(ErrorCode::InvalidArgument, "The prompt is empty; write something to answer.");
    return encoded;
}

Result<PromptDescription> PromptEncoder::describe(const ChatPrompt& chat) const {
    SOTTO_ASSIGN(const EncodedPrompt encoded, encode(chat));
    PromptDescription description =
        describeParts(*m_tokenizer, encoded.rendered, chat.messages, encoded.tokens);
    for (std::size_t index = 0; index < chat.messages.size(); ++index) {
        PromptPart& part = description.parts[index];
        const ChatMessage& message = chat.messages[index];
        if (part.nThinkingLeftOut > 0) {
            SOTTO_ASSIGN(part.nThinkingLeftOut, countText(message.thinking));
        }
        if (part.nTextLeftOut > 0) {
            SOTTO_ASSIGN(part.nTextLeftOut, countText(message.content));
        }
    }
    return description;
}

Result<std::int64_t> PromptEncoder::countText(std::string_view text) const {
    if (m_tokenizer == nullptr)
        return fail(ErrorCode::InvalidArgument,
                    "This model file has no vocabulary; its tokens cannot be counted.");
    SOTTO_TRY(checkUtf8(text, "text"));
    const TextSpan whole{0, text.size()};
    EncodeOptions options;
    options.callerSpans = std::span(&whole, 1);
    SOTTO_ASSIGN(const std::vector<std::int32_t> tokens, m_tokenizer->encode(text, options));
    return static_cast<std::int64_t>(tokens.size());
}

TemplateTokens PromptEncoder::specialTexts() const {
    if (m_tokenizer == nullptr) return {};
    const auto textOf = [this](std::int32_t token) {
        return token < 0 ? std::string() : m_tokenizer->pieceBytes(token, true);
    };
    return {textOf(m_tokenizer->bosToken()), textOf(m_tokenizer->eosToken())};
}

Status PromptEncoder::render(const ChatPrompt& chat, EncodedPrompt& encoded) const {
    SOTTO_TRY(checkMessages(chat));
    if (m_template.chat == nullptr)
        return fail(ErrorCode::BadTemplate, "No chat template can be used with this model.");
    if (chat.isContinuing) return renderContinuing(chat, encoded);
    if (chat.isBeforeQuestion) return renderBeforeQuestion(chat, encoded);
    SOTTO_ASSIGN(encoded.rendered, renderMessages(chat, true));
    encoded.openBlock = openBlockAtEnd(templatesEnd(encoded.rendered));
    return {};
}

Result<RenderedText> PromptEncoder::renderMessages(const ChatPrompt& chat,
                                                   bool isAddingPrompt) const {
    nlohmann::json context;
    context["messages"] = nlohmann::json::array();
    for (const ChatMessage& message : chat.messages) {
        nlohmann::json entry{{"role", roleName(message.role)}, {"content", message.content}};
        if (!message.thinking.empty()) entry["reasoning_content"] = message.thinking;
        context["messages"].push_back(std::move(entry));
    }
    context["add_generation_prompt"] = isAddingPrompt;
    const TemplateTokens special = specialTexts();
    context["bos_token"] = special.bos;
    context["eos_token"] = special.eos;
    if (chat.isThinking) context["enable_thinking"] = *chat.isThinking;
    return m_template.chat->render(
        context.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
        secondsSinceEpoch());
}

// A template may show earlier turns otherwise once another question is asked: without the thinking.
Status PromptEncoder::renderBeforeQuestion(const ChatPrompt& chat, EncodedPrompt& encoded) const {
    ChatPrompt asked = chat;
    asked.messages.push_back({Role::User, std::string(kTextMark), {}, {}});
    SOTTO_ASSIGN(encoded.rendered, renderMessages(asked, true));
    if (!cutAtMark(encoded.rendered))
        return fail(ErrorCode::BadTemplate, "The chat template leaves the last question out.");
    return {};
}

// The answer so far, left open: rendered with a mark in its place, cut at the mark.
Status PromptEncoder::renderContinuing(const ChatPrompt& chat, EncodedPrompt& encoded) const {
    const ChatMessage& answer = chat.messages.back();
    const bool isInsideThinking = answer.content.empty() && !answer.thinking.empty();
    if (!isInsideThinking) {
        ChatPrompt marked = chat;
        marked.messages.back().content = kTextMark;
        SOTTO_ASSIGN(encoded.rendered, renderMessages(marked, false));
        if (cutAtMark(encoded.rendered)) {
            encoded.openBlock = openBlockAtEnd(templatesEnd(encoded.rendered) + answer.content);
            appendAnswer(encoded.rendered, answer.content);
            return {};
        }
    }
    // The thinking itself is unfinished, or the template hides the last answer: begin the answer as
    // a new one and write what there is behind it.
    ChatPrompt before = chat;
    before.messages.pop_back();
    SOTTO_ASSIGN(encoded.rendered, renderMessages(before, true));
    if (isInsideThinking && openBlockAtEnd(templatesEnd(encoded.rendered)) < 0)
        encoded.rendered.text += std::string(thinkingMarkers().front().open) + "\n";
    // Thinking hides the marker it is inside of, so that is looked for first.
    const std::string begun = templatesEnd(encoded.rendered);
    encoded.openBlock = openBlockAtEnd(isInsideThinking ? begun : begun + answer.content);
    appendAnswer(encoded.rendered, isInsideThinking ? answer.thinking : answer.content);
    return {};
}

}  // namespace sotto

// A chat template: the Jinja source that a model brings, compiled once, rendered for each request.
//
// The interpreter is a subset of our own with limits on steps, depth and output: hostile input ends
// in an Error, never in a hang or a crash. Immutable after compile; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/api/text_span.h"

namespace sotto {

struct RenderedText {
    std::string text;
    // What of it the caller gave, or was made of that (a capital, an escape, a quoted number):
    // everything the template did not write itself. Ascending, not empty, not touching.
    std::vector<TextSpan> callerSpans;
};

class ChatTemplate {
public:
    virtual ~ChatTemplate() = default;

    // Renders with the variables of `contextJson`, a JSON object: messages (as in the OpenAI API),
    // tools, bos_token, eos_token, add_generation_prompt, enable_thinking, … All of it is the
    // caller's, but the variables named …_token (the model's markers) and the usual roles, which
    // templates put into markers: those are the template's. `nowUtc` (seconds since the epoch) is
    // what strftime_now formats. Errors: BadTemplate (with the template's own
    // raise_exception text or the place of the fault), InvalidArgument (JSON).
    virtual Result<RenderedText> render(std::string_view contextJson,
                                        std::int64_t nowUtc) const = 0;
};

// Errors: BadTemplate with line and column.
Result<std::unique_ptr<ChatTemplate>> compileChatTemplate(std::string_view source);

// The template used, visibly, when a model has none or a broken one.
std::string_view chatMlTemplate();

// Whether the messages of render()'s variables have one with the role "system".
bool hasSystemMessage(std::string_view contextJson);

// Whether a template takes a system message.
enum class SystemRole : std::uint8_t {
    Taken,
    Refused,   // or left out of the prompt: its text is put in front of the next question
    Demanded,  // a chat without one is a BadTemplate error
};

struct ModelTemplate {
    std::unique_ptr<ChatTemplate> chat;
    std::string problem;      // why the model's own is not used; empty: it is, or there is none
    bool isFallback = false;  // `chat` is ChatML
    SystemRole systemRole = SystemRole::Taken;
};

// As templates see them: bos_token and eos_token.
struct TemplateTokens {
    std::string bos;
    std::string eos;
};

// What a model's chats are rendered with: its own template (`source`; empty: none), after it was
// tried with a question, and with a system message before one.
ModelTemplate chooseTemplate(std::string_view source, const TemplateTokens& tokens);

}  // namespace sotto

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

}  // namespace sotto

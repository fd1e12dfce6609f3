// libFuzzer: arbitrary bytes as a chat template, and a split of them as template and variables.
// What is rendered says of each byte whose it is.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "engine/api/chat_template.h"

namespace {

void renderAndCheck(const sotto::ChatTemplate& source, std::string_view context) {
    const auto rendered = source.render(context, 0);
    if (!rendered) return;
    std::size_t before = 0;
    for (const sotto::TextSpan& span : rendered->callerSpans) {
        SOTTO_CHECK(span.begin < span.end && (before == 0 || before < span.begin));
        before = span.end;
    }
    SOTTO_CHECK(before <= rendered->text.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::string_view kContext =
        R"({"messages": [{"role": "user", "content": "Grüße"}, {"role": "assistant",
            "content": null, "tool_calls": [{"name": "f", "arguments": {"a": [1, 2.5, true]}}]}],
            "add_generation_prompt": true, "bos_token": "<s>", "eos_token": "</s>"})";
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto whole = sotto::compileChatTemplate(text)) renderAndCheck(**whole, kContext);
    const std::size_t split = text.find('\0');
    if (split == std::string_view::npos) return 0;
    const auto part = sotto::compileChatTemplate(text.substr(0, split));
    if (part) renderAndCheck(**part, text.substr(split + 1));
    return 0;
}

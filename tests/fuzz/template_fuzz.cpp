// libFuzzer: arbitrary bytes as a chat template, and a split of them as template and variables.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/api/chat_template.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::string_view kContext =
        R"({"messages": [{"role": "user", "content": "Grüße"}, {"role": "assistant",
            "content": null, "tool_calls": [{"name": "f", "arguments": {"a": [1, 2.5, true]}}]}],
            "add_generation_prompt": true, "bos_token": "<s>", "eos_token": "</s>"})";
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto whole = sotto::compileChatTemplate(text)) (void)(*whole)->render(kContext, 0);
    const std::size_t split = text.find('\0');
    if (split == std::string_view::npos) return 0;
    const auto part = sotto::compileChatTemplate(text.substr(0, split));
    if (part) (void)(*part)->render(text.substr(split + 1), 0);
    return 0;
}

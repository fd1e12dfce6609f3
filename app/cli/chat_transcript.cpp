#include "app/cli/chat_transcript.h"

#include "app/cli/output.h"
#include "base/text_file.h"

namespace sotto::cli {

namespace {

const char* roleName(Role role) {
    switch (role) {
        case Role::System: return "system";
        case Role::User: return "user";
        case Role::Assistant: return "assistant";
        case Role::Tool: return "tool";
    }
    return "user";
}

const char* roleTitle(Role role) {
    switch (role) {
        case Role::System: return "System";
        case Role::User: return "You";
        case Role::Assistant: return "Assistant";
        case Role::Tool: return "Tool";
    }
    return "You";
}

}  // namespace

std::string transcriptText(std::span<const ChatMessage> messages, bool isJson) {
    if (isJson) {
        Json list = Json::array();
        for (const ChatMessage& message : messages) {
            Json entry{{"role", roleName(message.role)}, {"content", message.content}};
            if (!message.thinking.empty()) entry["reasoning_content"] = message.thinking;
            list.push_back(std::move(entry));
        }
        return list.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
    }
    std::string text;
    for (const ChatMessage& message : messages) {
        text += std::string("## ") + roleTitle(message.role) + "\n\n" + message.content + "\n\n";
    }
    return text;
}

Status saveTranscript(const std::filesystem::path& path, std::span<const ChatMessage> messages,
                      const AtomicFileOptions& options) {
    return writeTextFile(path, transcriptText(messages, path.extension() == ".json"), options);
}

}  // namespace sotto::cli

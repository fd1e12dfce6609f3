#include "app/cli/input.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <system_error>

#include "app/cli/platform.h"
#include "app/core/paths.h"
#include "app/core/resource_paths.h"

namespace sotto::cli {

namespace {

constexpr std::uintmax_t kMaxInputBytes = std::uintmax_t{1} << 30;

Result<Json> parseJson(const std::string& text, const std::string& source) {
    Json json = Json::parse(text, nullptr, false);
    if (json.is_discarded()) {
        return fail(ErrorCode::InvalidArgument, fmt::format("'{}' is not valid JSON.", source));
    }
    return json;
}

std::optional<Role> roleOf(const Json& message) {
    const std::string name = message.value("role", "");
    if (name == "system" || name == "developer") return Role::System;
    if (name == "user") return Role::User;
    if (name == "assistant") return Role::Assistant;
    if (name == "tool") return Role::Tool;
    return std::nullopt;
}

bool isMessage(const Json& message) {
    const auto isTextOrAbsent = [&message](const char* key) {
        return !message.contains(key) || message[key].is_string();
    };
    return message.is_object() && isTextOrAbsent("role") && isTextOrAbsent("reasoning_content") &&
           message.contains("content") && message["content"].is_string() && roleOf(message);
}

}  // namespace

Result<std::string> readFile(const std::string& path) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (!std::filesystem::exists(status)) {
        return fail(ErrorCode::FileNotFound,
                    fmt::format("The file '{}' is not there; check the path.", path));
    }
    if (std::filesystem::is_directory(status)) {
        return fail(ErrorCode::FileUnreadable,
                    fmt::format("'{}' is a folder; name a file in it.", path));
    }
    std::ifstream file(path, std::ios::binary);
    std::string text;
    std::string piece(std::size_t{1} << 16, '\0');
    while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) ||
           file.gcount() > 0) {
        text.append(piece, 0, static_cast<std::size_t>(file.gcount()));
        if (text.size() > kMaxInputBytes) {
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("'{}' is larger than 1 GiB; give a smaller file.", path));
        }
    }
    if (!file.eof()) {
        return fail(ErrorCode::FileUnreadable,
                    fmt::format("'{}' cannot be read; check its permissions.", path));
    }
    return text;
}

Result<std::string> evaluationTextPath(const std::string& path) {
    if (!path.empty()) return path;
    const auto builtIn = app::findEvaluationText(app::processEnvironment(), app::programFolder());
    if (builtIn.empty())
        return fail(ErrorCode::FileNotFound,
                    "The built-in text is not beside this program: name a text file.",
                    app::kEvaluationTextFile);
    return builtIn.string();
}

Result<std::string> readEvaluationText(const std::string& path) {
    SOTTO_ASSIGN(const std::string whole, evaluationTextPath(path));
    return readFile(whole);
}

std::string evaluationTextName(const std::string& path) {
    return path.empty() ? app::kEvaluationTextFile
                        : std::filesystem::path(path).filename().string();
}

Result<std::string> readStdin() {
    std::string text;
    std::string piece(std::size_t{1} << 16, '\0');
    while (const std::size_t nRead = std::fread(piece.data(), 1, piece.size(), stdin)) {
        text.append(piece, 0, nRead);
    }
    // An interrupted read looks like the end of the input; half a text must not pass for the whole.
    if (isInterrupted()) return fail(ErrorCode::Cancelled, "Stopped while reading standard input.");
    return text;
}

Result<Json> readJsonFile(const std::string& path) {
    SOTTO_ASSIGN(const std::string text, readFile(path));
    return parseJson(text, path);
}

Result<std::vector<std::int32_t>> readTokenFile(const std::string& path) {
    SOTTO_ASSIGN(const std::string text, readFile(path));
    return parseTokens(text, path);
}

Result<std::vector<ChatMessage>> readMessagesFile(const std::string& path) {
    SOTTO_ASSIGN(const Json json, readJsonFile(path));
    if (!json.is_array() || json.empty()) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("'{}' must hold a JSON array of messages.", path));
    }
    std::vector<ChatMessage> messages;
    for (const Json& message : json) {
        if (!isMessage(message)) {
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("Element {} of '{}' is no message; one is {{\"role\": "
                                    "\"user\", \"content\": \"text\"}}.",
                                    messages.size(), path));
        }
        messages.push_back({*roleOf(message), message["content"].get<std::string>(),
                            message.value("reasoning_content", "")});
    }
    return messages;
}

Result<std::vector<std::int32_t>> parseTokens(const std::string& text, const std::string& source) {
    SOTTO_ASSIGN(const Json json, parseJson(text, source));
    if (!json.is_array()) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("'{}' must hold a JSON array of token ids, as [1, 2, 3].", source));
    }
    std::vector<std::int32_t> tokens;
    tokens.reserve(json.size());
    for (const Json& element : json) {
        const bool isId =
            element.is_number_unsigned() &&
            element.get<std::uint64_t>() <= std::uint64_t{std::numeric_limits<std::int32_t>::max()};
        if (!isId) {
            return fail(
                ErrorCode::InvalidArgument,
                fmt::format("Element {} of '{}' is not a token id.", tokens.size(), source));
        }
        tokens.push_back(element.get<std::int32_t>());
    }
    return tokens;
}

}  // namespace sotto::cli

#include "app/core/hub/token_store.h"

#include <algorithm>
#include <system_error>

#include "app/core/paths.h"
#include "base/text_file.h"

namespace sotto::app {
namespace {

// Of a hub forty characters.
constexpr std::uintmax_t kMaxTokenBytes = 4096;

constexpr std::filesystem::perms kOwnerOnly =
    std::filesystem::perms::owner_read | std::filesystem::perms::owner_write;

}  // namespace

std::string trimmedToken(const std::string& text) {
    constexpr const char* kAround = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(kAround);
    if (begin == std::string::npos) return {};
    return text.substr(begin, text.find_last_not_of(kAround) - begin + 1);
}

bool isToken(const std::string& text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char character) {
        return character > ' ' && character < 0x7f;
    });
}

std::string tokenText(const HubToken& token) { return token.token + "\n" + token.origin + "\n"; }

HubToken parseToken(const std::string& text) {
    const std::string all = trimmedToken(text);
    const std::size_t end = std::min(all.find('\n'), all.size());
    HubToken token{.token = trimmedToken(all.substr(0, end))};
    if (const std::string origin = trimmedToken(all.substr(end)); !origin.empty())
        token.origin = origin;
    return token;
}

Result<HubToken> FileTokenStore::read() {
    std::error_code error;
    // A folder that cannot be searched is told like a file that cannot be read.
    if (m_path.empty() || (!std::filesystem::exists(m_path, error) && !error)) return HubToken();
    // By another program, an editor or a backup that was brought back.
    if (isOpenToOthers(m_path)) {
        std::filesystem::permissions(m_path, kOwnerOnly, error);
        if (error)
            return fail(ErrorCode::InvalidArgument,
                        "The access token in '" + m_path.string() +
                            "' can be read by other users of this computer, which cannot be "
                            "changed (" +
                            error.message() + "): delete this file, and enter the token again.",
                        m_path.string());
    }
    const auto text = readTextFile(m_path, kMaxTokenBytes);
    HubToken token = text ? parseToken(*text) : HubToken();
    if (!isToken(token.token))
        return fail(ErrorCode::FileUnreadable,
                    "The access token in '" + m_path.string() +
                        "' cannot be read: enter it again, or delete this file.",
                    m_path.string());
    return token;
}

Status FileTokenStore::write(const HubToken& token) {
    if (m_path.empty())
        return fail(ErrorCode::NotFound,
                    "There is no folder to keep the access token in: set HOME or SOTTO_HOME.");
    return writeTextFile(m_path, tokenText(token), {.isPrivate = true});
}

Status FileTokenStore::remove() {
    if (m_path.empty()) return {};
    std::error_code error;
    std::filesystem::remove(m_path, error);
    if (!error) return {};
    return fail(ErrorCode::Io,
                "The access token in '" + m_path.string() + "' cannot be deleted (" +
                    error.message() + "): delete this file yourself.",
                m_path.string());
}

}  // namespace sotto::app

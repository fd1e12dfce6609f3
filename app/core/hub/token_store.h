// TokenStore: the port that the hub's access token is kept behind; and a file for it, for systems
// without a keyring.
//
// Place: AppCore reads the file at the start, the window writes it where the system has no keyring.
// The token stands nowhere else: not in the settings, not in the library, not in a log.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace sotto::app {

struct HubToken {
    std::string token;                              // empty: none
    std::string origin = "https://huggingface.co";  // what it may be sent to
};

// Both in one text, as it is kept; a text with the token alone is of the usual hub.
std::string tokenText(const HubToken& token);
HubToken parseToken(const std::string& text);

class TokenStore {
public:
    virtual ~TokenStore() = default;

    virtual Result<HubToken> read() = 0;
    virtual Status write(const HubToken& token) = 0;
    virtual Status remove() = 0;  // no error when there is none
};

// Without the blanks and line ends around it, as people paste it.
std::string trimmedToken(const std::string& text);
// Whether it can be sent: no blank, no line end, nothing beyond ASCII; not empty.
bool isToken(const std::string& text);

// One file, for this user only (0600; on Windows by its folder's access list), replaced as a whole,
// and taken away from others where another program has left it to them. One thread at a time.
// Errors: FileUnreadable (it is there, but not to be read, or it holds no token), InvalidArgument
// (others can read it, and that cannot be changed), those of AtomicFile, Io.
class FileTokenStore final : public TokenStore {
public:
    explicit FileTokenStore(std::filesystem::path path) : m_path(std::move(path)) {}

    Result<HubToken> read() override;
    Status write(const HubToken& token) override;
    Status remove() override;

private:
    std::filesystem::path m_path;  // empty: there is no place, and nothing is kept
};

}  // namespace sotto::app

#include "net/http/url.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <memory>

namespace sotto::net {
namespace {

// Of addresses; signed ones have a few thousand bytes.
constexpr std::size_t kMaxUrlBytes = 16384;

using Handle = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

tl::unexpected<Error> refuseUrl(std::string_view text, const std::string& why) {
    const std::string shown(text.substr(0, 200));
    return fail(ErrorCode::InvalidArgument,
                "'" + shown + "' is no address that can be opened: " + why + ".", shown);
}

std::string partOf(CURLU* handle, CURLUPart part, unsigned flags = 0) {
    char* text = nullptr;
    if (curl_url_get(handle, part, &text, flags) != CURLUE_OK) return {};
    std::string copy(text);
    curl_free(text);
    return copy;
}

Result<Url> read(CURLU* handle, std::string_view text) {
    Url url;
    url.scheme = partOf(handle, CURLUPART_SCHEME);
    if (url.scheme != "http" && url.scheme != "https")
        return refuseUrl(text, "it is neither http nor https");
    if (!partOf(handle, CURLUPART_USER).empty() || !partOf(handle, CURLUPART_PASSWORD).empty())
        return refuseUrl(text, "it has a user or a password in it");
    url.host = partOf(handle, CURLUPART_HOST);
    std::transform(url.host.begin(), url.host.end(), url.host.begin(), [](char character) {
        return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a')
                                                    : character;
    });
    if (url.host.empty()) return refuseUrl(text, "it names no server");
    const std::string port = partOf(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    const auto parsed = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (parsed.ec != std::errc() || url.port == 0) return refuseUrl(text, "its port is no port");
    url.target = partOf(handle, CURLUPART_PATH);
    if (const std::string query = partOf(handle, CURLUPART_QUERY); !query.empty())
        url.target += "?" + query;
    return url;
}

// Empty when it can be handed to libcurl. Spaces and controls would end a request line early.
std::string urlProblem(std::string_view text) {
    if (text.empty()) return "it is empty";
    if (text.size() > kMaxUrlBytes) return "it is too long";
    const bool isPlain = std::all_of(text.begin(), text.end(), [](char character) {
        return static_cast<unsigned char>(character) > ' ' && character != '\x7f';
    });
    return isPlain ? std::string() : "it has a space or a control character in it";
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
    if (const std::string problem = urlProblem(text); !problem.empty())
        return refuseUrl(text, problem);
    const Handle handle(curl_url(), curl_url_cleanup);
    if (handle == nullptr ||
        curl_url_set(handle.get(), CURLUPART_URL, std::string(text).c_str(), 0) != CURLUE_OK)
        return refuseUrl(text, "it cannot be read");
    return read(handle.get(), text);
}

Result<Url> Url::resolve(std::string_view location) const {
    if (const std::string problem = urlProblem(location); !problem.empty())
        return refuseUrl(location, problem);
    const Handle handle(curl_url(), curl_url_cleanup);
    if (handle == nullptr ||
        curl_url_set(handle.get(), CURLUPART_URL, this->text().c_str(), 0) != CURLUE_OK ||
        curl_url_set(handle.get(), CURLUPART_URL, std::string(location).c_str(), 0) != CURLUE_OK)
        return refuseUrl(location, "it cannot be read");
    return read(handle.get(), location);
}

std::string Url::text() const { return origin() + target; }

std::string Url::origin() const { return scheme + "://" + host + ":" + std::to_string(port); }

bool Url::isLoopback() const {
    return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

std::string percentEncoded(std::string_view text, std::string_view keep) {
    static constexpr char kDigits[] = "0123456789ABCDEF";
    std::string encoded;
    for (const char character : text) {
        const bool isLetter = (character >= 'a' && character <= 'z') ||
                              (character >= 'A' && character <= 'Z') ||
                              (character >= '0' && character <= '9');
        if (isLetter || std::string_view("-._~").find(character) != std::string_view::npos ||
            keep.find(character) != std::string_view::npos) {
            encoded += character;
            continue;
        }
        const auto byte = static_cast<unsigned char>(character);
        encoded += '%';
        encoded += kDigits[byte >> 4];
        encoded += kDigits[byte & 15];
    }
    return encoded;
}

}  // namespace sotto::net

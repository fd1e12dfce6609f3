#include "net/http/headers.h"

#include <algorithm>
#include <charconv>

namespace sotto::net {
namespace {

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlank = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(kBlank);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

char lower(char character) {
    return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a')
                                                : character;
}

// The text up to `separator`, which is taken from `rest` together with it.
std::string_view takeUntil(std::string_view& rest, char separator) {
    const std::size_t end = rest.find(separator);
    const std::string_view part = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    return part;
}

std::string_view unquoted(std::string_view text) {
    text = trimmed(text);
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
        return text.substr(1, text.size() - 2);
    return text;
}

// `next` or `"prev next"`: a relation is one of several words.
bool hasWord(std::string_view words, std::string_view wanted) {
    while (!words.empty())
        if (isSameIgnoringCase(trimmed(takeUntil(words, ' ')), wanted)) return true;
    return false;
}

}  // namespace

void HttpHeaders::add(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return;
    m_headers.push_back({.name = std::string(trimmed(line.substr(0, colon))),
                         .value = std::string(trimmed(line.substr(colon + 1)))});
}

std::optional<std::string_view> HttpHeaders::find(std::string_view name) const {
    for (const Header& header : m_headers)
        if (isSameIgnoringCase(header.name, name)) return header.value;
    return std::nullopt;
}

std::string HttpHeaders::text(std::string_view name) const {
    return std::string(find(name).value_or(std::string_view()));
}

bool isSameIgnoringCase(std::string_view left, std::string_view right) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](char a, char b) { return lower(a) == lower(b); });
}

std::optional<std::uint64_t> parseCount(std::string_view text) {
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    if (text.empty() || parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
    return value;
}

std::optional<ContentRange> parseContentRange(std::string_view text) {
    constexpr std::string_view kUnit = "bytes ";
    text = trimmed(text);
    if (text.size() < kUnit.size() || !isSameIgnoringCase(text.substr(0, kUnit.size()), kUnit))
        return std::nullopt;
    text.remove_prefix(kUnit.size());
    const auto first = parseCount(trimmed(takeUntil(text, '-')));
    const auto last = parseCount(trimmed(takeUntil(text, '/')));
    if (!first || !last || *first > *last) return std::nullopt;
    const std::string_view total = trimmed(text);
    if (total == "*") return ContentRange{.first = *first, .last = *last, .total = std::nullopt};
    const auto count = parseCount(total);
    if (!count || *last >= *count) return std::nullopt;
    return ContentRange{.first = *first, .last = *last, .total = count};
}

std::string nextLink(std::string_view text) {
    while (!text.empty()) {
        // Commas may stand in an address, so links are cut by their brackets.
        const std::size_t begin = text.find('<');
        if (begin == std::string_view::npos) return {};
        const std::size_t end = text.find('>', begin);
        if (end == std::string_view::npos) return {};
        const std::string_view address = text.substr(begin + 1, end - begin - 1);
        text.remove_prefix(end + 1);
        std::string_view parameters = text.substr(0, text.find('<'));
        while (!parameters.empty()) {
            std::string_view parameter = takeUntil(parameters, ';');
            const std::string_view name = trimmed(takeUntil(parameter, '='));
            // What stands before the next link ends with its comma.
            std::string_view value = trimmed(parameter);
            if (!value.empty() && value.back() == ',') value.remove_suffix(1);
            if (isSameIgnoringCase(name, "rel") && hasWord(unquoted(value), "next"))
                return std::string(address);
        }
    }
    return {};
}

std::string bareEtag(std::string_view text) {
    text = trimmed(text);
    if (text.starts_with("W/")) text.remove_prefix(2);
    return std::string(unquoted(text));
}

std::optional<RateWindow> parseRateLimit(std::string_view text) {
    RateWindow window;
    window.name = std::string(unquoted(takeUntil(text, ';')));
    bool hasRemaining = false;
    while (!text.empty()) {
        std::string_view parameter = takeUntil(text, ';');
        const std::string_view name = trimmed(takeUntil(parameter, '='));
        const auto value = parseCount(trimmed(parameter));
        if (!value) continue;
        if (name == "r") {
            window.remaining = *value;
            hasRemaining = true;
        } else if (name == "t") {
            window.seconds = *value;
        }
    }
    if (!hasRemaining) return std::nullopt;
    return window;
}

std::optional<std::uint64_t> parseRetryAfter(std::string_view text) {
    return parseCount(trimmed(text));
}

}  // namespace sotto::net

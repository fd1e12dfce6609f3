#include "storage/search_terms.h"

#include <algorithm>
#include <cctype>

namespace sotto::storage {
namespace {

constexpr std::string_view kIdeographicSpace = "\xe3\x80\x80";  // U+3000
constexpr std::string_view kEllipsis = "\xe2\x80\xa6";          // U+2026
// A two-line result row of the window holds about a hundred characters.
constexpr std::size_t kExcerptBytesBefore = 40;
constexpr std::size_t kExcerptBytesAfter = 160;
constexpr std::size_t kMaxTerms = 16;  // more of them only make the query slow

bool isContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

std::size_t countCharacters(std::string_view text) {
    return text.size() -
           static_cast<std::size_t>(std::count_if(text.begin(), text.end(), isContinuation));
}

// Length of the white space at the start of `text`, in bytes; 0: none.
std::size_t spaceLength(std::string_view text) {
    if (text.starts_with(kIdeographicSpace)) return kIdeographicSpace.size();
    return std::isspace(static_cast<unsigned char>(text.front())) ? 1 : 0;
}

void addTerm(SearchTerms& terms, std::string_view word) {
    std::string term(word);
    std::erase(term, '\0');
    while (!term.empty() && spaceLength(term) > 0) term.erase(0, spaceLength(term));
    if (term.empty() || terms.indexed.size() + terms.scanned.size() >= kMaxTerms) return;
    auto& list = countCharacters(term) >= 3 ? terms.indexed : terms.scanned;
    if (std::find(list.begin(), list.end(), term) == list.end()) list.push_back(std::move(term));
}

bool equalIgnoringCase(char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
}

std::size_t findIgnoringCase(std::string_view text, std::string_view term, std::size_t from) {
    const auto found = std::search(text.begin() + static_cast<std::ptrdiff_t>(from), text.end(),
                                   term.begin(), term.end(), equalIgnoringCase);
    return found == text.end() ? std::string_view::npos
                               : static_cast<std::size_t>(found - text.begin());
}

struct Match {
    std::size_t begin = std::string_view::npos;
    std::size_t size = 0;
};

Match firstMatch(std::string_view text, const std::vector<std::string>& terms, std::size_t from) {
    Match first;
    for (const std::string& term : terms) {
        const std::size_t begin = findIgnoringCase(text, term, from);
        if (begin < first.begin) first = {begin, term.size()};
    }
    return first;
}

void appendPart(std::vector<SnippetPart>& parts, std::string_view text, bool isMatch) {
    if (!text.empty()) parts.push_back({std::string(text), isMatch});
}

}  // namespace

SearchTerms parseSearch(std::string_view typed) {
    SearchTerms terms;
    std::size_t position = 0;
    while (position < typed.size()) {
        if (const std::size_t space = spaceLength(typed.substr(position)); space > 0) {
            position += space;
            continue;
        }
        if (typed[position] == '"') {
            const std::size_t close = typed.find('"', position + 1);
            addTerm(terms,
                    typed.substr(position + 1,
                                 close == std::string_view::npos ? close : close - position - 1));
            position = close == std::string_view::npos ? typed.size() : close + 1;
            continue;
        }
        std::size_t end = position;
        while (end < typed.size() && typed[end] != '"' && spaceLength(typed.substr(end)) == 0) {
            ++end;
        }
        addTerm(terms, typed.substr(position, end - position));
        position = end;
    }
    return terms;
}

std::string matchExpression(const SearchTerms& terms) {
    std::string expression;
    for (const std::string& term : terms.indexed) {
        if (!expression.empty()) expression += ' ';
        expression += '"';
        for (const char byte : term) {
            if (byte == '"') expression += '"';
            expression += byte;
        }
        expression += '"';
    }
    return expression;
}

std::string likePattern(std::string_view term) {
    std::string pattern = "%";
    for (const char byte : term) {
        if (byte == '%' || byte == '_' || byte == '\\') pattern += '\\';
        pattern += byte;
    }
    return pattern + '%';
}

std::vector<SnippetPart> excerpt(std::string_view content, const std::vector<std::string>& terms) {
    const Match first = firstMatch(content, terms, 0);
    const std::size_t anchor = first.begin == std::string_view::npos ? 0 : first.begin;
    std::size_t begin = anchor > kExcerptBytesBefore ? anchor - kExcerptBytesBefore : 0;
    while (begin > 0 && isContinuation(content[begin])) --begin;
    std::size_t end = std::min(content.size(), anchor + first.size + kExcerptBytesAfter);
    while (end < content.size() && isContinuation(content[end])) ++end;

    std::vector<SnippetPart> parts;
    if (begin > 0) appendPart(parts, kEllipsis, false);
    const std::string_view window = content.substr(begin, end - begin);
    std::size_t position = 0;
    while (true) {
        const Match match = firstMatch(window, terms, position);
        if (match.begin == std::string_view::npos) break;
        appendPart(parts, window.substr(position, match.begin - position), false);
        appendPart(parts, window.substr(match.begin, match.size), true);
        position = match.begin + match.size;
    }
    appendPart(parts, window.substr(position), false);
    if (end < content.size()) appendPart(parts, kEllipsis, false);
    return parts;
}

std::vector<SnippetPart> splitMarked(std::string_view marked) {
    std::vector<SnippetPart> parts;
    std::size_t begin = 0;
    bool isMatch = false;
    for (std::size_t position = 0; position < marked.size(); ++position) {
        if (marked[position] != kMatchBegin && marked[position] != kMatchEnd) continue;
        appendPart(parts, marked.substr(begin, position - begin), isMatch);
        isMatch = marked[position] == kMatchBegin;
        begin = position + 1;
    }
    appendPart(parts, marked.substr(begin), isMatch);
    return parts;
}

}  // namespace sotto::storage

#include "storage/term_finder.h"

#include <algorithm>

namespace sotto::storage {
namespace {

constexpr std::string_view kEllipsis = "\xe2\x80\xa6";  // U+2026
// A two-line result row of the window holds about a hundred characters.
constexpr std::size_t kExcerptBytesBefore = 40;
constexpr std::size_t kExcerptBytesAfter = 160;

bool isContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

void appendPart(std::vector<SnippetPart>& parts, std::string_view text, bool isMatch) {
    if (!text.empty()) parts.push_back({std::string(text), isMatch});
}

}  // namespace

TermFinder::TermFinder(CaseFolding& folding, const std::vector<std::string>& terms)
    : m_folding(folding) {
    for (const std::string& term : terms) m_terms.push_back(folding.foldAll(term));
}

TermFinder::Match TermFinder::find(std::string_view text, std::u32string_view term,
                                   std::size_t from) const {
    const char* const end = text.data() + text.size();
    for (const char* at = text.data() + from; at < end;) {
        const char* const begin = at;
        const char32_t character = m_folding.foldNext(at, end);
        if (character == 0) break;
        if (character != term.front()) continue;
        const char* next = at;
        std::size_t nSame = 1;
        while (nSame < term.size() && next < end && m_folding.foldNext(next, end) == term[nSame]) {
            ++nSame;
        }
        if (nSame < term.size()) continue;
        return {static_cast<std::size_t>(begin - text.data()),
                static_cast<std::size_t>(next - begin)};
    }
    return {};
}

bool TermFinder::hasAll(std::string_view text) const {
    return std::all_of(m_terms.begin(), m_terms.end(), [&](const std::u32string& term) {
        return find(text, term, 0).begin != std::string_view::npos;
    });
}

TermFinder::Match TermFinder::findFirst(std::string_view text, std::size_t from) const {
    Match first;
    for (const std::u32string& term : m_terms) {
        const Match match = find(text, term, from);
        if (match.begin < first.begin) first = match;
    }
    return first;
}

std::vector<SnippetPart> TermFinder::excerpt(std::string_view text) const {
    const Match first = findFirst(text, 0);
    const std::size_t anchor = first.begin == std::string_view::npos ? 0 : first.begin;
    std::size_t begin = anchor > kExcerptBytesBefore ? anchor - kExcerptBytesBefore : 0;
    while (begin > 0 && isContinuation(text[begin])) --begin;
    std::size_t end = std::min(text.size(), anchor + first.size + kExcerptBytesAfter);
    while (end < text.size() && isContinuation(text[end])) ++end;

    std::vector<SnippetPart> parts;
    if (begin > 0) appendPart(parts, kEllipsis, false);
    const std::string_view window = text.substr(begin, end - begin);
    std::size_t position = 0;
    while (true) {
        const Match match = findFirst(window, position);
        if (match.begin == std::string_view::npos) break;
        appendPart(parts, window.substr(position, match.begin - position), false);
        appendPart(parts, window.substr(match.begin, match.size), true);
        position = match.begin + match.size;
    }
    appendPart(parts, window.substr(position), false);
    if (end < text.size()) appendPart(parts, kEllipsis, false);
    return parts;
}

}  // namespace sotto::storage

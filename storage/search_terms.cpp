#include "storage/search_terms.h"

#include <algorithm>
#include <cctype>

#include "storage/case_folding.h"

namespace sotto::storage {
namespace {

constexpr std::string_view kIdeographicSpace = "\xe3\x80\x80";  // U+3000
constexpr std::size_t kMaxTerms = 16;  // more of them only make the query slow
// A text of one letter repeated is compared with all of a term at each of its places.
constexpr std::size_t kMaxCharacters = 256;
constexpr std::size_t kTrigram = 3;
// Of a term; texts that have so many and not all of it are few.
constexpr std::size_t kMaxTrigrams = 32;

// Where each character begins, and the end.
std::vector<std::size_t> boundariesOf(std::string_view text) {
    std::vector<std::size_t> boundaries{0};
    for (const char* at = text.data(); at < text.data() + text.size();) {
        nextCharacter(at, text.data() + text.size());
        boundaries.push_back(static_cast<std::size_t>(at - text.data()));
    }
    return boundaries;
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
    const std::vector<std::size_t> boundaries = boundariesOf(term);
    const std::size_t nCharacters = std::min(boundaries.size() - 1, kMaxCharacters);
    term.resize(boundaries[nCharacters]);
    auto& list = nCharacters >= kTrigram ? terms.indexed : terms.scanned;
    if (std::find(list.begin(), list.end(), term) == list.end()) list.push_back(std::move(term));
}

void appendQuoted(std::string& expression, std::string_view text) {
    expression += expression.empty() ? "\"" : " \"";
    for (const char byte : text) {
        if (byte == '"') expression += '"';
        expression += byte;
    }
    expression += '"';
}

}  // namespace

std::vector<std::string> SearchTerms::all() const {
    std::vector<std::string> terms = indexed;
    terms.insert(terms.end(), scanned.begin(), scanned.end());
    return terms;
}

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
        const std::vector<std::size_t> boundaries = boundariesOf(term);
        const std::size_t nTrigrams = std::min(boundaries.size() - kTrigram, kMaxTrigrams);
        for (std::size_t first = 0; first < nTrigrams; ++first) {
            const std::size_t begin = boundaries[first];
            appendQuoted(expression, std::string_view(term).substr(
                                         begin, boundaries[first + kTrigram] - begin));
        }
    }
    return expression;
}

}  // namespace sotto::storage

// What a person typed in the search field, taken apart: pure functions, no database.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "storage/api/chat_record.h"

namespace sotto::storage {

// Words (split at white space, U+3000 too) and "quoted phrases", without duplicates. A quote that
// is not closed reaches to the end. NUL characters are dropped.
struct SearchTerms {
    std::vector<std::string> indexed;  // three characters and more: the trigram index finds them
    std::vector<std::string> scanned;  // one or two characters (most Chinese words): by LIKE

    bool isEmpty() const { return indexed.empty() && scanned.empty(); }
};

SearchTerms parseSearch(std::string_view typed);

// An FTS5 expression in which every term is a quoted string: no typed text is syntax.
std::string matchExpression(const SearchTerms& terms);

// A LIKE pattern with ESCAPE '\' that finds the term anywhere.
std::string likePattern(std::string_view term);

// An excerpt of `content` around the first term found (ASCII case ignored, as LIKE does), cut at
// whole characters, with "…" where text was left out.
std::vector<SnippetPart> excerpt(std::string_view content, const std::vector<std::string>& terms);

// SQLite's snippet text with kMatchBegin and kMatchEnd around matches, as parts.
inline constexpr char kMatchBegin = '\x01';
inline constexpr char kMatchEnd = '\x02';
std::vector<SnippetPart> splitMarked(std::string_view marked);

}  // namespace sotto::storage

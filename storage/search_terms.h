// What a person typed in the search field, taken apart: pure functions, no database.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sotto::storage {

// Words (split at white space, U+3000 too) and "quoted phrases", without duplicates. A quote that
// is not closed reaches to the end. NUL characters are dropped; of an endless term the beginning
// is looked for.
struct SearchTerms {
    std::vector<std::string> indexed;  // three characters and more: the trigram index finds them
    std::vector<std::string> scanned;  // one or two characters (most Chinese words): in no index

    bool isEmpty() const { return indexed.empty() && scanned.empty(); }
    std::vector<std::string> all() const;
};

SearchTerms parseSearch(std::string_view typed);

// An FTS5 expression for texts that have the trigrams of every indexed term, wherever they stand:
// all that an index without positions answers. Every trigram is a quoted string: no typed text is
// syntax.
std::string matchExpression(const SearchTerms& terms);

}  // namespace sotto::storage

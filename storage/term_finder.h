// TermFinder: where a text has the terms of a search, in any case of any script. What the search
// finds is defined here; the index only gives candidates. Same thread as its CaseFolding.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "storage/api/chat_record.h"
#include "storage/case_folding.h"

namespace sotto::storage {

class TermFinder {
public:
    // `folding` must outlive it. No term is empty.
    TermFinder(CaseFolding& folding, const std::vector<std::string>& terms);

    // A text ends at a NUL, as in the index.
    bool hasAll(std::string_view text) const;
    // An excerpt around the first term found, cut at whole characters, with "…" where text was left
    // out.
    std::vector<SnippetPart> excerpt(std::string_view text) const;

private:
    struct Match {
        std::size_t begin = std::string_view::npos;
        std::size_t size = 0;  // bytes
    };
    Match find(std::string_view text, std::u32string_view term, std::size_t from) const;
    Match findFirst(std::string_view text, std::size_t from) const;

    CaseFolding& m_folding;
    std::vector<std::u32string> m_terms;  // folded
};

}  // namespace sotto::storage

// SearchIndex: full-text search over the titles and messages of all chats. Storage thread only.
#pragma once

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "storage/api/chat_record.h"
#include "storage/case_folding.h"
#include "storage/sqlite/connection.h"

namespace sotto::storage {

// Whether this share (0 to 1) of what a search may cost is used up: asked every few thousand steps
// of SQLite's machine, true ends the statement that runs.
using SearchBudget = std::function<bool(double share)>;

// 300 ms from now on.
SearchBudget searchTimeBudget();

class SearchIndex {
public:
    // `makeBudget` makes one for each search, all its statements together; tests count work instead
    // of time.
    explicit SearchIndex(Connection& connection,
                         std::function<SearchBudget()> makeBudget = searchTimeBudget)
        : m_connection(connection), m_makeBudget(std::move(makeBudget)) {}

    Result<SearchResult> search(const SearchQuery& query);

private:
    Status prepare();  // once, with the first search

    Connection& m_connection;
    std::function<SearchBudget()> m_makeBudget;
    std::optional<CaseFolding> m_folding;
};

}  // namespace sotto::storage

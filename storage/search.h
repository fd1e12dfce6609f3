// SearchIndex: full-text search over the titles and messages of all chats. Storage thread only.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "storage/api/chat_record.h"
#include "storage/sqlite/connection.h"

namespace sotto::storage {

// Whether a statement has had its share: asked every few thousand steps of SQLite's machine, true
// ends the statement.
using SearchBudget = std::function<bool()>;

// 300 ms from now on.
SearchBudget searchTimeBudget();

class SearchIndex {
public:
    // `makeBudget` makes one for each statement of a search; tests count work instead of time.
    explicit SearchIndex(Connection& connection,
                         std::function<SearchBudget()> makeBudget = searchTimeBudget)
        : m_connection(connection), m_makeBudget(std::move(makeBudget)) {}

    Result<std::vector<SearchHit>> search(const SearchQuery& query);

private:
    Connection& m_connection;
    std::function<SearchBudget()> m_makeBudget;
};

}  // namespace sotto::storage

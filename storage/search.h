// SearchIndex: full-text search over the titles and messages of all chats. Storage thread only.
#pragma once

#include <vector>

#include "storage/api/chat_record.h"
#include "storage/sqlite/connection.h"

namespace sotto::storage {

class SearchIndex {
public:
    explicit SearchIndex(Connection& connection) : m_connection(connection) {}

    Result<std::vector<SearchHit>> search(const SearchQuery& query);

private:
    Connection& m_connection;
};

}  // namespace sotto::storage

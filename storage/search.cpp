#include "storage/search.h"

#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "storage/search_terms.h"

namespace sotto::storage {
namespace {

constexpr int kMaxHits = 200;
// The storage thread also flushes answers: one search may not keep it longer than this, all its
// statements together. What was found until then is shown.
constexpr std::chrono::milliseconds kTimeBudget{300};
// Up to where in the budget each statement may go: what follows needs something, too.
constexpr double kTitlesShare = 0.3;
constexpr double kRankedShare = 0.65;
constexpr double kAll = 1;
constexpr int kInstructionsPerCheck = 2000;  // of SQLite's virtual machine: well under 1 ms

// Interrupts the running statement when its share of the budget is used up.
class Watch {
public:
    Watch(Connection& connection, const SearchBudget& budget, double share)
        : m_handle(connection.handle()), m_budget(budget), m_share(share) {
        sqlite3_progress_handler(m_handle, kInstructionsPerCheck, &Watch::check, this);
    }
    ~Watch() { sqlite3_progress_handler(m_handle, 0, nullptr, nullptr); }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    bool isSpent() const { return m_isSpent; }

private:
    static int check(void* self) {
        auto* watch = static_cast<Watch*>(self);
        watch->m_isSpent = watch->m_budget(watch->m_share);
        return watch->m_isSpent ? 1 : 0;
    }

    sqlite3* m_handle;
    const SearchBudget& m_budget;
    double m_share;
    bool m_isSpent = false;
};

// What differs between the search in titles and the search in messages.
struct Place {
    std::string select;       // columns of a SearchHit: chat, message, title, role, time, text
    std::string searchTable;  // the FTS5 table, whose rowid is `id`
    std::string textColumn;
    std::string id;
    std::string from;   // without the FTS5 table
    std::string where;  // always holds
    // Of the budget: for all of it, and for its first statement where a second one follows.
    double share = kAll;
    double rankedShare = kAll;
};

Place titles() {
    return {.select = "c.id, 0, c.title, 0, c.updated_at",
            .searchTable = "chat_search",
            .textColumn = "c.title",
            .id = "c.id",
            .from = "chats c",
            .where = "c.deleted_at = 0",
            .share = kTitlesShare,
            .rankedShare = kTitlesShare / 2};
}

// CROSS JOIN keeps the order of the loops: messages outside, newest first, stopping at the limit.
Place messages() {
    return {.select = "c.id, m.id, c.title, m.role, m.created_at",
            .searchTable = "message_search",
            .textColumn = "m.content",
            .id = "m.id",
            .from = "messages m CROSS JOIN chats c ON c.id = m.chat_id",
            .where = "c.deleted_at = 0 AND m.state <> 0",
            .share = kAll,
            .rankedShare = kRankedShare};
}

SearchHit readHit(const Statement& row) {
    SearchHit hit;
    hit.chatId = row.integer(0);
    hit.messageId = row.integer(1);
    hit.chatTitle = row.text(2);
    hit.role = static_cast<MessageRole>(std::clamp<std::int64_t>(row.integer(3), 0, 3));
    hit.createdAt = row.integer(4);
    return hit;
}

enum class Order { BestFirst, NewestFirst };

class Search {
public:
    Search(Connection& connection, SearchBudget budget, const SearchQuery& query,
           const SearchTerms& terms)
        : m_connection(connection),
          m_budget(std::move(budget)),
          m_query(query),
          m_terms(terms),
          m_limit(static_cast<std::size_t>(std::clamp(query.limit, 0, kMaxHits))) {}

    // Tries the ways from best to cheapest; keeps what was found when the time is used up.
    Status run(const Place& place);
    SearchResult take();

private:
    Status runIndexed(const Place& place, Order order);
    // Without the index: short terms only, or when the index is damaged.
    Status runScan(const Place& place, const std::vector<std::string>& terms);
    std::string conditions(const Place& place, std::size_t nLikes) const;
    Status collect(Statement& row, double share, bool isMarked,
                   const std::vector<std::string>& terms);
    // One more than asked for tells whether there are more.
    int nWanted() const { return static_cast<int>(m_limit + 1 - m_hits.size()); }

    Connection& m_connection;
    SearchBudget m_budget;
    const SearchQuery& m_query;
    const SearchTerms& m_terms;
    std::size_t m_limit;
    std::vector<SearchHit> m_hits;
    bool m_isLate = false;  // the last statement was interrupted by its budget
    bool m_isCut = false;
};

std::string Search::conditions(const Place& place, std::size_t nLikes) const {
    std::string sql = " WHERE " + place.where;
    if (m_query.chatId != 0) sql += " AND c.id = " + std::to_string(m_query.chatId);
    for (std::size_t index = 0; index < nLikes; ++index) {
        sql += " AND " + place.textColumn + " LIKE ? ESCAPE '\\'";
    }
    return sql;
}

Status Search::collect(Statement& row, double share, bool isMarked,
                       const std::vector<std::string>& terms) {
    const Watch watch(m_connection, m_budget, share);
    m_isLate = false;
    while (true) {
        Result<bool> hasRow = row.step();
        if (!hasRow) {
            m_isLate = watch.isSpent();
            return m_isLate ? Status() : fail(std::move(hasRow.error()));
        }
        if (!*hasRow) return {};
        SearchHit hit = readHit(row);
        hit.snippet = isMarked ? splitMarked(row.text(5)) : excerpt(row.text(5), terms);
        m_hits.push_back(std::move(hit));
    }
}

Status Search::runIndexed(const Place& place, Order order) {
    const std::string sql =
        "SELECT " + place.select + ", snippet(" + place.searchTable +
        ", 0, char(1), char(2), '…', 60) FROM " + place.searchTable + " CROSS JOIN " + place.from +
        conditions(place, m_terms.scanned.size()) + " AND " + place.id + " = " + place.searchTable +
        ".rowid AND " + place.searchTable + " MATCH ? ORDER BY " +
        (order == Order::BestFirst ? "rank" : place.searchTable + ".rowid DESC") + " LIMIT ?";
    SOTTO_ASSIGN(Statement row, m_connection.prepare(sql));
    int index = 0;
    for (const std::string& term : m_terms.scanned) row.bind(++index, likePattern(term));
    row.bind(++index, matchExpression(m_terms));
    row.bind(++index, nWanted());
    const double share = order == Order::BestFirst ? place.rankedShare : place.share;
    return collect(row, share, true, {});
}

Status Search::runScan(const Place& place, const std::vector<std::string>& terms) {
    const std::string sql = "SELECT " + place.select + ", " + place.textColumn + " FROM " +
                            place.from + conditions(place, terms.size()) + " ORDER BY " + place.id +
                            " DESC LIMIT ?";
    SOTTO_ASSIGN(Statement row, m_connection.prepare(sql));
    int index = 0;
    for (const std::string& term : terms) row.bind(++index, likePattern(term));
    row.bind(++index, nWanted());
    return collect(row, place.share, false, terms);
}

Status Search::run(const Place& place) {
    const std::size_t nBefore = m_hits.size();
    if (nBefore > m_limit) return {};
    std::vector<std::string> all = m_terms.indexed;
    all.insert(all.end(), m_terms.scanned.begin(), m_terms.scanned.end());
    Status status;
    if (m_terms.indexed.empty()) {
        status = runScan(place, all);
    } else {
        status = runIndexed(place, Order::BestFirst);
        // Ranking needs all matches; the newest ones are there at once.
        if (status && m_isLate && m_hits.size() == nBefore) {
            status = runIndexed(place, Order::NewestFirst);
        }
        if (!status && status.error().code == ErrorCode::DatabaseDamaged) {
            m_hits.resize(nBefore);
            status = runScan(place, all);
        }
    }
    m_isCut = m_isCut || m_isLate;
    return status;
}

SearchResult Search::take() {
    const bool hasMore = m_hits.size() > m_limit;
    if (hasMore) m_hits.resize(m_limit);
    return {std::move(m_hits), m_isCut || hasMore};
}

}  // namespace

SearchBudget searchTimeBudget() {
    return [start = std::chrono::steady_clock::now()](double share) {
        return std::chrono::steady_clock::now() - start >= share * kTimeBudget;
    };
}

Result<SearchResult> SearchIndex::search(const SearchQuery& query) {
    const SearchTerms terms = parseSearch(query.text);
    if (terms.isEmpty()) return SearchResult();
    Search search(m_connection, m_makeBudget(), query, terms);
    SOTTO_TRY(search.run(titles()));
    SOTTO_TRY(search.run(messages()));
    return search.take();
}

}  // namespace sotto::storage

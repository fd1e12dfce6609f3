#include "storage/search.h"

#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <new>
#include <string>
#include <utility>

#include "storage/index_move.h"
#include "storage/search_terms.h"
#include "storage/sqlite/transaction.h"
#include "storage/term_finder.h"

namespace sotto::storage {
namespace {

constexpr int kMaxHits = 200;
// The storage thread also flushes answers: one search may not keep it longer than this, all its
// statements together. What was found until then is shown.
constexpr std::chrono::milliseconds kTimeBudget{300};
// Up to where in the budget each statement may go: what follows needs something, too.
constexpr double kTitlesShare = 0.3;
constexpr double kWholeBudget = 1;
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

// The SQL function that looks at a text: has_terms(text, finder), the finder as a Pointer.
constexpr const char* kHasTerms = "has_terms";
constexpr const char* kFinderType = "sotto_term_finder";

void hasTerms(sqlite3_context* context, int, sqlite3_value** values) {
    const auto* finder =
        static_cast<const TermFinder*>(sqlite3_value_pointer(values[1], kFinderType));
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_value_text(values[0]));
    if (!finder || !bytes) return;
    // An exception must not cross SQLite.
    try {
        const std::string_view text(bytes,
                                    static_cast<std::size_t>(sqlite3_value_bytes(values[0])));
        sqlite3_result_int(context, finder->hasAll(text) ? 1 : 0);
    } catch (const std::bad_alloc&) {
        sqlite3_result_error_nomem(context);
    }
}

// What differs between the search in titles and the search in messages.
struct SearchPlace {
    std::string select;  // columns of a SearchHit: chat, message, title, role, time
    std::string index;   // the FTS5 table, whose rowid is `id`
    std::string text;
    std::string id;
    std::string from;             // without the FTS5 table
    std::string ids;              // a statement that gives them newest first, without reading a row
    std::string where;            // always holds
    double share = kWholeBudget;  // up to where in the budget
};

SearchPlace titles() {
    return {.select = "c.id, 0, c.title, 0, c.updated_at",
            .index = "chat_search",
            .text = "c.title",
            .id = "c.id",
            .from = "chats c",
            .ids = "SELECT id FROM chats INDEXED BY chats_by_update ORDER BY id DESC",
            .where = "c.deleted_at = 0",
            .share = kTitlesShare};
}

// CROSS JOIN keeps the order of the loops: messages outside, newest first, stopping at the limit.
SearchPlace messages(std::string index) {
    return {.select = "c.id, m.id, c.title, m.role, m.created_at",
            .index = std::move(index),
            .text = "m.content",
            .id = "m.id",
            .from = "messages m CROSS JOIN chats c ON c.id = m.chat_id",
            .ids = "SELECT id FROM messages INDEXED BY messages_tree ORDER BY id DESC",
            .where = "c.deleted_at = 0 AND m.state <> 0"};
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

// From the cheapest to the one that only wants single rows to be readable.
enum class Way : std::uint8_t { Index, Scan, OneByOne };

class Search {
public:
    Search(Connection& connection, SearchBudget budget, const SearchQuery& query,
           const SearchTerms& terms, TermFinder& finder)
        : m_connection(connection),
          m_budget(std::move(budget)),
          m_query(query),
          m_terms(terms),
          m_finder(finder),
          m_limit(static_cast<std::size_t>(std::clamp(query.limit, 0, kMaxHits))) {}

    // Keeps what was found when the time is used up.
    Status run(const SearchPlace& place);
    SearchResult take();

private:
    Result<Statement> prepare(const SearchPlace& place, Way way);
    Status runBy(const SearchPlace& place, Way way);
    Status runOneByOne(const SearchPlace& place);
    Status collect(Statement& row);
    // One more than asked for tells whether there are more.
    int nWanted() const { return static_cast<int>(m_limit + 1 - m_hits.size()); }

    Connection& m_connection;
    SearchBudget m_budget;
    const SearchQuery& m_query;
    const SearchTerms& m_terms;
    TermFinder& m_finder;
    std::size_t m_limit;
    std::vector<SearchHit> m_hits;
    bool m_isCut = false;
};

// ?1: the finder, ?2: how many, ?3: what the index is asked, or one id.
Result<Statement> Search::prepare(const SearchPlace& place, Way way) {
    std::string sql = "SELECT " + place.select + ", " + place.text + " FROM ";
    if (way == Way::Index) sql += place.index + " CROSS JOIN ";
    sql += place.from + " WHERE " + place.where + " AND " + kHasTerms + "(" + place.text + ", ?1)";
    if (m_query.chatId != 0) sql += " AND c.id = " + std::to_string(m_query.chatId);
    const std::string order = way == Way::Index ? place.index + ".rowid" : place.id;
    if (way == Way::Index)
        sql += " AND " + place.id + " = " + order + " AND " + place.index + " MATCH ?3";
    if (way == Way::OneByOne) sql += " AND " + place.id + " = ?3";
    SOTTO_ASSIGN(Statement row,
                 m_connection.prepare(sql + " ORDER BY " + order + " DESC LIMIT ?2"));
    row.bind(1, Pointer{&m_finder, kFinderType});
    row.bind(2, nWanted());
    if (way == Way::Index) row.bind(3, matchExpression(m_terms));
    return row;
}

Status Search::collect(Statement& row) {
    while (true) {
        SOTTO_ASSIGN(const bool hasRow, row.step());
        if (!hasRow) return {};
        SearchHit hit = readHit(row);
        hit.snippet = m_finder.excerpt(row.text(5));
        m_hits.push_back(std::move(hit));
    }
}

Status Search::runBy(const SearchPlace& place, Way way) {
    if (way == Way::OneByOne) return runOneByOne(place);
    SOTTO_ASSIGN(Statement row, prepare(place, way));
    return collect(row);
}

// What cannot be read is not found.
Status Search::runOneByOne(const SearchPlace& place) {
    SOTTO_ASSIGN(Statement ids, m_connection.prepare(place.ids));
    SOTTO_ASSIGN(Statement row, prepare(place, Way::OneByOne));
    while (m_hits.size() <= m_limit) {
        SOTTO_ASSIGN(const bool hasId, ids.step());
        if (!hasId) break;
        row.reset();
        row.bind(3, ids.integer(0));
        Status status = collect(row);
        if (!status && status.error().code != ErrorCode::DatabaseDamaged) return status;
    }
    return {};
}

Status Search::run(const SearchPlace& place) {
    const std::size_t nBefore = m_hits.size();
    if (nBefore > m_limit) return {};
    const Watch watch(m_connection, m_budget, place.share);
    Status status;
    for (const Way way : {Way::Index, Way::Scan, Way::OneByOne}) {
        if (way == Way::Index && (m_terms.indexed.empty() || place.index.empty())) continue;
        m_hits.resize(nBefore);
        status = runBy(place, way);
        if (!status && watch.isSpent()) {
            m_isCut = true;
            return {};
        }
        // Damaged, or not there at all (Internal): the next way does without it.
        if (status || (status.error().code != ErrorCode::DatabaseDamaged &&
                       status.error().code != ErrorCode::Internal))
            break;
    }
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

Status SearchIndex::prepare() {
    if (m_folding) return {};
    // The finder comes with each call: nothing here has to outlive the function.
    const int resultCode = sqlite3_create_function_v2(m_connection.handle(), kHasTerms, 2,
                                                      SQLITE_UTF8 | SQLITE_DIRECTONLY, nullptr,
                                                      &hasTerms, nullptr, nullptr, nullptr);
    if (resultCode != SQLITE_OK) return fail(m_connection.error(resultCode));
    SOTTO_ASSIGN(m_folding, CaseFolding::of(m_connection));
    return {};
}

Result<SearchResult> SearchIndex::search(const SearchQuery& query) {
    const SearchTerms terms = parseSearch(query.text);
    if (terms.isEmpty()) return SearchResult();
    SOTTO_TRY(prepare());
    TermFinder finder(*m_folding, terms.all());
    Search search(m_connection, m_makeBudget(), query, terms, finder);
    // One state of the library for all of it: another process may end the move of the index.
    SOTTO_ASSIGN(const Transaction snapshot, Transaction::beginReading(m_connection));
    SOTTO_TRY(search.run(titles()));
    SOTTO_TRY(search.run(messages(messageIndex(m_connection))));
    return search.take();
}

}  // namespace sotto::storage

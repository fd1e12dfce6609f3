// SqliteDatabase: the stores of one library file behind the Database interface. Storage thread
// only.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>

#include "storage/answer_writer.h"
#include "storage/api/database.h"
#include "storage/chat_store.h"
#include "storage/clock.h"
#include "storage/comparison_table.h"
#include "storage/download_table.h"
#include "storage/folder_store.h"
#include "storage/index_move.h"
#include "storage/ledger_table.h"
#include "storage/message_tree.h"
#include "storage/model_store.h"
#include "storage/open_library.h"
#include "storage/search.h"
#include "storage/settings_store.h"

namespace sotto::storage {

class SqliteDatabase final : public Database {
public:
    // `ids` must outlive the database.
    SqliteDatabase(OpenedLibrary library, IdGenerator& ids);
    // Ends open answers as Stopped; what cannot be written then is recovered at the next start.
    ~SqliteDatabase() override;

    const OpenReport& report() const { return m_library.report; }
    std::optional<AnswerWriter::Clock::time_point> nextFlush() const {
        return m_answers.nextFlush();
    }

    // Between the commands; see IndexMove.
    IndexMove& indexMove() { return m_indexMove; }

    // See Connection::watchLock.
    void watchLock(int busyTimeoutMs, std::atomic<bool>& isWaiting) {
        m_library.connection.watchLock(busyTimeoutMs, isWaiting);
    }

    // Bytes of answers that are in memory only.
    std::int64_t unsavedBytes() const { return m_answers.unsavedBytes(); }

    Chats& chats() override { return m_chats; }
    Folders& folders() override { return m_folders; }
    Messages& messages() override { return m_messages; }
    Settings& settings() override { return m_settings; }
    Models& models() override { return m_models; }
    Downloads& downloads() override { return m_downloads; }
    Ledger& ledger() override { return m_ledger; }
    Comparisons& comparisons() override { return m_comparisons; }
    Result<SearchResult> search(const SearchQuery& query) override {
        return m_search.search(query);
    }

private:
    OpenedLibrary m_library;  // first: the stores refer to its connection
    AnswerWriter m_answers;
    MessageTree m_messages;
    ChatStore m_chats;
    FolderStore m_folders;
    SearchIndex m_search;
    IndexMove m_indexMove;
    SettingsStore m_settings;
    ModelStore m_models;
    DownloadTable m_downloads;
    LedgerTable m_ledger;
    ComparisonTable m_comparisons;
};

}  // namespace sotto::storage

#include "storage/sqlite_database.h"

#include <utility>

namespace sotto::storage {

SqliteDatabase::SqliteDatabase(OpenedLibrary library, IdGenerator& ids)
    : m_library(std::move(library)),
      m_answers(m_library.connection),
      m_messages(m_library.connection, m_answers, ids),
      m_chats(m_library.connection, ids, m_messages),
      m_folders(m_library.connection, ids),
      m_search(m_library.connection),
      m_indexMove(m_library.connection),
      m_settings(m_library.connection),
      m_models(m_library.connection),
      m_downloads(m_library.connection),
      m_ledger(m_library.connection),
      m_comparisons(m_library.connection) {}

SqliteDatabase::~SqliteDatabase() { (void)m_answers.closeAll(); }

}  // namespace sotto::storage

#include "storage/library_check.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <utility>

#include "base/guarded.h"
#include "storage/sqlite/connection.h"

namespace sotto::storage {
namespace {

constexpr int kInstructionsPerQuestion = 1000;  // of SQLite's virtual machine: well under 1 ms

int isStopping(void* flag) { return static_cast<std::atomic<bool>*>(flag)->load() ? 1 : 0; }

}  // namespace

LibraryCheck::LibraryCheck(const StorageOptions& options, std::function<void(Status)> onFinished)
    : m_thread([this, options, onFinished = std::move(onFinished)] {
          Status status = guarded([&] { return check(options); });
          if (!m_isStopping) onFinished(std::move(status));
      }) {}

LibraryCheck::~LibraryCheck() {
    m_isStopping = true;
    m_thread.join();
}

Status LibraryCheck::check(const StorageOptions& options) {
    SOTTO_ASSIGN(Connection connection, Connection::open({.path = options.path,
                                                          .mode = OpenMode::ReadOnly,
                                                          .busyTimeoutMs = options.busyTimeoutMs,
                                                          .vfs = options.vfs}));
    sqlite3_progress_handler(connection.handle(), kInstructionsPerQuestion, &isStopping,
                             &m_isStopping);
    SOTTO_ASSIGN(Statement row, connection.prepare("PRAGMA quick_check(1)"));
    SOTTO_ASSIGN(const bool hasRow, row.step());
    const std::string finding = hasRow ? row.text(0) : "no answer";
    if (finding == "ok") return {};
    return fail(ErrorCode::DatabaseDamaged,
                fmt::format("{} is damaged ({}): read what can be read into a new file, or bring "
                            "back a backup.",
                            connection.file(), finding),
                connection.file());
}

}  // namespace sotto::storage

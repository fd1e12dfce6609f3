#include "storage/api/storage.h"

#include "storage/clock.h"
#include "storage/open_library.h"
#include "storage/sqlite_database.h"
#include "storage/storage_thread.h"

namespace sotto::storage {

class Storage::Impl {
public:
    IdGenerator ids;  // first: the database refers to it
    OpenReport report;
    std::unique_ptr<StorageThread> thread;
};

Result<std::unique_ptr<Storage>> Storage::open(StorageOptions options) {
    SOTTO_ASSIGN(OpenedLibrary library, openLibrary(options, libraryMigrations()));
    auto impl = std::make_unique<Impl>();
    impl->report = library.report;
    auto database = std::make_unique<SqliteDatabase>(std::move(library), impl->ids);
    impl->thread = std::make_unique<StorageThread>(std::move(database), std::move(options));
    return std::unique_ptr<Storage>(new Storage(std::move(impl)));
}

Storage::Storage(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}

Storage::~Storage() = default;

const OpenReport& Storage::openReport() const { return m_impl->report; }

std::int64_t Storage::newId() { return m_impl->ids.next(); }

void Storage::post(std::function<void(Database&)> command) {
    m_impl->thread->post(std::move(command));
}

void Storage::runAndWait(const std::function<void(Database&)>& command) {
    m_impl->thread->runAndWait(command);
}

}  // namespace sotto::storage

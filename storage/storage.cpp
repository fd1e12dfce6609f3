#include "storage/api/storage.h"

#include "storage/clock.h"
#include "storage/library_check.h"
#include "storage/open_library.h"
#include "storage/sqlite_database.h"
#include "storage/storage_thread.h"

namespace sotto::storage {

class Storage::Impl {
public:
    std::filesystem::path path;
    IdGenerator ids;  // first: the database refers to it
    OpenReport report;
    std::unique_ptr<StorageThread> thread;
    std::unique_ptr<LibraryCheck> check;  // goes first: it reads what the thread closes
};

Result<std::unique_ptr<Storage>> Storage::open(StorageOptions options) {
    SOTTO_ASSIGN(OpenedLibrary library, openLibrary(options, libraryMigrations()));
    auto impl = std::make_unique<Impl>();
    impl->path = options.path;
    impl->report = library.report;
    auto database = std::make_unique<SqliteDatabase>(std::move(library), impl->ids);
    if (impl->report.wasUncleanClose && options.onCheckFinished) {
        impl->check = std::make_unique<LibraryCheck>(options, options.onCheckFinished);
    }
    impl->thread = std::make_unique<StorageThread>(std::move(database), std::move(options));
    return std::unique_ptr<Storage>(new Storage(std::move(impl)));
}

Storage::Storage(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}

Storage::~Storage() = default;

const OpenReport& Storage::openReport() const { return m_impl->report; }

std::int64_t Storage::newId() { return m_impl->ids.next(); }

std::int64_t Storage::unsavedBytes() const { return m_impl->thread->unsavedBytes(); }

bool Storage::isWaitingForLock() const { return m_impl->thread->isWaitingForLock(); }

std::int64_t Storage::fileBytes() const { return libraryBytes(m_impl->path); }

void Storage::retryNow(std::function<void(Status)> done) {
    m_impl->thread->retryNow(std::move(done));
}

void Storage::post(std::function<void(Database&)> command, std::function<void(Error)> onDropped) {
    if (m_impl->thread->post(std::move(command)) || !onDropped) return;
    onDropped({ErrorCode::Closed, "The storage is closed: this was not saved.", {}, 0, 0});
}

Error Storage::errorOf(const std::exception& exception) { return commandError(exception); }

void Storage::runAndWait(const std::function<void(Database&)>& command) {
    m_impl->thread->runAndWait(command);
}

}  // namespace sotto::storage

// The other process of the storage tests: streams an answer or moves an index until it is killed,
// holds locks, or opens a library as a user without rights. Not a test by itself.
#include <sqlite3.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <thread>

#include "storage/api/storage.h"
#include "storage/index_move.h"
#include "storage/open_library.h"

#ifndef _WIN32
#include <unistd.h>
#endif

using namespace sotto;
using namespace sotto::storage;

namespace {

constexpr std::chrono::milliseconds kTokenInterval{5};

std::int64_t wallClockMs() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

int failWith(const Error& error) {
    std::printf("%s %s\n", std::string(errorCodeName(error.code)).c_str(), error.message.c_str());
    return 1;
}

// Every token is told on stdout before it is given to the storage: a pipe survives the writer, so
// the test knows what was produced up to the kill. A token is "<number>@<wall clock ms> ".
int stream(const std::string& path) {
    auto storage = Storage::open({.path = path});
    if (!storage) return failWith(storage.error());
    const ChatId chatId = (*storage)->newId();
    const MessageId questionId = (*storage)->newId();
    const MessageId answerId = (*storage)->newId();
    const Status begun = (*storage)->call([&](Database& database) -> Status {
        if (auto chat = database.chats().create({.id = chatId, .title = "killed"}); !chat) {
            return fail(chat.error());
        }
        auto question = database.messages().add(
            {.id = questionId, .chatId = chatId, .content = "question " + std::to_string(chatId)});
        if (!question) return fail(question.error());
        // From here on the message must survive: it was acknowledged.
        std::printf("ready %lld %lld %lld\n", static_cast<long long>(chatId),
                    static_cast<long long>(questionId), static_cast<long long>(answerId));
        std::fflush(stdout);
        auto answer = database.messages().beginAnswer(
            {.id = answerId, .chatId = chatId, .parentId = questionId});
        if (!answer) return fail(answer.error());
        return {};
    });
    if (!begun) return failWith(begun.error());
    for (int number = 0;; ++number) {
        const std::string token =
            std::to_string(number) + "@" + std::to_string(wallClockMs()) + " ";
        std::printf("%s\n", token.c_str());
        std::fflush(stdout);
        (*storage)->post([answerId, token](Database& database) {
            (void)database.messages().appendAnswer(answerId, token, "");
        });
        std::this_thread::sleep_for(kTokenInterval);
    }
}

// Holds the file until stdin is closed.
int holdLock(const std::string& path, const char* sql) {
    sqlite3* handle = nullptr;
    if (sqlite3_open(path.c_str(), &handle) != SQLITE_OK) return 1;
    if (sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return 1;
    std::puts("locked");
    std::fflush(stdout);
    while (std::getchar() != EOF) {
    }
    sqlite3_close(handle);
    return 0;
}

// Waits for a line, so that several begin in the same moment; then a first start with a chat.
int firstStart(const std::string& path) {
    std::puts("ready");
    std::fflush(stdout);
    while (std::getchar() != '\n') {
    }
    const auto storage = Storage::open({.path = path});
    if (!storage) return failWith(storage.error());
    const auto chat = (*storage)->call(
        [](Database& database) { return database.chats().create({.title = "first"}); });
    if (!chat) return failWith(chat.error());
    std::puts("opened");
    return 0;
}

// Moves the search index without a pause until it is killed; a line for each slice that is done.
int moveIndex(const std::string& path) {
    auto library = openLibrary({.path = path}, libraryMigrations());
    if (!library) return failWith(library.error());
    IndexMove move(library->connection);
    std::puts("ready");
    std::fflush(stdout);
    while (true) {
        const Result<bool> hasMore = move.next();
        if (!hasMore) return failWith(hasMore.error());
        std::puts("slice");
        std::fflush(stdout);
        if (!*hasMore) std::this_thread::sleep_for(kTokenInterval);
    }
}

int openUnprivileged(const std::string& path) {
#ifndef _WIN32
    constexpr uid_t kNobody = 65534;
    if (getuid() == 0 && setuid(kNobody) != 0) return 1;
#endif
    const auto storage = Storage::open({.path = path});
    if (!storage) return failWith(storage.error());
    std::puts("opened");
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    const std::string command = argv[1];
    if (command == "stream") return stream(argv[2]);
    // Exclusive locking mode keeps even readers of a WAL file out.
    if (command == "lock") {
        return holdLock(argv[2], "PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE;");
    }
    if (command == "write-lock") return holdLock(argv[2], "BEGIN IMMEDIATE;");
    if (command == "first-start") return firstStart(argv[2]);
    if (command == "move-index") return moveIndex(argv[2]);
    if (command == "open-unprivileged") return openUnprivileged(argv[2]);
    return 2;
}

#include <QElapsedTimer>
#include <QTest>
#include <algorithm>
#include <set>
#include <thread>

#include "storage/api/storage.h"
#include "tests/storage/library_fixture.h"

using namespace sotto;
using namespace sotto::storage;

class StorageThreadTest : public QObject {
    Q_OBJECT
private slots:
    void commands_runInOrderOnOneThread() {
        auto storage = Storage::open(StorageOptions::inMemory());
        VERIFY_OK(storage);
        const auto chat = (*storage)->call(
            [](Database& database) { return database.chats().create({.title = "chat"}); });
        VERIFY_OK(chat);
        std::vector<int> order;  // touched by the storage thread until call() returns
        std::thread::id threadId;
        for (int number = 0; number < 200; ++number) {
            (*storage)->submit(
                [id = chat->id, number](Database& database) {
                    return database.chats().rename(id, "title " + std::to_string(number));
                },
                [&order, &threadId, number](Status status) {
                    if (status) order.push_back(number);
                    threadId = std::this_thread::get_id();
                });
        }
        const auto last =
            (*storage)->call([&](Database& database) { return database.chats().get(chat->id); });
        QCOMPARE(last->title, std::string("title 199"));
        QCOMPARE(order.size(), std::size_t{200});
        QVERIFY(std::is_sorted(order.begin(), order.end()));
        QVERIFY(threadId != std::this_thread::get_id());
    }

    void newId_isUniqueAcrossThreads() {
        auto storage = Storage::open(StorageOptions::inMemory());
        VERIFY_OK(storage);
        std::vector<std::vector<std::int64_t>> made(4);
        {
            std::vector<std::jthread> threads;
            for (auto& ids : made) {
                threads.emplace_back([&ids, &storage] {
                    for (int count = 0; count < 5000; ++count) ids.push_back((*storage)->newId());
                });
            }
        }
        std::set<std::int64_t> all;
        for (const auto& ids : made) all.insert(ids.begin(), ids.end());
        QCOMPARE(all.size(), std::size_t{20000});
    }

    void destroying_runsTheQueueAndKeepsOpenAnswers() {
        QTemporaryDir folder;
        const StorageOptions options{.path = fileIn(folder)};
        MessageId answerId = 0;
        ChatId chatId = 0;
        {
            auto storage = Storage::open(options);
            VERIFY_OK(storage);
            chatId = (*storage)->newId();
            answerId = (*storage)->newId();
            (*storage)->post([=](Database& database) {
                (void)database.chats().create({.id = chatId, .title = "chat"});
                (void)database.messages().beginAnswer({.id = answerId, .chatId = chatId});
            });
            for (int count = 0; count < 100; ++count) {
                (*storage)->post([=](Database& database) {
                    (void)database.messages().appendAnswer(answerId, "word ", "");
                });
            }
        }
        auto storage = Storage::open(options);
        VERIFY_OK(storage);
        QVERIFY(!(*storage)->openReport().wasUncleanClose);
        const auto path = (*storage)->call(
            [&](Database& database) { return database.messages().loadPath(chatId); });
        QCOMPARE(path->at(0).content.size(), std::size_t{500});
        QVERIFY(path->at(0).state == MessageState::Stopped);
    }

    // The promise behind the one second: without any further command the text reaches the file.
    void appendedText_isWrittenByTheTimer() {
        QTemporaryDir folder;
        auto storage = Storage::open({.path = fileIn(folder)});
        VERIFY_OK(storage);
        const auto chat = (*storage)->call(
            [](Database& database) { return database.chats().create({.title = "chat"}); });
        const auto answer = (*storage)->call([&](Database& database) {
            return database.messages().beginAnswer({.chatId = chat->id});
        });
        VERIFY_OK(answer);
        (*storage)->post([id = answer->id](Database& database) {
            (void)database.messages().appendAnswer(id, "on its own", "");
        });
        auto reader = Connection::open({.path = fileIn(folder), .mode = OpenMode::ReadOnly});
        VERIFY_OK(reader);
        const auto stored = [&] {
            return *reader->queryInteger(
                "SELECT count(*) FROM answer_chunks"
                " WHERE content = 'on its own'");
        };
        QTRY_COMPARE_WITH_TIMEOUT(stored(), std::int64_t{1}, 10000);
    }

    void call_ofAFailingOperationGivesItsError() {
        auto storage = Storage::open(StorageOptions::inMemory());
        VERIFY_OK(storage);
        VERIFY_FAILS((*storage)->call([](Database& database) { return database.chats().get(1); }),
                     ErrorCode::NotFound);
    }

    // Who waits for a command must never wait for ever.
    void aThrowingCommand_endsAloneAndItsCallerIsTold() {
        auto storage = Storage::open(StorageOptions::inMemory());
        VERIFY_OK(storage);
        std::vector<ErrorCode> told;  // touched by the storage thread until call() returns
        const auto tell = [&told](const Status& status) { told.push_back(status.error().code); };
        (*storage)->submit([](Database&) -> Status { throw std::bad_alloc(); }, tell);
        (*storage)->submit([](Database&) -> Status { throw std::runtime_error("defect"); }, tell);
        VERIFY_FAILS((*storage)->call([](Database&) -> Status { throw std::bad_alloc(); }),
                     ErrorCode::OutOfMemory);
        VERIFY_OK((*storage)->call([](Database& db) { return db.chats().create({.title = "x"}); }));
        QCOMPARE(told, (std::vector{ErrorCode::OutOfMemory, ErrorCode::Internal}));
    }

    void aThrowingPost_isTold() {
        std::atomic<int> nErrors{0};
        StorageOptions options = StorageOptions::inMemory();
        options.onBackgroundError = [&](const Error& error) {
            if (error.code == ErrorCode::OutOfMemory) ++nErrors;
        };
        auto storage = Storage::open(options);
        VERIFY_OK(storage);
        (*storage)->post([](Database&) { throw std::bad_alloc(); });
        VERIFY_OK((*storage)->call([](Database& db) { return db.chats().create({.title = "x"}); }));
        QCOMPARE(nErrors.load(), 1);
    }

    // Also one that another command's end submits while the storage closes.
    void destroying_callsEveryDone() {
        std::atomic<int> nDone{0};
        {
            auto storage = Storage::open(StorageOptions::inMemory());
            VERIFY_OK(storage);
            Storage* borrowed = storage->get();
            for (int count = 0; count < 50; ++count) {
                borrowed->submit([](Database&) -> Status { return {}; },
                                 [&nDone, borrowed](Status) {
                                     ++nDone;
                                     borrowed->submit([](Database&) -> Status { return {}; },
                                                      [&nDone](Status) { ++nDone; });
                                 });
            }
        }
        QCOMPARE(nDone.load(), 100);
    }

    void fileBytes_growWithTheContent() {
        QTemporaryDir folder;
        auto storage = Storage::open({.path = fileIn(folder)});
        VERIFY_OK(storage);
        const std::int64_t before = (*storage)->fileBytes();
        QVERIFY(before > 0);
        VERIFY_OK((*storage)->call(
            [](Database& db) { return db.chats().create({.title = std::string(100000, 'x')}); }));
        QVERIFY((*storage)->fileBytes() >= before + 100000);
        auto inMemory = Storage::open(StorageOptions::inMemory());
        QCOMPARE((*inMemory)->fileBytes(), std::int64_t{0});
    }

    void inMemory_databasesAreSeparateAndLeaveNoFile() {
        auto first = Storage::open(StorageOptions::inMemory());
        auto second = Storage::open(StorageOptions::inMemory());
        VERIFY_OK(first);
        VERIFY_OK(second);
        VERIFY_OK((*first)->call([](Database& db) { return db.chats().create({.title = "x"}); }));
        const auto chats = (*second)->call([](Database& db) { return db.chats().list(); });
        QCOMPARE(chats->size(), std::size_t{0});
        QVERIFY(!std::filesystem::exists(":memory:"));
        QVERIFY(!std::filesystem::exists(":memory:.lock"));
    }

    void open_ofAMissingFolderSaysSo() {
        QTemporaryDir folder;
        VERIFY_FAILS(Storage::open({.path = fileIn(folder, "missing/sotto.db")}),
                     ErrorCode::NotFound);
    }
};

QTEST_APPLESS_MAIN(StorageThreadTest)
#include "storage_thread_test.moc"

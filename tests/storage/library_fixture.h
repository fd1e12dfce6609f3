// What the storage tests share: a library in a folder of its own, and failures as readable text.
#pragma once

#include <QTemporaryDir>
#include <QTest>
#include <filesystem>
#include <memory>
#include <string>

#include "storage/clock.h"
#include "storage/open_library.h"
#include "storage/sqlite_database.h"

inline std::string describe(const sotto::Error& error) {
    return std::string(sotto::errorCodeName(error.code)) + ": " + error.message + " [" +
           error.context + "]";
}

// Fails the test with the error's own words.
#define VERIFY_OK(expression)                                                     \
    do {                                                                          \
        const auto& verified = (expression);                                      \
        QVERIFY2(verified.has_value(),                                            \
                 verified.has_value() ? "" : describe(verified.error()).c_str()); \
    } while (false)

#define VERIFY_FAILS(expression, expectedCode)                                                 \
    do {                                                                                       \
        const auto& verified = (expression);                                                   \
        QVERIFY2(!verified.has_value(), "succeeded where it must fail");                       \
        QVERIFY2(verified.error().code == (expectedCode), describe(verified.error()).c_str()); \
        QVERIFY(!verified.error().message.empty());                                            \
    } while (false)

// A database without its thread: opened, closed and opened again at will.
class LibraryFixture {
public:
    explicit LibraryFixture(std::filesystem::path file) { options.path = std::move(file); }

    sotto::Status open() {
        database.reset();
        auto library = sotto::storage::openLibrary(options, sotto::storage::libraryMigrations());
        if (!library) return sotto::fail(library.error());
        database = std::make_unique<sotto::storage::SqliteDatabase>(std::move(*library), ids);
        return {};
    }
    sotto::storage::SqliteDatabase* operator->() { return database.get(); }

    // A chat with one message of the user; returns {chat, message}.
    std::pair<sotto::storage::ChatId, sotto::storage::MessageId> chatWithMessage(
        const std::string& text) {
        const auto chat = database->chats().create({.title = "A chat"});
        const auto message = database->messages().add({.chatId = chat->id, .content = text});
        return {chat->id, message->id};
    }

    sotto::storage::StorageOptions options;
    sotto::storage::IdGenerator ids;
    std::unique_ptr<sotto::storage::SqliteDatabase> database;
};

inline LibraryFixture memoryLibrary() { return LibraryFixture(":memory:"); }

inline std::filesystem::path fileIn(const QTemporaryDir& folder, const char* name = "sotto.db") {
    return std::filesystem::path(folder.path().toStdString()) / name;
}

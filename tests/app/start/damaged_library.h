// A library in a folder of its own, damaged in the middle as a bad disk damages it.
#pragma once

#include <QFile>
#include <QtTest>
#include <filesystem>
#include <string>

#include "storage/api/storage.h"

namespace sotto::app {

constexpr int kChats = 12;
constexpr qsizetype kPageBytes = 4096;

// Twelve chats of ten messages; long ones, so that each stands on pages of its own.
inline void makeLibrary(const std::filesystem::path& file) {
    storage::StorageOptions options;
    options.path = file;
    const auto library = storage::Storage::open(std::move(options));
    QVERIFY(library.has_value());
    const Status filled = (*library)->call([](storage::Database& database) -> Status {
        for (int chat = 0; chat < kChats; ++chat) {
            SOTTO_ASSIGN(const storage::ChatSummary made,
                         database.chats().create({.title = "Chat " + std::to_string(chat)}));
            storage::MessageId parent = 0;
            for (int number = 0; number < 10; ++number) {
                storage::NewMessage message;
                message.chatId = made.id;
                message.parentId = parent;
                message.content =
                    "message " + std::to_string(number) + " " + std::string(3000, 'a' + number);
                SOTTO_ASSIGN(const storage::MessageRecord added, database.messages().add(message));
                parent = added.id;
            }
        }
        return {};
    });
    QVERIFY(filled.has_value());
}

// Overwrites pages in the middle, and the header, so that no SQLite opens it.
inline void damage(const std::filesystem::path& path, int nPages) {
    QFile file(QString::fromStdString(path.string()));
    QVERIFY(file.open(QIODevice::ReadWrite));
    const qint64 nAll = file.size() / kPageBytes;
    for (int page = 0; page < nPages; ++page) {
        QVERIFY(file.seek((nAll / 2 + page) * kPageBytes));
        QCOMPARE(file.write(QByteArray(kPageBytes, '\xAA')), kPageBytes);
    }
    QVERIFY(file.seek(0));
    QCOMPARE(file.write("not a database!!"), 16);
}

inline storage::StorageOptions optionsOf(const std::filesystem::path& file) {
    storage::StorageOptions options;
    options.path = file;
    return options;
}

}  // namespace sotto::app

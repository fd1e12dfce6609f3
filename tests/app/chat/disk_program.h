// The program of chat_program.h on a disk that fills up when the test says so. Wants
// tests/support/failing_vfs.cpp and SQLite in its test.
#pragma once

#include <QFile>
#include <QTemporaryDir>

#include "tests/app/chat/chat_program.h"
#include "tests/support/failing_vfs.h"

namespace sotto::app {

struct FailingDisk {
    static storage::StorageOptions options(const QTemporaryDir& folder, const FailingVfs& vfs) {
        storage::StorageOptions options;
        options.path = folder.filePath(QStringLiteral("sotto.db")).toStdString();
        options.vfs = vfs.name();
        return options;
    }

    QTemporaryDir folder;
    FailingVfs vfs{"disk-program"};
};

// The disk is a base, so that it is there before the program and goes after it.
struct DiskProgram : FailingDisk, Program {
    explicit DiskProgram(FakeScript script = {})
        : Program(std::move(script), true, options(folder, vfs)) {}

    void fill() { vfs.failFrom(1, FailingVfs::Kind::DiskFull); }
    void heal() {
        vfs.heal();
        facade->health()->tryAgain();
    }
    // What is on the disk now, as a kill would leave it; the log behind the file may be missing.
    bool copyTo(const QTemporaryDir& other) {
        static_cast<void>(this->disk->call(
            [](storage::Database& database) { return database.messages().flushAnswers(); }));
        const auto copy = [&](const QString& name) {
            return QFile::copy(folder.filePath(name), other.filePath(name));
        };
        const bool isCopied = copy(QStringLiteral("sotto.db"));
        copy(QStringLiteral("sotto.db-wal"));
        return isCopied;
    }
    // A chat with one question and its answer.
    void talk() {
        QTRY_VERIFY(chat().canSend());
        chat().send(QStringLiteral("go"));
        QTRY_VERIFY(isIdle() && rows() == 2);
        QTRY_COMPARE(stored().size(), std::size_t{2});
        QTRY_COMPARE(stored()[1].state, storage::MessageState::Done);
    }
};

}  // namespace sotto::app

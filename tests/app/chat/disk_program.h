// The program of chat_program.h on a disk that fills up when the test says so. Wants
// tests/support/failing_vfs.cpp and SQLite in its test.
#pragma once

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

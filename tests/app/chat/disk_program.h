// The whole program without its window, on a disk that can be told to fail.
#pragma once

#include <QTemporaryDir>

#include "tests/app/chat/chat_program.h"
#include "tests/support/failing_vfs.h"

namespace sotto::app {

// A program on a disk that fills up when the test says so.
struct DiskProgram {
    explicit DiskProgram(FakeScript script = {})
        : program(std::move(script), true, options(folder, vfs)) {}

    static storage::StorageOptions options(const QTemporaryDir& folder, const FailingVfs& vfs) {
        storage::StorageOptions options;
        options.path = folder.filePath(QStringLiteral("sotto.db")).toStdString();
        options.vfs = vfs.name();
        return options;
    }
    void fill() { vfs.failFrom(1, FailingVfs::Kind::DiskFull); }
    void heal() {
        vfs.heal();
        program.facade->health()->tryAgain();
    }
    // A chat with one question and its answer.
    void talk() {
        QTRY_VERIFY(program.chat().canSend());
        program.chat().send(QStringLiteral("go"));
        QTRY_VERIFY(program.isIdle() && program.rows() == 2);
        QTRY_COMPARE(program.stored().size(), std::size_t{2});
        QTRY_COMPARE(program.stored()[1].state, storage::MessageState::Done);
    }

    QTemporaryDir folder;
    FailingVfs vfs{"lost-words"};
    Program program;
};

}  // namespace sotto::app

// One holder at a time. What happens when a holder is killed is in
// tests/app/system/single_instance_test.cpp.
#include "base/file_lock.h"

#include <QtTest/QtTest>

#include <QTemporaryDir>
#include <filesystem>
#include <string>
#include <utility>

#include "tests/support/golden_files.h"

using namespace sotto;
namespace fs = std::filesystem;

class FileLockTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    fs::path at(const char* name) const { return fs::path(m_folder.path().toStdString()) / name; }

private slots:
    void tryTake_hasOneHolder() {
        auto first = FileLock::tryTake(at("lock"));
        QVERIFY(first && *first);
        const auto second = FileLock::tryTake(at("lock"));
        QVERIFY(second && !*second);
        const auto other = FileLock::tryTake(at("other"));
        QVERIFY(other && *other);
        // A loser that goes away takes nothing with it.
        QVERIFY(!*FileLock::tryTake(at("lock")));
        {
            const FileLock moved(std::move(**first));
            QVERIFY(!*FileLock::tryTake(at("lock")));
        }
        const auto third = FileLock::tryTake(at("lock"));
        QVERIFY(third && *third);
    }

    void tryTake_keepsItsFileForThisUser() {
        const auto lock = FileLock::tryTake(at("private"));
        QVERIFY(lock && *lock);
#ifndef _WIN32
        QVERIFY(fs::status(at("private")).permissions() ==
                (fs::perms::owner_read | fs::perms::owner_write));
#endif
    }

    void lastHolder_isTheProcess() {
        {
            const auto lock = FileLock::tryTake(at("named"));
            QVERIFY(lock && *lock);
        }
        QCOMPARE(FileLock::lastHolder(at("named")),
                 std::to_string(QCoreApplication::applicationPid()));
        QCOMPARE(FileLock::lastHolder(at("none")), std::string());
        const std::string text = "<b>x</b>";
        std::vector<std::byte> bytes(text.size());
        std::memcpy(bytes.data(), text.data(), text.size());
        QVERIFY(test::writeBytes(at("foreign"), bytes));
        QCOMPARE(FileLock::lastHolder(at("foreign")), std::string());
    }

    void tryTake_namesWhatIsWrong() {
        const auto missing = FileLock::tryTake(at("no") / "folder");
        QVERIFY(!missing);
        QCOMPARE(missing.error().code, ErrorCode::FileNotFound);
        fs::create_directory(at("folder"));
        QVERIFY(!FileLock::tryTake(at("folder")));
    }
};

QTEST_APPLESS_MAIN(FileLockTest)
#include "file_lock_test.moc"

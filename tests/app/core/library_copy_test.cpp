#include "app/core/library_copy.h"

#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <iterator>
#ifdef Q_OS_UNIX
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#endif

using namespace sotto;
using namespace sotto::app;
namespace fs = std::filesystem;

namespace {

constexpr const char* kName = "sotto-copy-0123456789abcdef";

void write(const fs::path& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

std::string contentOf(const fs::path& path) {
    std::string text;
    std::getline(std::ifstream(path, std::ios::binary), text);
    return text;
}

// As a run that was killed leaves it.
fs::path makeLeft(const fs::path& parent, const char* name = kName) {
    const fs::path folder = parent / name;
    fs::create_directories(folder);
    fs::permissions(folder, fs::perms::owner_all);
    write(folder / "copy.lock", "1");
    write(folder / "sotto.db", "chats");
    return folder;
}

}  // namespace

class LibraryCopyTest : public QObject {
    Q_OBJECT
private slots:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_home = m_folder->path().toStdString();
        m_runtime = m_home / "runtime";
        fs::create_directory(m_runtime);
        write(m_home / "sotto.db", "chats");
    }

    // What a session without its own folder (su, a container) or a full one finds.
    void copy_isMadeInTheNextFolderWhereTheFirstTakesNone() {
        for (const std::string& runtime : {(m_home / "not there").string(), std::string("here")}) {
            const auto copy =
                LibraryCopy::make(m_home / "sotto.db", [&](const char*) { return runtime; });
            QVERIFY(copy.has_value());
            QVERIFY(copy->database().is_absolute());
            QCOMPARE(contentOf(copy->database()), std::string("chats"));
        }
    }

    void copy_goesWithItsOwner() {
        {
            auto copy = LibraryCopy::make(m_home / "sotto.db", environment());
            QVERIFY(copy.has_value());
            const LibraryCopy moved = std::move(*copy);
            QCOMPARE(nInRuntime(), 1);
            QCOMPARE(contentOf(moved.database()), std::string("chats"));
        }
        QCOMPARE(nInRuntime(), 0);
    }

    void sweep_leavesTheCopyOfALivingRun() {
        const auto copy = LibraryCopy::make(m_home / "sotto.db", environment());
        LibraryCopy::sweep(environment());
        QCOMPARE(contentOf(copy->database()), std::string("chats"));
    }

    void sweep_removesTheCopyOfAKilledRun() {
#ifdef Q_OS_UNIX
        const pid_t child = ::fork();
        QVERIFY(child >= 0);
        if (child == 0) {
            const auto copy = LibraryCopy::make(m_home / "sotto.db", environment());
            ::kill(::getpid(), copy ? SIGKILL : SIGTERM);
        }
        int status = 0;
        QCOMPARE(::waitpid(child, &status, 0), child);
        QVERIFY(WIFSIGNALED(status));
        QCOMPARE(WTERMSIG(status), SIGKILL);
        QCOMPARE(nInRuntime(), 1);
        LibraryCopy::sweep(environment());
        QCOMPARE(nInRuntime(), 0);
#else
        QSKIP("killed on POSIX");
#endif
    }

    // One that was killed before it had a lock left nothing in its folder.
    void sweep_removesAnEmptyFolder() {
        fs::create_directory(m_runtime / kName);
        fs::permissions(m_runtime / kName, fs::perms::owner_all);
        LibraryCopy::sweep(environment());
        QCOMPARE(nInRuntime(), 0);
    }

    void sweep_leavesWhatIsNoCopy_data() {
        QTest::addColumn<QString>("name");
        QTest::newRow("too short") << QStringLiteral("sotto-copy-0123456789abcde");
        QTest::newRow("too long") << QStringLiteral("sotto-copy-0123456789abcdef0");
        QTest::newRow("other digits") << QStringLiteral("sotto-copy-0123456789ABCDEF");
        QTest::newRow("another's") << QStringLiteral("other-copy-0123456789abcdef");
    }
    void sweep_leavesWhatIsNoCopy() {
        QFETCH(QString, name);
        const fs::path left = makeLeft(m_runtime, qPrintable(name));
        LibraryCopy::sweep(environment());
        QCOMPARE(contentOf(left / "sotto.db"), std::string("chats"));
    }

    void sweep_leavesAFolderWithoutALock() {
        const fs::path left = makeLeft(m_runtime);
        fs::remove(left / "copy.lock");
        LibraryCopy::sweep(environment());
        QCOMPARE(contentOf(left / "sotto.db"), std::string("chats"));
    }

    void sweep_followsNoLink() {
#ifdef Q_OS_UNIX
        // To a folder elsewhere that looks like a copy; and out of a copy.
        const fs::path elsewhere = makeLeft(m_home / "elsewhere");
        fs::create_directory_symlink(elsewhere, m_runtime / "sotto-copy-fedcba9876543210");
        const fs::path left = makeLeft(m_runtime);
        fs::create_directory_symlink(m_home / "elsewhere", left / "out");
        fs::create_symlink(m_home / "sotto.db", left / "sotto.db-wal");
        // And one whose lock is a link.
        const fs::path linked = makeLeft(m_runtime, "sotto-copy-0000000000000000");
        fs::remove(linked / "copy.lock");
        fs::create_symlink(elsewhere / "copy.lock", linked / "copy.lock");
        LibraryCopy::sweep(environment());
        QVERIFY(!fs::exists(left));
        QCOMPARE(contentOf(elsewhere / "sotto.db"), std::string("chats"));
        QCOMPARE(contentOf(m_home / "sotto.db"), std::string("chats"));
        QCOMPARE(contentOf(linked / "sotto.db"), std::string("chats"));
        QVERIFY(fs::is_symlink(m_runtime / "sotto-copy-fedcba9876543210"));
#else
        QSKIP("links are made on POSIX");
#endif
    }

    void sweep_leavesAFolderThatOthersMayEnter() {
#ifdef Q_OS_UNIX
        const fs::path left = makeLeft(m_runtime);
        fs::permissions(left, fs::perms::owner_all | fs::perms::others_exec);
        LibraryCopy::sweep(environment());
        QCOMPARE(contentOf(left / "sotto.db"), std::string("chats"));
#else
        QSKIP("rights are tested on POSIX");
#endif
    }

    // Only root can make what is somebody else's.
    void sweep_leavesWhatBelongsToAnotherUser() {
#ifdef Q_OS_UNIX
        const fs::path left = makeLeft(m_runtime);
        if (::chown(left.c_str(), 65534, 65534) != 0) QSKIP("needs root");
        LibraryCopy::sweep(environment());
        QCOMPARE(contentOf(left / "sotto.db"), std::string("chats"));
#else
        QSKIP("owners are tested on POSIX");
#endif
    }

private:
    Environment environment() const {
        return [runtime = m_runtime.string()](const char* name) {
            return std::string(name) == "XDG_RUNTIME_DIR" ? runtime : std::string();
        };
    }
    int nInRuntime() const {
        return static_cast<int>(std::distance(fs::directory_iterator(m_runtime), {}));
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    fs::path m_home;
    fs::path m_runtime;
};

QTEST_APPLESS_MAIN(LibraryCopyTest)
#include "library_copy_test.moc"

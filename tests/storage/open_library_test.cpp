// Opening what should not be there: damaged, foreign, locked and unwritable files.
#include "storage/open_library.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTest>
#include <atomic>
#include <future>
#include <random>

#include "tests/storage/library_fixture.h"
#include "tests/storage/test_files.h"

using namespace sotto;
using namespace sotto::storage;

namespace {

QString child() { return QStringLiteral(SOTTO_STORAGE_CHILD); }

// A library of some size: ten chats with ten messages each, some longer than a page.
QByteArray wholeLibrary() {
    QTemporaryDir folder;
    {
        LibraryFixture library(fileIn(folder));
        if (!library.open()) return {};
        for (int chatIndex = 0; chatIndex < 10; ++chatIndex) {
            auto [chatId, parent] = library.chatWithMessage("first message");
            for (int count = 0; count < 9; ++count) {
                const std::string text =
                    "message " + std::to_string(count) + std::string(700u * count, 'z');
                parent = library->messages()
                             .add({.chatId = chatId, .parentId = parent, .content = text})
                             ->id;
            }
        }
    }
    return contentOf(fileIn(folder));
}

}  // namespace

class OpenLibraryTest : public QObject {
    Q_OBJECT
private slots:
    void initTestCase() {
        m_whole = wholeLibrary();
        QVERIFY(m_whole.size() > 100000);
    }

    void open_ofGarbageLeavesItAndSaysSo_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("text") << QByteArray("this is not a database\n").repeated(50);
        QTest::newRow("zeros") << QByteArray(8192, '\0');
        QTest::newRow("one byte") << QByteArray("x");
        QTest::newRow("header only") << m_whole.left(100);
        QTest::newRow("first page only") << m_whole.left(4096);
    }
    void open_ofGarbageLeavesItAndSaysSo() {
        QFETCH(QByteArray, bytes);
        QTemporaryDir folder;
        writeFile(fileIn(folder), bytes);
        LibraryFixture library(fileIn(folder));
        const Status status = library.open();
        if (status) {
            // Only a check can tell that pages are missing; then each use must say so.
            const auto chats = library->chats().list(false);
            QVERIFY(!chats.has_value() || chats->empty());
            library.database.reset();
        } else {
            QVERIFY2(status.error().code == ErrorCode::DatabaseDamaged,
                     describe(status.error()).c_str());
            QVERIFY(status.error().message.find(fileIn(folder).string()) != std::string::npos);
        }
        QCOMPARE(contentOf(fileIn(folder)), bytes);
    }

    void open_ofAnEmptyFileStartsANewLibrary() {
        QTemporaryDir folder;
        writeFile(fileIn(folder), {});
        LibraryFixture library(fileIn(folder));
        VERIFY_OK(library.open());
        QVERIFY(library->report().isNew);
    }

    // Whatever bytes are damaged: no crash, no hang, an answer or an error for every call, and what
    // can be read is read.
    void damagedBytes_neverCrashAndKeepTheRestReadable() {
        std::mt19937 random(20261120);
        int nOpened = 0;
        int nMessagesRead = 0;
        for (int round = 0; round < 150; ++round) {
            QTemporaryDir folder;
            QByteArray bytes = m_whole;
            const int nDamages = 1 + static_cast<int>(random() % 8);
            for (int count = 0; count < nDamages; ++count) {
                const auto place = static_cast<qsizetype>(random() % bytes.size());
                const auto length = std::min<qsizetype>(random() % 400, bytes.size() - place);
                for (qsizetype at = place; at < place + length; ++at) {
                    bytes[at] = static_cast<char>(random());
                }
            }
            writeFile(fileIn(folder), bytes);
            // As after a crash: the file is checked when it is opened.
            LibraryFixture library(fileIn(folder));
            if (const Status status = library.open(); !status) {
                QVERIFY2(!status.error().message.empty(), describe(status.error()).c_str());
                continue;
            }
            ++nOpened;
            if (const auto chats = library->chats().list(false)) {
                for (const ChatSummary& chat : *chats) {
                    const auto path = library->messages().loadPath(chat.id);
                    if (path) nMessagesRead += static_cast<int>(path->size());
                }
            }
            (void)library->search({.text = "message"});
            (void)library->search({.text = "zz"});
            (void)library->chats().create({.title = "still usable?"});
        }
        // A few hundred damaged bytes in 200 pages: most libraries open and most rows are there.
        QVERIFY2(nOpened > 100, std::to_string(nOpened).c_str());
        QVERIFY2(nMessagesRead > nOpened * 50, std::to_string(nMessagesRead).c_str());
    }

    void damagedMessagePage_hidesOnlyItsOwnRows() {
        QTemporaryDir folder;
        const std::string marker(6000, 'M');  // on overflow pages of its own
        ChatId chatId = 0;
        {
            LibraryFixture library(fileIn(folder));
            VERIFY_OK(library.open());
            auto [chat, parent] = library.chatWithMessage("before");
            chatId = chat;
            const auto damaged = library->messages().add(
                {.chatId = chat, .parentId = parent, .content = "start " + marker});
            VERIFY_OK(library->messages().add(
                {.chatId = chat, .parentId = damaged->id, .content = "after"}));
        }
        QByteArray bytes = contentOf(fileIn(folder));
        // The overflow chain's next-page number stands at the start of its first page: point it
        // nowhere.
        const qsizetype place = bytes.indexOf(QByteArray(4000, 'M'));
        QVERIFY(place > 0);
        const qsizetype page = place / 4096 + 1;
        for (int at = 0; at < 4; ++at) bytes[page * 4096 + at] = '\x7f';
        writeFile(fileIn(folder), bytes);

        LibraryFixture library(fileIn(folder));
        VERIFY_OK(library.open());
        const auto path = library->messages().loadPath(chatId);
        VERIFY_OK(path);
        QCOMPARE(path->size(), std::size_t{3});
        QCOMPARE(path->at(0).content, std::string("before"));
        QCOMPARE(path->at(2).content, std::string("after"));
    }

    // The window does not wait for the check of a big file.
    void open_afterAnUncleanCloseIsCheckedBehindIt_data() {
        QTest::addColumn<bool>("isDamaged");
        QTest::newRow("whole") << false;
        QTest::newRow("damaged") << true;
    }
    void open_afterAnUncleanCloseIsCheckedBehindIt() {
        QFETCH(bool, isDamaged);
        QTemporaryDir folder;
        QByteArray bytes = m_whole;
        // The last page, which holds text of the last chat.
        if (isDamaged) bytes.replace(bytes.size() - 4096, 4096, QByteArray(4096, '\x55'));
        writeFile(fileIn(folder), bytes);
        writeFile(fileIn(folder, "sotto.db-wal"), QByteArray(64, 'w'));  // left by a kill
        std::promise<Status> finished;
        StorageOptions options{.path = fileIn(folder)};
        options.onCheckFinished = [&](Status status) { finished.set_value(std::move(status)); };
        auto storage = Storage::open(options);
        VERIFY_OK(storage);
        QVERIFY((*storage)->openReport().wasUncleanClose);
        const Status status = finished.get_future().get();
        QCOMPARE(status.has_value(), !isDamaged);
        if (isDamaged) QVERIFY(status.error().code == ErrorCode::DatabaseDamaged);
    }

    void open_afterAnOrderlyCloseIsNotChecked() {
        QTemporaryDir folder;
        writeFile(fileIn(folder), m_whole);
        StorageOptions options{.path = fileIn(folder)};
        options.onCheckFinished = [](const Status&) { QFAIL("checked"); };
        auto storage = Storage::open(options);
        VERIFY_OK(storage);
        QVERIFY(!(*storage)->openReport().wasUncleanClose);
    }

    void closing_endsTheCheck() {
        QTemporaryDir folder;
        writeFile(fileIn(folder), m_whole);
        writeFile(fileIn(folder, "sotto.db-wal"), QByteArray(64, 'w'));
        std::atomic<int> nTold{0};
        StorageOptions options{.path = fileIn(folder)};
        options.onCheckFinished = [&](const Status&) { ++nTold; };
        VERIFY_OK(Storage::open(options));
        QVERIFY(nTold <= 1);
    }

    // Two windows started by one impatient double click: both have the library.
    void open_byManyProcessesAtOnceIsOneLibrary() {
        for (int round = 0; round < 5; ++round) {
            QTemporaryDir folder;
            const QString file = QString::fromStdString(fileIn(folder).string());
            std::vector<std::unique_ptr<QProcess>> starts;
            for (int index = 0; index < 5; ++index) {
                starts.push_back(std::make_unique<QProcess>());
                starts.back()->start(child(), {"first-start", file});
                QVERIFY(starts.back()->waitForReadyRead(20000));
                QCOMPARE(starts.back()->readLine().trimmed(), QByteArray("ready"));
            }
            for (auto& start : starts) start->write("go\n");
            for (auto& start : starts) {
                QVERIFY(start->waitForFinished(30000));
                const QByteArray answer = start->readAllStandardOutput().trimmed();
                QVERIFY2(answer == "opened", answer.constData());
            }
            LibraryFixture library(fileIn(folder));
            VERIFY_OK(library.open());
            QCOMPARE(library->chats().list(false)->size(), std::size_t{5});
            const QStringList files = QDir(folder.path()).entryList(QDir::Files);
            QVERIFY2(files.filter("backup").isEmpty(), qPrintable(files.join(' ')));
        }
    }

#ifndef _WIN32
    // Chats are nobody else's business, also where a file came with wider rights.
    void everyFile_isPrivate_data() {
        QTest::addColumn<bool>("isOld");
        QTest::newRow("new") << false;
        QTest::newRow("old, readable by all") << true;
    }
    void everyFile_isPrivate() {
        QFETCH(bool, isOld);
        QTemporaryDir folder;
        const QString data = QStringLiteral(SOTTO_SOURCE_DIR "/tests/storage/data/library-v1.db");
        const auto wide = QFileDevice::Permissions(0x6644);
        if (isOld) {
            QVERIFY(QFile::copy(data, QString::fromStdString(fileIn(folder).string())));
            for (const char* name : {"sotto.db-wal", "sotto.db-shm", "sotto.db.lock",
                                     "sotto.backup-v0-20200101-000000.db"})
                writeFile(fileIn(folder, name), {});
            for (const QString& name : QDir(folder.path()).entryList(QDir::Files))
                QVERIFY(QFile::setPermissions(folder.filePath(name), wide));
        }
        LibraryFixture library(fileIn(folder));
        VERIFY_OK(library.open());
        library.chatWithMessage("private");
        QStringList files = QDir(folder.path()).entryList(QDir::Files);
        QVERIFY(files.contains("sotto.db-wal") && files.contains("sotto.db-shm"));
        QVERIFY(files.contains("sotto.db.lock"));
        QCOMPARE(files.filter("backup").size(), isOld ? 2 : 0);
        library.database.reset();
        VERIFY_OK(setDatabaseAside(fileIn(folder)));
        files += QDir(folder.path()).entryList(QDir::Files);
        for (const QString& name : files) {
            const QFileDevice::Permissions rights = QFile::permissions(folder.filePath(name));
            QVERIFY2((rights & QFileDevice::Permissions(0x0077)) == 0, qPrintable(name));
        }
    }
#endif

    void setDatabaseAside_keepsEveryByteAndClearsThePlace() {
        QTemporaryDir folder;
        writeFile(fileIn(folder), "broken");
        writeFile(fileIn(folder, "sotto.db-wal"), "journal");
        const auto first = setDatabaseAside(fileIn(folder));
        VERIFY_OK(first);
        QCOMPARE(contentOf(*first), QByteArray("broken"));
        QCOMPARE(contentOf(first->string() + "-wal"), QByteArray("journal"));
        QVERIFY(!std::filesystem::exists(fileIn(folder)));
        QVERIFY(!std::filesystem::exists(fileIn(folder, "sotto.db-wal")));
        // A second one within the same second does not replace the first.
        writeFile(fileIn(folder), "broken too");
        const auto second = setDatabaseAside(fileIn(folder));
        VERIFY_OK(second);
        QCOMPARE(contentOf(*first), QByteArray("broken"));
        QCOMPARE(contentOf(*second), QByteArray("broken too"));
        LibraryFixture library(fileIn(folder));
        VERIFY_OK(library.open());
    }

    void setDatabaseAside_movesTheJournalsWithIt_orNothing() {
        QTemporaryDir folder;
        writeFile(fileIn(folder), "broken");
        writeFile(fileIn(folder, "sotto.db-wal"), "last changes");
        writeFile(fileIn(folder, "sotto.db-journal"), "of its making");
        const auto aside = setDatabaseAside(fileIn(folder));
        VERIFY_OK(aside);
        QCOMPARE(contentOf(aside->string() + "-journal"), QByteArray("of its making"));
        QVERIFY(!std::filesystem::exists(fileIn(folder, "sotto.db-journal")));

#ifdef Q_OS_LINUX
        // So long that the new name of the WAL still fits in 255 bytes, that of the journal not.
        const std::string name(226, 'n');
        for (const char* suffix : {"", "-wal", "-journal"})
            writeFile(fileIn(folder, (name + suffix).c_str()), suffix);
        VERIFY_FAILS(setDatabaseAside(fileIn(folder, name.c_str())), ErrorCode::Io);
        for (const char* suffix : {"", "-wal", "-journal"})
            QCOMPARE(contentOf(fileIn(folder, (name + suffix).c_str())), QByteArray(suffix));
#endif
    }

    void open_ofAFileLockedByAnotherProcessSaysSo() {
        QTemporaryDir folder;
        LibraryFixture library(fileIn(folder));
        VERIFY_OK(library.open());
        const auto [chatId, message] = library.chatWithMessage("here");
        library.database.reset();
        QProcess other;
        other.start(child(), {"lock", QString::fromStdString(fileIn(folder).string())});
        QVERIFY(other.waitForReadyRead(20000));
        QCOMPARE(other.readLine().trimmed(), QByteArray("locked"));
        library.options.busyTimeoutMs = 50;
        VERIFY_FAILS(library.open(), ErrorCode::Locked);
        other.closeWriteChannel();
        QVERIFY(other.waitForFinished(20000));
        VERIFY_OK(library.open());
        QCOMPARE(library->messages().get(message)->content, std::string("here"));
    }

    void write_whileAnotherProcessWritesSaysSoAndWorksLater() {
        QTemporaryDir folder;
        LibraryFixture library(fileIn(folder));
        library.options.busyTimeoutMs = 50;
        VERIFY_OK(library.open());
        const auto [chatId, message] = library.chatWithMessage("here");
        QProcess other;
        other.start(child(), {"write-lock", QString::fromStdString(fileIn(folder).string())});
        QVERIFY(other.waitForReadyRead(20000));
        QCOMPARE(other.readLine().trimmed(), QByteArray("locked"));
        VERIFY_FAILS(library->chats().rename(chatId, "no"), ErrorCode::Locked);
        QCOMPARE(library->messages().loadPath(chatId)->size(), std::size_t{1});  // reading goes on
        other.closeWriteChannel();
        QVERIFY(other.waitForFinished(20000));
        VERIFY_OK(library->chats().rename(chatId, "yes"));
    }

    // As a user without rights; the tests may run as root, for whom nothing is read-only.
    void open_inAReadOnlyFolderSaysSo_data() {
        QTest::addColumn<bool>("hasFile");
        QTest::newRow("new file") << false;
        QTest::newRow("existing file") << true;
    }
    void open_inAReadOnlyFolderSaysSo() {
        QFETCH(bool, hasFile);
        QTemporaryDir folder;
        if (hasFile) writeFile(fileIn(folder), m_whole);
        const QString path = folder.path();
        using enum QFileDevice::Permission;
        QFile::setPermissions(path + "/sotto.db", ReadOwner | ReadUser | ReadGroup | ReadOther);
        QVERIFY(QFile::setPermissions(path, ReadOwner | ExeOwner | ReadUser | ExeUser | ReadGroup |
                                                ExeGroup | ReadOther | ExeOther));
        QProcess other;
        other.start(child(), {"open-unprivileged", path + "/sotto.db"});
        QVERIFY(other.waitForFinished(20000));
        const QByteArray answer = other.readAllStandardOutput().trimmed();
        QFile::setPermissions(path, ReadOwner | WriteOwner | ExeOwner);
        QVERIFY2(answer.startsWith("readOnly "), answer.constData());
        QVERIFY2(answer.contains("cannot be written"), answer.constData());
        if (hasFile) QCOMPARE(contentOf(fileIn(folder)), m_whole);
    }

private:
    QByteArray m_whole;
};

QTEST_GUILESS_MAIN(OpenLibraryTest)
#include "open_library_test.moc"

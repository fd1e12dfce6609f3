// Opening what should not be there: damaged, foreign, locked and unwritable files.
#include "storage/open_library.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTest>
#include <random>

#include "tests/storage/library_fixture.h"

using namespace sotto;
using namespace sotto::storage;

namespace {

QByteArray contentOf(const std::filesystem::path& path) {
    QFile file(QString::fromStdString(path.string()));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void writeFile(const std::filesystem::path& path, const QByteArray& bytes) {
    QFile file(QString::fromStdString(path.string()));
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(bytes), bytes.size());
}

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

    void open_afterAnUncleanCloseRefusesADamagedFileUntouched() {
        QTemporaryDir folder;
        QByteArray bytes = m_whole;
        // Pages 3 to 10 of the file, in which tables and indices begin.
        for (qsizetype at = 2 * 4096; at < 10 * 4096; ++at) bytes[at] = '\x55';
        writeFile(fileIn(folder), bytes);
        const QByteArray wal(64, 'w');  // left by a kill, not even a whole header
        writeFile(fileIn(folder, "sotto.db-wal"), wal);
        LibraryFixture library(fileIn(folder));
        VERIFY_FAILS(library.open(), ErrorCode::DatabaseDamaged);
        QCOMPARE(contentOf(fileIn(folder)), bytes);
    }

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

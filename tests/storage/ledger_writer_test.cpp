// Entries for the ledger of a library that somebody else has open, or nobody, or that is none.
#include "storage/api/ledger_writer.h"

#include <QFile>
#include <QProcess>
#include <QTest>

#include "storage/api/storage.h"
#include "tests/storage/library_fixture.h"
#include "tests/storage/test_files.h"

using namespace sotto;
using namespace sotto::storage;

namespace {

std::vector<LedgerRecord> someEntries() {
    return {{.startedAt = nowMs(), .host = "a.example", .port = 443, .purpose = "search"},
            {.startedAt = nowMs(), .host = "b.example", .port = 443, .purpose = "download"}};
}

std::size_t countOf(const std::filesystem::path& file) {
    LibraryFixture library(file);
    if (!library.open()) return 99;
    return library->ledger().list(100)->size();
}

LedgerState stateOf(const std::filesystem::path& file) {
    LibraryFixture library(file);
    if (!library.open()) return LedgerState::Ended;
    return library->ledger().list(1)->at(0).state;
}

}  // namespace

class LedgerWriterTest : public QObject {
    Q_OBJECT
private slots:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_file = fileIn(*m_folder);
        LibraryFixture library(m_file);
        VERIFY_OK(library.open());
    }

    void aClosedLibrary_getsThem_andIsClosedAfterwards() {
        VERIFY_OK(LedgerWriter(m_file).write(someEntries(), 2000));
        LibraryFixture library(m_file);
        VERIFY_OK(library.open());
        QVERIFY(!library->report().wasUncleanClose);
        QCOMPARE(library->ledger().list(100)->size(), 2u);
    }

    void anOpenLibrary_seesThem() {
        auto storage = Storage::open({.path = m_file});
        VERIFY_OK(storage);
        VERIFY_OK(LedgerWriter(m_file).write(someEntries(), 2000));
        const auto entries =
            (*storage)->call([](Database& database) { return database.ledger().list(100); });
        QCOMPARE(entries->size(), 2u);
    }

    // The next start must still see that the last one was killed.
    void whatAKillLeft_staysToBeFound() {
        QTemporaryDir copies;
        const std::filesystem::path copy = fileIn(copies);
        {
            LibraryFixture library(m_file);
            VERIFY_OK(library.open());
            library.chatWithMessage("in the journal");
            std::filesystem::copy_file(m_file, copy);
            std::filesystem::copy_file(m_file.string() + "-wal", copy.string() + "-wal");
        }
        VERIFY_OK(LedgerWriter(copy).write(someEntries(), 2000));
        LibraryFixture library(copy);
        VERIFY_OK(library.open());
        QVERIFY(library->report().wasUncleanClose);
        QCOMPARE(library->ledger().list(100)->size(), 2u);
        QCOMPARE(library->chats().list(false)->size(), 1u);
    }

    void whatIsNoLibraryOfThisVersion_staysAsItIs() {
        const std::filesystem::path none = fileIn(*m_folder, "none.db");
        VERIFY_FAILS(LedgerWriter(none).write(someEntries(), 2000), ErrorCode::NotFound);
        QVERIFY(!std::filesystem::exists(none));
        const std::filesystem::path old = fileIn(*m_folder, "old.db");
        QVERIFY(QFile::copy(QStringLiteral(SOTTO_SOURCE_DIR "/tests/storage/data/library-v5.db"),
                            QString::fromStdString(old.string())));
        QFile::setPermissions(QString::fromStdString(old.string()),
                              QFileDevice::ReadOwner | QFileDevice::WriteOwner);
        const QByteArray before = contentOf(old);
        VERIFY_FAILS(LedgerWriter(old).write(someEntries(), 2000), ErrorCode::InvalidArgument);
        QCOMPARE(contentOf(old), before);
        const std::filesystem::path text = fileIn(*m_folder, "text.db");
        writeFile(text, "This is a letter and no database, and it is long enough to be one.");
        const QByteArray letter = contentOf(text);
        QVERIFY(!LedgerWriter(text).write(someEntries(), 2000));
        QCOMPARE(contentOf(text), letter);
    }

    // A window that starts beside a command line at work leaves what is open to it; the first one
    // behind its end does not.
    void whatIsOpen_isLostWithItsProgram() {
        LedgerRecord entry = someEntries().front();
        entry.state = LedgerState::Open;
        {
            LedgerWriter writer(m_file);
            VERIFY_OK(writer.write(std::span(&entry, 1), 2000));
            QCOMPARE(stateOf(m_file), LedgerState::Open);
        }
        QCOMPARE(stateOf(m_file), LedgerState::Lost);
    }

    void anEnd_findsItsBeginning() {
        LedgerRecord entry = someEntries().front();
        entry.state = LedgerState::Open;
        LedgerWriter writer(m_file);
        const auto ids = writer.write(std::span(&entry, 1), 2000);
        VERIFY_OK(ids);
        entry.id = ids->at(0);
        entry.state = LedgerState::Ended;
        VERIFY_OK(writer.write(std::span(&entry, 1), 2000));
        QCOMPARE(countOf(m_file), 1u);
        QCOMPARE(stateOf(m_file), LedgerState::Ended);
    }

    void aLock_isWaitedForNoLongerThanAllowed() {
        auto holder = Connection::open({.path = m_file});
        VERIFY_OK(holder);
        VERIFY_OK(holder->execute("BEGIN IMMEDIATE"));
        VERIFY_FAILS(LedgerWriter(m_file).write(someEntries(), 50), ErrorCode::Locked);
        VERIFY_OK(holder->execute("ROLLBACK"));
        QCOMPARE(countOf(m_file), 0u);
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    std::filesystem::path m_file;
};

QTEST_APPLESS_MAIN(LedgerWriterTest)
#include "ledger_writer_test.moc"

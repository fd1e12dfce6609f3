#include "storage/schema/library_schema.h"

#include <QDir>
#include <QFile>
#include <QTest>

#include "storage/sqlite/transaction.h"
#include "tests/storage/library_fixture.h"
#include "tests/storage/test_files.h"

using namespace sotto;
using namespace sotto::storage;

namespace {

// The real steps and one that a later version could bring: a new column, filled from the old ones.
std::vector<Migration> withStep(std::string_view sql) {
    const std::span<const Migration> real = libraryMigrations();
    std::vector<Migration> migrations(real.begin(), real.end());
    migrations.push_back({real.back().version + 1, "9999_test", sql});
    return migrations;
}

constexpr std::string_view kGoodStep =
    "ALTER TABLE chats ADD COLUMN colour TEXT NOT NULL DEFAULT 'none';"
    "UPDATE chats SET colour = 'of ' || title;";

int versionOf(const std::filesystem::path& path) {
    auto connection = Connection::open({.path = path, .mode = OpenMode::ReadOnly});
    return connection ? static_cast<int>(*connection->queryInteger("PRAGMA user_version")) : -1;
}

}  // namespace

class MigrationsTest : public QObject {
    Q_OBJECT
private slots:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_file = fileIn(*m_folder);
        LibraryFixture library(m_file);
        VERIFY_OK(library.open());
        m_chatId = library.chatWithMessage("kept through the migration").first;
    }

    void libraryMigrations_areNumberedWithoutGaps() {
        int expected = 1;
        for (const Migration& migration : libraryMigrations()) {
            QCOMPARE(migration.version, expected++);
            QVERIFY(!migration.sql.empty());
        }
        QCOMPARE(versionOf(m_file), libraryMigrations().back().version);
    }

    void open_ofThePresentVersionMakesNoBackup() {
        LibraryFixture library(m_file);
        VERIFY_OK(library.open());
        QCOMPARE(library->report().migratedFrom, 0);
        QVERIFY(library->report().backup.empty());
        QVERIFY(!library->report().isNew);
        QVERIFY(!library->report().wasUncleanClose);
    }

    void open_migratesWithABackupOfTheOldFile() {
        const auto migrations = withStep(kGoodStep);
        const int before = libraryMigrations().back().version;
        {
            auto library = openLibrary({.path = m_file}, migrations);
            VERIFY_OK(library);
            QCOMPARE(library->report.migratedFrom, before);
            auto row = library->connection.query("SELECT colour FROM chats WHERE id = ?", m_chatId);
            QVERIFY(*row->step());
            QCOMPARE(row->text(0), std::string("of A chat"));
            const std::filesystem::path backup = library->report.backup;
            QCOMPARE(versionOf(backup), before);
            LibraryFixture old(backup);
            VERIFY_OK(old.open());
            QCOMPARE(old->messages().loadPath(m_chatId)->at(0).content,
                     std::string("kept through the migration"));
        }
        QCOMPARE(versionOf(m_file), before + 1);
        // The older program refuses the file and leaves every byte of it.
        const QByteArray bytes = contentOf(m_file);
        LibraryFixture library(m_file);
        VERIFY_FAILS(library.open(), ErrorCode::NewerVersion);
        QCOMPARE(contentOf(m_file), bytes);
    }

    void open_leavesTheOldFileWhenAStepFails_data() {
        QTest::addColumn<QByteArray>("step");
        QTest::newRow("syntax") << QByteArray("ALTER TABLE chats ADD COLUMN a TEXT; NONSENSE;");
        QTest::newRow("rule broken") << QByteArray(
            "ALTER TABLE chats ADD COLUMN a TEXT; INSERT INTO settings VALUES ('k', 'not json');");
        QTest::newRow("reference broken")
            << QByteArray("UPDATE messages SET chat_id = chat_id + 1;");
    }
    void open_leavesTheOldFileWhenAStepFails() {
        QFETCH(QByteArray, step);
        const auto migrations = withStep(step.constData());
        const auto library = openLibrary({.path = m_file}, migrations);
        QVERIFY(!library.has_value());
        QVERIFY(!library.error().message.empty());
        QCOMPARE(versionOf(m_file), libraryMigrations().back().version);
        LibraryFixture old(m_file);
        VERIFY_OK(old.open());
        QCOMPARE(old->messages().loadPath(m_chatId)->at(0).content,
                 std::string("kept through the migration"));
    }

    // What a newer Sotto left after being killed: its WAL is not ours to touch either.
    void open_leavesANewerFileWithItsJournalUntouched() {
        auto library = openLibrary({.path = m_file}, withStep(kGoodStep));
        VERIFY_OK(library);
        VERIFY_OK(library->connection.run("UPDATE chats SET title = 'only in the WAL'"));
        QTemporaryDir copyFolder;
        const std::filesystem::path copy = fileIn(copyFolder);
        std::filesystem::path copyWal = copy;
        copyWal += "-wal";
        std::filesystem::path wal = m_file;
        wal += "-wal";
        std::filesystem::copy_file(m_file, copy);
        std::filesystem::copy_file(wal, copyWal);
        const QByteArray bytes = contentOf(copy);
        const QByteArray walBytes = contentOf(copyWal);
        QVERIFY(walBytes.size() > 0);
        LibraryFixture old(copy);
        VERIFY_FAILS(old.open(), ErrorCode::NewerVersion);
        QCOMPARE(contentOf(copy), bytes);
        QCOMPARE(contentOf(copyWal), walBytes);
    }

    void open_refusesAnotherProgramsDatabase() {
        const std::filesystem::path foreign = fileIn(*m_folder, "foreign.db");
        {
            auto connection = Connection::open({.path = foreign});
            VERIFY_OK(connection);
            VERIFY_OK(connection->execute("CREATE TABLE bookmarks (url TEXT)"));
        }
        const QByteArray bytes = contentOf(foreign);
        LibraryFixture library(foreign);
        VERIFY_FAILS(library.open(), ErrorCode::DatabaseDamaged);
        QCOMPARE(contentOf(foreign), bytes);
    }

    void backupDatabase_leavesNoHalfFile() {
        auto connection = Connection::open({.path = m_file});
        VERIFY_OK(connection);
        const std::filesystem::path missing = m_file.parent_path() / "no such folder" / "b.db";
        VERIFY_FAILS(backupDatabase(*connection, missing), ErrorCode::NotFound);
        VERIFY_OK(backupDatabase(*connection, fileIn(*m_folder, "copy.db")));
        QVERIFY(!QDir(m_folder->path()).entryList(QDir::Files).contains("copy.db.part"));
        QCOMPARE(versionOf(fileIn(*m_folder, "copy.db")), versionOf(m_file));
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    std::filesystem::path m_file;
    ChatId m_chatId = 0;
};

QTEST_APPLESS_MAIN(MigrationsTest)
#include "migrations_test.moc"

// The layer below the stores, on files of kinds of its own.
#include <QTest>
#include <array>

#include "storage/schema/library_schema.h"
#include "storage/sqlite/blob.h"
#include "storage/sqlite/migrations.h"
#include "storage/sqlite/transaction.h"
#include "tests/storage/library_fixture.h"

using namespace sotto;
using namespace sotto::storage;

namespace {

// As a cache beside the library would be.
constexpr std::array kCacheSteps{
    Migration{1, "0001_cache", "CREATE TABLE blocks (id INTEGER PRIMARY KEY, bytes BLOB);"},
    Migration{2, "0002_more", "ALTER TABLE blocks ADD COLUMN uses INTEGER NOT NULL DEFAULT 0;"}};
constexpr FileKind kCache{0x536f7443, kCacheSteps};  // "SotC"

std::vector<std::byte> someBytes(std::size_t size) {
    std::vector<std::byte> bytes(size);
    for (std::size_t at = 0; at < size; ++at) bytes[at] = static_cast<std::byte>(at * 7);
    return bytes;
}

}  // namespace

class SqliteTest : public QObject {
    Q_OBJECT
private slots:
    void eachKindOfFile_hasItsOwnStepsAndRefusesTheOther() {
        QTemporaryDir folder;
        {
            auto connection = Connection::open({.path = fileIn(folder, "cache.db")});
            VERIFY_OK(connection);
            VERIFY_OK(migrate(*connection, kCache, {}));
            QCOMPARE(*connection->queryInteger("PRAGMA application_id"), kCache.applicationId);
            QCOMPARE(*checkVersion(*connection, kCache), 2);
            VERIFY_FAILS(checkVersion(*connection, {kLibraryApplicationId, libraryMigrations()}),
                         ErrorCode::DatabaseDamaged);
        }
        LibraryFixture asLibrary(fileIn(folder, "cache.db"));
        VERIFY_FAILS(asLibrary.open(), ErrorCode::DatabaseDamaged);
        LibraryFixture library(fileIn(folder));
        VERIFY_OK(library.open());
        auto connection = Connection::open({.path = fileIn(folder)});
        VERIFY_FAILS(migrate(*connection, kCache, {}), ErrorCode::DatabaseDamaged);
        VERIFY_OK(library->chats().list(false));
    }

    void blobs_areBoundAndReadWhole() {
        Connection connection = cache();
        const std::vector<std::byte> bytes = someBytes(10000);
        VERIFY_OK(connection.run("INSERT INTO blocks (id, bytes) VALUES (?, ?)", 1,
                                 std::span<const std::byte>(bytes)));
        VERIFY_OK(connection.run("INSERT INTO blocks (id, bytes) VALUES (?, ?)", 2,
                                 std::span<const std::byte>()));
        auto row = connection.query("SELECT bytes, bytes IS NULL FROM blocks ORDER BY id");
        QVERIFY(*row->step());
        QVERIFY(row->blob(0) == bytes);
        QVERIFY(*row->step());
        QVERIFY(row->blob(0).empty());
        QVERIFY(!row->boolean(1));
    }

    void blobs_areWrittenAndReadInPieces() {
        Connection connection = cache();
        VERIFY_OK(
            connection.run("INSERT INTO blocks (id, bytes) VALUES (?, ?)", 1, Zeroes{100000}));
        const std::vector<std::byte> bytes = someBytes(30000);
        VERIFY_OK(inTransaction(connection, Durability::Buffered, [&]() -> Status {
            SOTTO_ASSIGN(Blob blob,
                         Blob::open(connection, {"blocks", "bytes", 1}, Blob::Mode::ReadWrite));
            return blob.write(50000, bytes);
        }));
        auto blob = Blob::open(connection, {"blocks", "bytes", 1}, Blob::Mode::Read);
        VERIFY_OK(blob);
        QCOMPARE(blob->size(), std::int64_t{100000});
        std::vector<std::byte> piece(30000);
        VERIFY_OK(blob->read(50000, piece));
        QVERIFY(piece == bytes);
        VERIFY_OK(blob->read(0, piece));
        QVERIFY(piece == std::vector<std::byte>(30000));
        VERIFY_FAILS(blob->read(80000, piece), ErrorCode::InvalidArgument);
        VERIFY_FAILS(blob->read(-1, piece), ErrorCode::InvalidArgument);
        VERIFY_FAILS(Blob::open(connection, {"blocks", "bytes", 9}, Blob::Mode::Read),
                     ErrorCode::NotFound);
        VERIFY_FAILS(Blob::open(connection, {"none", "bytes", 1}, Blob::Mode::Read),
                     ErrorCode::NotFound);
    }

private:
    static Connection cache() {
        Connection connection = *Connection::open({.path = ":memory:"});
        (void)migrate(connection, kCache, {});
        return connection;
    }
};

QTEST_APPLESS_MAIN(SqliteTest)
#include "sqlite_test.moc"

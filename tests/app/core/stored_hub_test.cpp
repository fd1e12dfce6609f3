// What the hub's side of the program keeps: downloads and the ledger in the library, and the access
// token in a file that is nobody else's.
#include <QTemporaryDir>
#include <QtTest>
#include <atomic>
#include <fstream>
#include <mutex>

#include "app/core/hub/model_hub.h"
#include "app/core/hub/stored_downloads.h"
#include "app/core/hub/stored_ledger.h"
#include "app/core/hub/token_store.h"
#include "app/core/paths.h"
#include "tests/support/failing_vfs.h"
#include "tests/support/hub/file_contents.h"
#include "tests/support/hub/hub_repository.h"

using namespace sotto;
using namespace sotto::app;
using namespace sotto::test;
namespace fs = std::filesystem;

namespace {

fs::path in(const QTemporaryDir& folder, const char* name) {
    return fs::path(folder.path().toStdString()) / name;
}

std::unique_ptr<storage::Storage> openStorage(storage::StorageOptions options) {
    auto storage = storage::Storage::open(std::move(options));
    return storage ? std::move(*storage) : nullptr;
}

// Of that moment, which is its id, too.
net::LedgerEntry someEntry(std::int64_t at) {
    return {.id = static_cast<std::uint64_t>(at),
            .startedAtMs = at,
            .host = "hub.example",
            .port = 443,
            .purpose = net::Purpose::Header,
            .sentBytes = 10,
            .receivedBytes = 20,
            .httpStatus = 206,
            .problem = "It broke off."};
}

std::vector<storage::LedgerRecord> entriesOf(storage::Storage& storage) {
    return storage.call([](storage::Database& database) { return database.ledger().list(10'000); })
        .value_or(std::vector<storage::LedgerRecord>());
}

std::string tokenOf(FileTokenStore& store) {
    return store.read().value_or(HubToken{.token = "?"}).token;
}

std::int64_t nowMs() { return QDateTime::currentMSecsSinceEpoch(); }

}  // namespace

class StoredHubTest : public QObject {
    Q_OBJECT

private slots:
    void aDownload_isTheSameInTheLibrary() {
        const net::DownloadRecord record{.id = 3,
                                         .position = 2,
                                         .endpoint = "https://hub.example",
                                         .repository = "a/b",
                                         .revision = "main",
                                         .path = "x/y.gguf",
                                         .target = fs::path("/models") / "模型.gguf",
                                         .commit = std::string(40, 'c'),
                                         .sha256 = std::string(64, 'a'),
                                         .blobSha1 = std::string(40, 'b'),
                                         .nBytes = 5'000'000'000,
                                         .nKeptBytes = 4'000'000'000,
                                         .etag = "\"e\"",
                                         .state = net::DownloadState::Paused,
                                         .problem = {ErrorCode::DiskFull, "No room.", "y", 5, 1}};
        const auto storage = openStorage(storage::StorageOptions::inMemory());
        StoredDownloads downloads(*storage);
        QVERIFY(downloads.save(record).has_value());
        const auto list = downloads.load();
        QVERIFY(list.has_value());
        QCOMPARE(list->size(), 1u);
        const net::DownloadRecord& found = list->front();
        QCOMPARE(found.id, record.id);
        QCOMPARE(found.position, record.position);
        QCOMPARE(found.endpoint, record.endpoint);
        QCOMPARE(found.repository, record.repository);
        QCOMPARE(found.revision, record.revision);
        QCOMPARE(found.path, record.path);
        QCOMPARE(found.target, record.target);
        QCOMPARE(found.commit, record.commit);
        QCOMPARE(found.sha256, record.sha256);
        QCOMPARE(found.blobSha1, record.blobSha1);
        QCOMPARE(found.nBytes, record.nBytes);
        QCOMPARE(found.nKeptBytes, record.nKeptBytes);
        QCOMPARE(found.etag, record.etag);
        QCOMPARE(found.state, record.state);
        QCOMPARE(found.problem.code, record.problem.code);
        QCOMPARE(found.problem.message, record.problem.message);
        QVERIFY(downloads.remove(3).has_value());
        QVERIFY(downloads.load()->empty());
    }

    // A name of a later version, and numbers that a damaged page left.
    void aRowThatMakesNoSense_isInterruptedAndBeginsAnew() {
        const net::DownloadRecord record = downloadOf(
            {.id = 1, .target = "/m/a", .sizeBytes = -5, .keptBytes = -1, .state = "dreaming"});
        QCOMPARE(record.state, net::DownloadState::Interrupted);
        QCOMPARE(record.nBytes, 0u);
        QCOMPARE(record.nKeptBytes, 0u);
    }

    // A thousand requests while the storage does something long: told at once, written together.
    void theLedger_waitsForNobody() {
        const auto storage = openStorage(storage::StorageOptions::inMemory());
        std::mutex gate;
        std::unique_lock held(gate);
        std::atomic<int> nWrites = 0;
        {
            StoredLedger ledger(*storage);
            ledger.setListener([&] { ++nWrites; });
            storage->post([&](storage::Database&) { const std::lock_guard wait(gate); });
            const std::int64_t now = nowMs();
            for (int index = 0; index < 1000; ++index) {
                ledger.begin(someEntry(now + index));
                ledger.end(someEntry(now + index));
            }
            QCOMPARE(ledger.unwritten().nWaiting, 1000u);
            held.unlock();
            QTRY_COMPARE(nWrites.load(), 1);
            QCOMPARE(ledger.unwritten().nWaiting, 0u);
            QCOMPARE(ledger.unwritten().nLost, 0u);
        }
        const auto entries = entriesOf(*storage);
        QCOMPARE(entries.size(), 1000u);
        QCOMPARE(nWrites.load(), 1);
        QCOMPARE(entries[0].host, std::string("hub.example"));
        QCOMPARE(entries[0].port, 443);
        QCOMPARE(entries[0].purpose, std::string("header"));
        QCOMPARE(entries[0].sentBytes, std::int64_t{10});
        QCOMPARE(entries[0].receivedBytes, std::int64_t{20});
        QCOMPARE(entries[0].httpStatus, 206);
        QCOMPARE(entries[0].problem, std::string("It broke off."));
    }

    // Its beginning stands there while it is under way, and its end in the same place.
    void aRequest_isOneEntry() {
        const auto storage = openStorage(storage::StorageOptions::inMemory());
        StoredLedger ledger(*storage);
        net::LedgerEntry begun = someEntry(nowMs());
        begun.sentBytes = begun.receivedBytes = 0;
        begun.problem.clear();
        ledger.begin(begun);
        auto entries = entriesOf(*storage);
        QCOMPARE(entries.size(), 1u);
        QCOMPARE(entries[0].state, storage::LedgerState::Open);
        const std::int64_t id = entries[0].id;
        ledger.end(someEntry(begun.startedAtMs));
        entries = entriesOf(*storage);
        QCOMPARE(entries.size(), 1u);
        QCOMPARE(entries[0].state, storage::LedgerState::Ended);
        QCOMPARE(entries[0].id, id);
        QCOMPARE(entries[0].receivedBytes, std::int64_t{20});
    }

    // The disk refuses the beginning, and takes what both have become.
    void aBeginning_thatWaits_isItsEndLater() {
        FailingVfs vfs("stored-hub-begin");
        QTemporaryDir folder;
        const auto storage =
            openStorage({.path = in(folder, "sotto.db"), .vfs = "stored-hub-begin"});
        QVERIFY(storage != nullptr);
        StoredLedger ledger(*storage);
        vfs.failFrom(1, FailingVfs::Kind::DiskFull);
        const std::int64_t now = nowMs();
        ledger.begin(someEntry(now));
        QTRY_COMPARE(ledger.unwritten().problem.code, ErrorCode::DiskFull);
        ledger.end(someEntry(now));
        vfs.heal();
        ledger.begin(someEntry(now + 1));
        QTRY_COMPARE(ledger.unwritten().nWaiting, 0u);
        const auto entries = entriesOf(*storage);
        QCOMPARE(entries.size(), 2u);
        QCOMPARE(entries[0].state, storage::LedgerState::Open);
        QCOMPARE(entries[1].state, storage::LedgerState::Ended);
        QCOMPARE(ledger.unwritten().nLost, 0u);
    }

    // Whatever else is too much: an end is not dropped that stands as open in the library.
    void anEndThatIsWaitedFor_isNeverDropped() {
        LedgerQueue queue;
        const std::int64_t now = nowMs();
        queue.begin(someEntry(now));
        const std::vector<std::int64_t> ids{7};
        queue.written(queue.take(), ids);
        queue.end(someEntry(now));
        int nGone = 0;
        for (int index = 1; index <= 1500; ++index) {
            if (!queue.begin(someEntry(now + index))) ++nGone;
            if (!queue.end(someEntry(now + index))) ++nGone;
        }
        LedgerQueue::Batch batch = queue.take();
        QCOMPARE(batch.records.size(), 1000u);
        QCOMPARE(batch.records.front().id, std::int64_t{7});
        QCOMPARE(nGone, 501);
        QCOMPARE(queue.putBack(std::move(batch)), 0u);
        QCOMPARE(queue.size(), 1000u);
    }

    void onAFullDisk_theLedgerSaysSoAndTriesAgain() {
        FailingVfs vfs("stored-hub");
        QTemporaryDir folder;
        const auto storage = openStorage({.path = in(folder, "sotto.db"), .vfs = "stored-hub"});
        QVERIFY(storage != nullptr);
        StoredLedger ledger(*storage);
        vfs.failFrom(1, FailingVfs::Kind::DiskFull);
        const std::int64_t now = nowMs();
        for (int index = 0; index < 3; ++index) ledger.end(someEntry(now + index));
        QTRY_COMPARE(ledger.unwritten().problem.code, ErrorCode::DiskFull);
        QTRY_COMPARE(ledger.unwritten().nWaiting, 3u);
        // More than it can hold: the oldest go, and that is counted.
        for (int index = 3; index < 1010; ++index) ledger.end(someEntry(now + index));
        QTRY_COMPARE(ledger.unwritten().nLost, 10u);
        QTRY_COMPARE(ledger.unwritten().nWaiting, 1000u);
        vfs.heal();
        ledger.end(someEntry(now + 1010));
        QTRY_COMPARE(ledger.unwritten().nWaiting, 0u);
        QVERIFY(ledger.unwritten().problem.message.empty());
        const std::uint64_t nLost = ledger.unwritten().nLost;
        QCOMPARE(entriesOf(*storage).size() + nLost, 1011u);
        QCOMPARE(entriesOf(*storage).back().startedAt, now + static_cast<std::int64_t>(nLost));
    }

    void aToken_isForItsUserOnly_andReplacedAsAWhole() {
        QTemporaryDir folder;
        const fs::path path = in(folder, "sotto-hub-token");
        FileTokenStore store(path);
        QCOMPARE(tokenOf(store), std::string());
        // One that an earlier program left open to others.
        std::ofstream(path) << "hf_old";
        fs::permissions(path, fs::perms(0644));
        QVERIFY(store.write({.token = "hf_new", .origin = "https://mirror.example"}).has_value());
        QCOMPARE(tokenOf(store), std::string("hf_new"));
        QCOMPARE(store.read()->origin, std::string("https://mirror.example"));
#ifdef Q_OS_UNIX
        QCOMPARE(static_cast<int>(fs::status(path).permissions()), 0600);
#endif
        QCOMPARE(std::distance(fs::directory_iterator(path.parent_path()), {}), 1);
        QVERIFY(store.remove().has_value());
        QVERIFY(store.remove().has_value());
        QCOMPARE(tokenOf(store), std::string());
    }

    // By a backup that was brought back, say: it is not only replaced as a private one.
    void aTokenFile_thatOthersCanRead_isTakenFromThem() {
#ifndef Q_OS_UNIX
        QSKIP("Rights are the folder's here.");
#else
        QTemporaryDir folder;
        const fs::path path = in(folder, "sotto-hub-token");
        FileTokenStore store(path);
        std::ofstream(path) << "hf_old";
        fs::permissions(path, fs::perms(0644));
        QVERIFY(isOpenToOthers(path));
        QCOMPARE(tokenOf(store), std::string("hf_old"));
        QCOMPARE(static_cast<int>(fs::status(path).permissions()), 0600);
        QVERIFY(!isOpenToOthers(path));
#endif
    }

    void aTokenFileThatHoldsNone_isSaid() {
        QTemporaryDir folder;
        FileTokenStore store(in(folder, "sotto-hub-token"));
        for (const std::string& text :
             {std::string("two words"), std::string(), std::string("模")}) {
            std::ofstream(in(folder, "sotto-hub-token"), std::ios::trunc) << text;
            const auto token = store.read();
            QVERIFY(!token);
            QCOMPARE(token.error().code, ErrorCode::FileUnreadable);
            QVERIFY(token.error().message.find("two") == std::string::npos);
        }
        std::ofstream(in(folder, "sotto-hub-token"), std::ios::trunc) << " hf_pasted \n";
        QCOMPARE(tokenOf(store), std::string("hf_pasted"));
    }

    // Whatever happens to a request with a token, the library never holds it.
    void theLibrary_neverHoldsTheToken() {
        const std::string secret = "hf_VerySecretTokenOfThisTest";
        QTemporaryDir folder;
        HubRepository repository;
        repository.add("tiny.gguf", randomBytes(1000, 1));
        int nAsked = 0;
        repository.bendHub([&](const ServedRequest&) -> std::optional<Reply> {
            if (++nAsked > 1) return std::nullopt;
            return Reply{.status = 401}.with("X-Error-Message", "Invalid credentials: " + secret);
        });
        {
            const auto storage = openStorage({.path = in(folder, "sotto.db")});
            StoredLedger ledger(*storage);
            StoredDownloads downloads(*storage);
            auto hub =
                ModelHub::create({.network = {.ledger = &ledger, .proxy = ""},
                                  .hub = {.endpoint = repository.endpoint(), .token = secret},
                                  .downloads = {.store = &downloads},
                                  .folder = in(folder, "models")});
            QVERIFY(hub.has_value());
            const net::DownloadSpec spec{.repository = repository.repository,
                                         .path = "tiny.gguf",
                                         .folder = in(folder, "models")};
            const auto id = (*hub)->downloads().add(spec);
            QVERIFY(id.has_value());
            (*hub)->downloads().waitUntilIdle();
            QCOMPARE((*hub)->downloads().list()[0].record.problem.code, ErrorCode::TokenRefused);
            (*hub)->downloads().resume(*id);
            (*hub)->downloads().waitUntilIdle();
            QCOMPARE((*hub)->downloads().list()[0].record.state, net::DownloadState::Verified);
            QTRY_VERIFY(entriesOf(*storage).size() >= 3);
            QVERIFY(!repository.hub().requests().back().header("Authorization").empty());
            for (const char* name : {"sotto.db", "sotto.db-wal"})
                QVERIFY2(contentOf(in(folder, name)).find(secret) == std::string::npos, name);
        }
        QVERIFY(contentOf(in(folder, "sotto.db")).find(secret) == std::string::npos);
    }
};

QTEST_GUILESS_MAIN(StoredHubTest)
#include "stored_hub_test.moc"

// The promise to people, of the program as a whole: kill Sotto in the middle of a download, and at
// its next start it goes on from what the library says is there, to the same file; and the library
// says which connections there were, those included that nobody saw the end of.
#include <algorithm>

#include "storage/api/storage.h"
#include "tests/support/hub/download_kills.h"

using namespace sotto;
using namespace sotto::test;

class HubKillTest : public QObject {
    Q_OBJECT

private slots:
    void kills_loseNothingThatWasKept() {
        const QTemporaryDir home;
        const std::filesystem::path folder = home.path().toStdString();
        DownloadKills kills;
        kills.run(QStringLiteral(SOTTO_HUB_CHILD), {home.path()}, folder / "models");
        if (QTest::currentTestFailed()) return;
        auto storage = storage::Storage::open({.path = folder / "sotto.db"});
        QVERIFY(storage.has_value());
        const auto downloads = (*storage)->call(
            [](storage::Database& database) { return database.downloads().list(); });
        QVERIFY(downloads.has_value());
        QCOMPARE(downloads->size(), 1u);
        QCOMPARE(downloads->front().state, std::string("verified"));
        checkLedger(**storage, kills.count());
    }

private:
    // Each life asked where the file is and began to fetch it; of the killed ones the fetching has
    // no end.
    static void checkLedger(storage::Storage& storage, int nKills) {
        using storage::LedgerState;
        const auto entries = storage.call(
            [](storage::Database& database) { return database.ledger().list(10'000); });
        QVERIFY(entries.has_value());
        const auto count = [&](const char* purpose, LedgerState state) {
            return std::ranges::count_if(*entries, [&](const storage::LedgerRecord& entry) {
                return entry.purpose == purpose && entry.state == state;
            });
        };
        QCOMPARE(count("download", LedgerState::Lost), nKills);
        QCOMPARE(count("download", LedgerState::Ended), 1);
        QCOMPARE(count("resolve", LedgerState::Ended), nKills + 1);
        QCOMPARE(entries->size(), 2u * (static_cast<std::size_t>(nKills) + 1));
        const auto whole =
            std::ranges::find(*entries, LedgerState::Ended, &storage::LedgerRecord::state);
        QVERIFY(whole != entries->end() && whole->receivedBytes > 0 && whole->problem.empty());
        QCOMPARE(whole->host, std::string("127.0.0.1"));
    }
};

QTEST_GUILESS_MAIN(HubKillTest)
#include "hub_kill_test.moc"

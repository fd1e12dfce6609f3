#include "storage/ledger_table.h"

#include <QTest>

#include "tests/storage/library_fixture.h"

using namespace sotto;
using namespace sotto::storage;

namespace {

LedgerRecord entryAt(std::int64_t startedAt, const std::string& host = "hub.example") {
    return {.startedAt = startedAt,
            .host = host,
            .port = 443,
            .purpose = "search",
            .sentBytes = 100,
            .receivedBytes = 2000,
            .httpStatus = 200};
}

}  // namespace

class LedgerTableTest : public QObject {
    Q_OBJECT
private slots:
    void init() {
        VERIFY_OK(m_library.open());
        m_now = nowMs();
    }

    void anEntry_comesBackWhole() {
        LedgerRecord entry = entryAt(m_now);
        entry.port = 8443;
        entry.purpose = "download";
        entry.receivedBytes = 53'687'091'200;
        entry.httpStatus = 206;
        entry.problem = "The connection broke off.";
        VERIFY_OK(m_library->ledger().write(std::span(&entry, 1)));
        const auto list = m_library->ledger().list(10);
        VERIFY_OK(list);
        QCOMPARE(list->size(), 1u);
        const LedgerRecord& found = list->front();
        QVERIFY(found.id > 0);
        QCOMPARE(found.startedAt, entry.startedAt);
        QCOMPARE(found.host, entry.host);
        QCOMPARE(found.port, entry.port);
        QCOMPARE(found.purpose, entry.purpose);
        QCOMPARE(found.sentBytes, entry.sentBytes);
        QCOMPARE(found.receivedBytes, entry.receivedBytes);
        QCOMPARE(found.httpStatus, entry.httpStatus);
        QCOMPARE(found.problem, entry.problem);
    }

    // Requests of the same moment are told apart, and none stands on two pages.
    void pages_areNewestFirstAndWithoutGaps() {
        std::vector<LedgerRecord> entries;
        for (int index = 0; index < 25; ++index) entries.push_back(entryAt(m_now + index / 4));
        VERIFY_OK(m_library->ledger().write(entries));
        std::vector<LedgerRecord> all;
        while (true) {
            const LedgerPlace place =
                all.empty() ? LedgerPlace() : LedgerPlace{all.back().startedAt, all.back().id};
            const auto page = m_library->ledger().list(7, all.empty() ? nullptr : &place);
            VERIFY_OK(page);
            if (page->empty()) break;
            all.insert(all.end(), page->begin(), page->end());
        }
        QCOMPARE(all.size(), entries.size());
        for (std::size_t index = 1; index < all.size(); ++index)
            QVERIFY(std::pair(all[index - 1].startedAt, all[index - 1].id) >
                    std::pair(all[index].startedAt, all[index].id));
        QVERIFY(m_library->ledger().list(0)->empty());
    }

    void anEnd_completesItsBeginning() {
        LedgerRecord begun = entryAt(m_now);
        begun.sentBytes = begun.receivedBytes = begun.httpStatus = 0;
        begun.state = LedgerState::Open;
        const std::vector<LedgerRecord> both{begun, entryAt(m_now + 1)};
        const auto ids = m_library->ledger().write(both);
        VERIFY_OK(ids);
        QCOMPARE(ids->size(), 2u);
        auto list = m_library->ledger().list(10);
        QCOMPARE(list->at(1).id, ids->at(0));
        QCOMPARE(list->at(1).state, LedgerState::Open);
        LedgerRecord ended = entryAt(m_now);
        ended.id = ids->at(0);
        VERIFY_OK(m_library->ledger().write(std::span(&ended, 1)));
        list = m_library->ledger().list(10);
        QCOMPARE(list->size(), 2u);
        QVERIFY(list->at(1) == ended);
        QCOMPARE(m_library->ledger().hosts()->at(0).requests, std::int64_t{2});
        QCOMPARE(m_library->ledger().hosts()->at(0).sentBytes, std::int64_t{200});
    }

    // Its row went with the others, and another one has its id by now: both are told.
    void anEnd_whoseRowIsGone_isNew() {
        LedgerRecord begun = entryAt(m_now);
        begun.state = LedgerState::Open;
        const auto ids = m_library->ledger().write(std::span(&begun, 1));
        VERIFY_OK(ids);
        VERIFY_OK(m_library->ledger().clear());
        const LedgerRecord other = entryAt(m_now + 5, "other.example");
        QCOMPARE(m_library->ledger().write(std::span(&other, 1))->at(0), ids->at(0));
        LedgerRecord ended = entryAt(m_now);
        ended.id = ids->at(0);
        VERIFY_OK(m_library->ledger().write(std::span(&ended, 1)));
        const auto list = m_library->ledger().list(10);
        QCOMPARE(list->size(), 2u);
        QCOMPARE(list->at(0).host, std::string("other.example"));
        QCOMPARE(list->at(1).host, ended.host);
    }

    void hosts_areAddedUp() {
        const std::vector<LedgerRecord> entries{entryAt(m_now, "b.example"),
                                                entryAt(m_now + 1, "a.example"),
                                                entryAt(m_now + 2, "b.example")};
        VERIFY_OK(m_library->ledger().write(entries));
        const auto hosts = m_library->ledger().hosts();
        VERIFY_OK(hosts);
        QCOMPARE(hosts->size(), 2u);
        QCOMPARE(hosts->at(0).host, std::string("b.example"));
        QCOMPARE(hosts->at(0).requests, std::int64_t{2});
        QCOMPARE(hosts->at(0).sentBytes, std::int64_t{200});
        QCOMPARE(hosts->at(0).receivedBytes, std::int64_t{4000});
        QCOMPARE(hosts->at(0).lastAt, m_now + 2);
        QCOMPARE(hosts->at(1).host, std::string("a.example"));
    }

    void whatIsTooMuchOrTooOld_goes() {
        std::vector<LedgerRecord> entries;
        for (std::int64_t index = 0; index < kMaxLedgerRows + 10; ++index)
            entries.push_back(entryAt(m_now + index));
        VERIFY_OK(m_library->ledger().write(entries));
        const int all = static_cast<int>(kMaxLedgerRows) + 100;
        auto list = m_library->ledger().list(all);
        QCOMPARE(list->size(), std::size_t{kMaxLedgerRows});
        QCOMPARE(list->back().startedAt, m_now + 10);
        VERIFY_OK(m_library->ledger().clear());
        QVERIFY(m_library->ledger().list(all)->empty());
        const std::vector<LedgerRecord> old{entryAt(m_now - kMaxLedgerAgeMs - 60'000),
                                            entryAt(m_now - kMaxLedgerAgeMs + 60'000)};
        VERIFY_OK(m_library->ledger().write(old));
        list = m_library->ledger().list(all);
        QCOMPARE(list->size(), 1u);
        QCOMPARE(list->front().startedAt, old[1].startedAt);
    }

private:
    LibraryFixture m_library = memoryLibrary();
    TimeMs m_now = 0;
};

QTEST_APPLESS_MAIN(LedgerTableTest)
#include "ledger_table_test.moc"

// What a search may cost: counted in steps of SQLite's machine, not in time, so that it is the same
// on every computer.
#include <QTest>

#include "storage/search.h"
#include "tests/storage/library_fixture.h"
#include "tests/support/failing_vfs.h"

using namespace sotto;
using namespace sotto::storage;

namespace {

constexpr int kMessages = 3000;

// A budget of so many checks for a whole search; counts the checks.
class CountedBudget {
public:
    explicit CountedBudget(int nChecks) : m_nChecks(nChecks) {}

    std::function<SearchBudget()> maker() {
        return [this] {
            ++m_nSearches;
            return [this, nUsed = 0](double share) mutable {
                ++m_nAsked;
                return ++nUsed >= share * m_nChecks;
            };
        };
    }
    int searches() const { return m_nSearches; }
    int asked() const { return m_nAsked; }

private:
    int m_nChecks;
    int m_nSearches = 0;
    int m_nAsked = 0;
};

}  // namespace

class SearchBudgetTest : public QObject {
    Q_OBJECT

private slots:
    // One chat; every 30th message has the rare word, every one the common word and the two
    // letters.
    void initTestCase() {
        m_library.options.vfs = m_vfs.name();  // which waits for no disk
        VERIFY_OK(m_library.open());
        const auto [chatId, first] = m_library.chatWithMessage("pattern kv number 0 rare");
        MessageId parent = first;
        for (int index = 1; index < kMessages; ++index) {
            const auto added = m_library->messages().add(
                {.chatId = chatId,
                 .parentId = parent,
                 .content = "pattern kv number " + std::to_string(index) +
                            (index % 30 == 0 ? " rare" : " common") + std::string(200, 'x')});
            VERIFY_OK(added);
            parent = added->id;
            m_newest = parent;
        }
        auto connection = Connection::open({.path = m_library.options.path, .vfs = m_vfs.name()});
        VERIFY_OK(connection);
        m_connection = std::make_unique<Connection>(std::move(*connection));
    }

    void aBudgetThatIsNeverSpent_findsAll() {
        CountedBudget budget(1'000'000);
        SearchIndex search(*m_connection, budget.maker());
        QCOMPARE(search.search({.text = "rare", .limit = 200})->size(), std::size_t{100});
        QVERIFY(!search.search({.text = "rare", .limit = 200})->isCut);
        QVERIFY(!search.search({.text = "rare", .limit = 100})->isCut);
        QVERIFY(search.search({.text = "rare", .limit = 99})->isCut);
        QCOMPARE(search.search({.text = "rare", .limit = 99})->size(), std::size_t{99});
        QVERIFY(budget.asked() > 0);
        // Two letters are in no index: all messages are read, and that costs more.
        const int before = budget.asked();
        QCOMPARE(search.search({.text = "rare", .limit = 200})->size(), std::size_t{100});
        const int indexed = budget.asked() - before;
        QCOMPARE(search.search({.text = "qq", .limit = 200})->size(), std::size_t{0});
        QVERIFY2(budget.asked() - before - 2 * indexed > 5,
                 qPrintable(QString::number(budget.asked())));
    }

    void aSpentBudget_endsAScanWithTheNewestHits() {
        CountedBudget budget(4);
        SearchIndex search(*m_connection, budget.maker());
        // Few messages have it, so that the limit is not what ends the search.
        const auto hits = search.search({.text = "ra re", .limit = 200});
        VERIFY_OK(hits);
        QVERIFY(!hits->empty());
        QVERIFY2(hits->size() < 100, qPrintable(QString::number(hits->size())));
        for (std::size_t index = 1; index < hits->size(); ++index)
            QVERIFY(hits->at(index - 1).messageId > hits->at(index).messageId);
        QVERIFY(hits->isCut);
        QCOMPARE(budget.searches(), 1);  // titles and messages together
        QVERIFY2(budget.asked() <= 4, qPrintable(QString::number(budget.asked())));
    }

    // A common word costs no more than the hits that are shown.
    void aCommonWord_endsAtItsLimitWithTheNewest() {
        CountedBudget budget(12);
        SearchIndex search(*m_connection, budget.maker());
        const auto hits = search.search({.text = "pattern", .limit = 5});
        VERIFY_OK(hits);
        QCOMPARE(hits->size(), std::size_t{5});
        QCOMPARE(hits->front().messageId, m_newest);
        QVERIFY(hits->isCut);
        QCOMPARE(budget.searches(), 1);
        QVERIFY2(budget.asked() < 3, qPrintable(QString::number(budget.asked())));
    }

    void noBudgetAtAll_isAnEmptyAnswerAndNoError() {
        CountedBudget budget(1);
        SearchIndex search(*m_connection, budget.maker());
        const auto hits = search.search({.text = "qq", .limit = 200});
        VERIFY_OK(hits);
        QVERIFY(hits->isCut);  // none were found, but not all was looked at
        QVERIFY2(budget.asked() <= 2, qPrintable(QString::number(budget.asked())));
        // The connection is not left interrupted.
        CountedBudget enough(1'000'000);
        SearchIndex again(*m_connection, enough.maker());
        QCOMPARE(again.search({.text = "rare", .limit = 200})->size(), std::size_t{100});
    }

private:
    QTemporaryDir m_folder;
    FailingVfs m_vfs{"search-budget"};
    LibraryFixture m_library{fileIn(m_folder)};
    std::unique_ptr<Connection> m_connection;
    MessageId m_newest = 0;
};

QTEST_APPLESS_MAIN(SearchBudgetTest)
#include "search_budget_test.moc"

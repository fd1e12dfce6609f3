#include "storage/search_terms.h"

#include <QTest>

using namespace sotto;
using namespace sotto::storage;

namespace {

using Words = std::vector<std::string>;

}  // namespace

class SearchTermsTest : public QObject {
    Q_OBJECT
private slots:
    void parseSearch_separatesWordsByLength_data() {
        QTest::addColumn<std::string>("typed");
        QTest::addColumn<Words>("indexed");
        QTest::addColumn<Words>("scanned");
        QTest::newRow("empty") << std::string() << Words{} << Words{};
        QTest::newRow("blank") << std::string(" \t\n") << Words{} << Words{};
        QTest::newRow("words") << std::string("kv cache blocks") << Words{"cache", "blocks"}
                               << Words{"kv"};
        QTest::newRow("phrase") << std::string("say \"prefix cache\" now")
                                << Words{"say", "prefix cache", "now"} << Words{};
        QTest::newRow("open quote")
            << std::string("\"prefix cache") << Words{"prefix cache"} << Words{};
        QTest::newRow("quote in a word") << std::string("ab\"cde") << Words{"cde"} << Words{"ab"};
        QTest::newRow("only quotes") << std::string("\"\"\"") << Words{} << Words{};
        QTest::newRow("repeated") << std::string("token token") << Words{"token"} << Words{};
        // Characters count, not bytes.
        QTest::newRow("two Chinese characters") << std::string("缓存") << Words{} << Words{"缓存"};
        QTest::newRow("three Chinese characters")
            << std::string("前缀缓存") << Words{"前缀缓存"} << Words{};
        QTest::newRow("ideographic space")
            << std::string("前缀缓　磁盘") << Words{"前缀缓"} << Words{"磁盘"};
        QTest::newRow("NUL is dropped") << std::string("to\0ken", 6) << Words{"token"} << Words{};
    }
    void parseSearch_separatesWordsByLength() {
        QFETCH(std::string, typed);
        QFETCH(Words, indexed);
        QFETCH(Words, scanned);
        const SearchTerms terms = parseSearch(typed);
        QCOMPARE(terms.indexed, indexed);
        QCOMPARE(terms.scanned, scanned);
    }

    void parseSearch_isBoundedForAnEndlessText() {
        std::string typed;
        for (int word = 0; word < 1000; ++word) typed += "word" + std::to_string(word) + " ";
        QCOMPARE(parseSearch(typed).indexed.size(), std::size_t{16});
    }

    void parseSearch_takesTheBeginningOfAnEndlessTerm() {
        std::string typed;
        for (int repeat = 0; repeat < 1000; ++repeat) typed += "汉";
        QCOMPARE(parseSearch(typed).indexed.at(0), typed.substr(0, std::size_t{3} * 256));
    }

    void matchExpression_quotesEveryTrigram() {
        QCOMPARE(matchExpression({.indexed = {"foo", "AND NOT", "a\"b*"}, .scanned = {}}),
                 std::string(R"("foo" "AND" "ND " "D N" " NO" "NOT" "a""b" """b*")"));
        QCOMPARE(matchExpression({.indexed = {"量化模型"}, .scanned = {"x"}}),
                 std::string(R"("量化模" "化模型")"));
    }
};

QTEST_APPLESS_MAIN(SearchTermsTest)
#include "search_terms_test.moc"

#include "storage/search_terms.h"

#include <QTest>

using namespace sotto;
using namespace sotto::storage;

namespace {

using Words = std::vector<std::string>;

std::string joined(const std::vector<SnippetPart>& parts) {
    std::string text;
    for (const SnippetPart& part : parts) {
        text += part.isMatch ? "[" + part.text + "]" : part.text;
    }
    return text;
}

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

    void matchExpression_quotesEveryTerm() {
        QCOMPARE(matchExpression({.indexed = {"foo", "AND", "a\"b*"}, .scanned = {}}),
                 std::string(R"("foo" "AND" "a""b*")"));
    }

    void likePattern_escapesWildcards() {
        QCOMPARE(likePattern("5%_\\"), std::string("%5\\%\\_\\\\%"));
    }

    void excerpt_cutsAtWholeCharactersAroundTheMatch() {
        const std::string before(400, 'x');
        std::string chinese;
        for (int repeat = 0; repeat < 200; ++repeat) chinese += "汉";
        const std::string text = joined(excerpt(chinese + "KV" + chinese, {"kv"}));
        QVERIFY(text.starts_with("…汉"));
        QVERIFY(text.ends_with("汉…"));
        QVERIFY(text.find("[KV]") != std::string::npos);
        QVERIFY(QString::fromStdString(text).toUtf8().toStdString() == text);
        QCOMPARE(joined(excerpt("kv and KV", {"kv"})), std::string("[kv] and [KV]"));
        QCOMPARE(joined(excerpt("", {"kv"})), std::string());
    }

    void splitMarked_turnsMarksIntoParts() {
        QCOMPARE(joined(splitMarked("a\x01"
                                    "b\x02"
                                    "c")),
                 std::string("a[b]c"));
        QCOMPARE(joined(splitMarked("plain")), std::string("plain"));
        QCOMPARE(joined(splitMarked("\x01"
                                    "open")),
                 std::string("[open]"));
    }
};

QTEST_APPLESS_MAIN(SearchTermsTest)
#include "search_terms_test.moc"

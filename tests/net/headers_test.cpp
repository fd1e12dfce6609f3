// What the headers of an answer mean, also where they mean nothing.
#include "net/http/headers.h"

#include <QtTest>

using namespace sotto::net;

class HeadersTest : public QObject {
    Q_OBJECT

private slots:
    void names_haveNoCase() {
        HttpHeaders headers;
        headers.add("X-Repo-Commit:  abc \r");
        headers.add("no header");
        headers.add(": nothing");
        QCOMPARE(headers.text("x-repo-commit"), std::string("abc"));
        QVERIFY(!headers.find("no header"));
        QVERIFY(!headers.find(""));
    }

    void ranges() {
        const auto range = parseContentRange("bytes 100-199/1000");
        QVERIFY(range);
        QCOMPARE(range->first, 100u);
        QCOMPARE(range->last, 199u);
        QCOMPARE(range->total.value_or(0), 1000u);
        QVERIFY(!parseContentRange("BYTES 0-0/*")->total);
        for (const char* text :
             {"", "bytes", "bytes */1000", "bytes 5-4/10", "bytes 0-10/10", "bytes -1/10",
              "bytes 0-9/x", "items 0-9/10", "bytes 0-99999999999999999999/1", "bytes 0-9",
              "bytes 1e3-2/10", "bytes 0x1-2/10"})
            QVERIFY2(!parseContentRange(text), text);
    }

    void links_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("next");
        QTest::newRow("one") << R"(<https://h/api?cursor=a%3D&limit=5>; rel="next")"
                             << "https://h/api?cursor=a%3D&limit=5";
        QTest::newRow("second") << R"(<https://h/1>; rel="prev", <https://h/3,4>; rel="next")"
                                << "https://h/3,4";
        QTest::newRow("first") << R"(<https://h/3>; rel="next", <https://h/1>; rel="first")"
                               << "https://h/3";
        QTest::newRow("bare") << "</p?c=1>;rel=next"
                              << "/p?c=1";
        QTest::newRow("more words") << R"(<a>; title="x"; REL="last next")"
                                    << "a";
        QTest::newRow("no next") << R"(<a>; rel="prev")"
                                 << "";
        QTest::newRow("nothing") << ""
                                 << "";
        QTest::newRow("open") << "<a; rel=next"
                              << "";
        QTest::newRow("no relation") << "<a>"
                                     << "";
        QTest::newRow("part of a word") << R"(<a>; rel="nextish")"
                                        << "";
    }
    void links() {
        QFETCH(QString, text);
        QFETCH(QString, next);
        QCOMPARE(QString::fromStdString(nextLink(text.toStdString())), next);
    }

    void etags() {
        QCOMPARE(bareEtag("\"abc\""), std::string("abc"));
        QCOMPARE(bareEtag("W/\"abc\""), std::string("abc"));
        QCOMPARE(bareEtag(" abc "), std::string("abc"));
        QCOMPARE(bareEtag("\""), std::string("\""));
        QCOMPARE(bareEtag(""), std::string());
    }

    void limits() {
        const auto window = parseRateLimit(R"("api";r=0;t=55)");
        QVERIFY(window);
        QCOMPARE(window->name, std::string("api"));
        QCOMPARE(window->remaining, 0u);
        QCOMPARE(window->seconds, 55u);
        QCOMPARE(parseRateLimit(R"("resolvers"; r=2999 ; t=300)")->remaining, 2999u);
        for (const char* text : {"", "\"api\"", "\"api\";t=55", "\"api\";r=-1", ";;;", "r=0"})
            QVERIFY2(!parseRateLimit(text), text);
    }

    void pauses() {
        QCOMPARE(parseRetryAfter(" 120 ").value_or(0), 120u);
        QVERIFY(!parseRetryAfter("Wed, 21 Oct 2026 07:28:00 GMT"));
        QVERIFY(!parseRetryAfter("-1"));
        QVERIFY(!parseRetryAfter("1.5"));
        QVERIFY(!parseRetryAfter(""));
    }
};

QTEST_GUILESS_MAIN(HeadersTest)
#include "headers_test.moc"

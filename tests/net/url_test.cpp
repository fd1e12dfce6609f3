// Addresses: what they are in parts, and where a redirect leads from them.
#include "net/http/url.h"

#include <QtTest>

using namespace sotto;
using namespace sotto::net;

class UrlTest : public QObject {
    Q_OBJECT

private slots:
    void parts() {
        const auto url = Url::parse("HTTPS://Hub.Example/a/b%20c?x=1&y=a%2Fb#part");
        QVERIFY(url);
        QCOMPARE(url->scheme, std::string("https"));
        QCOMPARE(url->host, std::string("hub.example"));
        QCOMPARE(url->port, 443);
        QCOMPARE(url->target, std::string("/a/b%20c?x=1&y=a%2Fb"));
        QCOMPARE(url->origin(), std::string("https://hub.example:443"));
    }

    void ipv6AndPorts() {
        const auto url = Url::parse("http://[::1]:8080");
        QVERIFY(url);
        QCOMPARE(url->host, std::string("[::1]"));
        QCOMPARE(url->port, 8080);
        QCOMPARE(url->target, std::string("/"));
        QVERIFY(url->isLoopback());
    }

    void whatIsNoAddress_isRefused_data() {
        QTest::addColumn<QString>("text");
        for (const char* text : {"", "file:///etc/passwd", "ftp://a/b", "http://user:secret@a/b",
                                 "http://user@a/", "https://", "http://a/b c", "http://a/\r\nX: y",
                                 "http://a:0/", "http://a:99999/", "javascript:1", "gopher://a"})
            QTest::newRow(text) << QString::fromUtf8(text);
        QTest::newRow("long") << QString("http://a/" + QString(20000, 'x'));
    }
    void whatIsNoAddress_isRefused() {
        QFETCH(QString, text);
        QVERIFY(!Url::parse(text.toStdString()));
    }

    void steps_data() {
        QTest::addColumn<QString>("location");
        QTest::addColumn<QString>("leadsTo");
        QTest::newRow("path with query") << "/api/resolve-cache/m/c/f?etag=%22a%22"
                                         << "https://hub:443/api/resolve-cache/m/c/f?etag=%22a%22";
        QTest::newRow("absolute") << "http://cdn:81/x?Signature=a~b&Policy=c"
                                  << "http://cdn:81/x?Signature=a~b&Policy=c";
        QTest::newRow("same scheme") << "//cdn/x"
                                     << "https://cdn:443/x";
        QTest::newRow("query only") << "?page=2"
                                    << "https://hub:443/a/b?page=2";
        QTest::newRow("beside") << "c"
                                << "https://hub:443/a/c";
        QTest::newRow("up") << "../../../c"
                            << "https://hub:443/c";
        QTest::newRow("other scheme") << "file:///etc/passwd"
                                      << "";
        QTest::newRow("with a user") << "https://hub@evil/x"
                                     << "";
        QTest::newRow("header") << "/x\r\nSet-Cookie: a"
                                << "";
        QTest::newRow("nothing") << ""
                                 << "";
    }
    void steps() {
        QFETCH(QString, location);
        QFETCH(QString, leadsTo);
        const auto next = Url::parse("https://hub/a/b?old=1")->resolve(location.toStdString());
        QCOMPARE(next ? QString::fromStdString(next->text()) : QString(), leadsTo);
    }

    void origins_differInHostSchemeAndPort() {
        const std::string own = Url::parse("https://hub/a")->origin();
        QCOMPARE(Url::parse("https://HUB:443/b?c")->origin(), own);
        for (const char* other : {"http://hub/a", "https://hub:8443/a", "https://hub.evil/a",
                                  "https://cdn.hub/a", "http://hub:443/a"})
            QVERIFY2(Url::parse(other)->origin() != own, other);
    }

    void encoding() {
        QCOMPARE(percentEncoded("a b/c?d#e%f\"+&=ü"),
                 std::string("a%20b%2Fc%3Fd%23e%25f%22%2B%26%3D%C3%BC"));
        QCOMPARE(percentEncoded("a/b.gguf", "/"), std::string("a/b.gguf"));
    }
};

QTEST_GUILESS_MAIN(UrlTest)
#include "url_test.moc"

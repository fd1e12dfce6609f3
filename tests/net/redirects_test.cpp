// Redirects: where they lead, what goes along, and where they end.
#include <QTemporaryDir>
#include <QtTest>

#include "net/http/http_client.h"
#include "tests/net/net_fixture.h"
#include "tests/support/hub/hub_server.h"

using namespace sotto;
using namespace sotto::net;
using namespace sotto::test;

namespace {

Reply leadTo(const std::string& location, int status = 302) {
    Reply reply{.status = status};
    return reply.with("Location", location);
}

}  // namespace

class RedirectsTest : public QObject {
    Q_OBJECT

private slots:
    void aToken_staysWithItsServer() {
        HubServer other([](const ServedRequest&) { return Reply{.body = "bytes"}; });
        HubServer server([&](const ServedRequest& request) {
            return leadTo(request.path() == "/first" ? "/second?etag=%22a%22"
                                                     : other.origin() + "/signed?Signature=x");
        });
        NetFixture fixture;
        const HttpClient client = fixture.client(server.origin(), "hf_secret");
        auto answer = client.open({.url = *Url::parse(server.origin() + "/first")}, fixture.never);
        VERIFY_OK(answer);
        QCOMPARE(answer->url.text(), other.origin() + "/signed?Signature=x");
        QCOMPARE(answer->passed.size(), 2u);
        QCOMPARE(server.requests().at(0).header("Authorization"), std::string("Bearer hf_secret"));
        // The relative step kept its query and, on the same server, the token.
        QCOMPARE(server.requests().at(1).target, std::string("/second?etag=%22a%22"));
        QCOMPARE(server.requests().at(1).header("Authorization"), std::string("Bearer hf_secret"));
        QVERIFY(other.requests().at(0).header("Authorization").empty());
        VERIFY_OK(readBody(*answer, 100, fixture.never));
        QCOMPARE(fixture.ledger.entries().size(), 3u);
        for (const LedgerEntry& entry : fixture.ledger.entries())
            QVERIFY(entry.problem.find("hf_secret") == std::string::npos);
    }

    void aToken_doesNotGoToAnotherHost_fromTheStart() {
        HubServer other([](const ServedRequest&) { return Reply{}; });
        NetFixture fixture;
        const HttpClient client = fixture.client("https://huggingface.co", "hf_secret");
        VERIFY_OK(client.open({.url = *Url::parse(other.origin())}, fixture.never));
        QVERIFY(other.requests().at(0).header("Authorization").empty());
    }

    void aLoop_ends() {
        HubServer server([](const ServedRequest&) { return leadTo("/again"); });
        NetFixture fixture;
        COMPARE_ERROR(bodyOf(fixture, server.origin()), ErrorCode::HubFailed);
        QVERIFY(server.requests().size() <= 10);
    }

    void httpsNeverBecomesHttp() {
        HubServer plain([](const ServedRequest&) { return Reply{.body = "plain"}; });
        HubServer server([&](const ServedRequest&) { return leadTo(plain.origin()); },
                         {.isTls = true});
        const QTemporaryDir folder;
        QFile file(folder.filePath("authority.pem"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray::fromStdString(server.certificate()));
        file.close();
        NetFixture fixture({.authorities = file.fileName().toStdString()});
        COMPARE_ERROR(bodyOf(fixture, server.origin()), ErrorCode::HubFailed);
        QVERIFY(plain.requests().empty());
    }

    void aPlace_thatIsNone_isAnError_data() {
        QTest::addColumn<QString>("location");
        for (const char* location : {"file:///etc/passwd", "ftp://x/y", "http://user@127.0.0.1/"})
            QTest::newRow(location) << QString::fromUtf8(location);
    }
    void aPlace_thatIsNone_isAnError() {
        QFETCH(QString, location);
        HubServer server([&](const ServedRequest&) { return leadTo(location.toStdString()); });
        NetFixture fixture;
        COMPARE_ERROR(bodyOf(fixture, server.origin()), ErrorCode::HubFailed);
    }

    void aRedirect_withoutAPlace_isAnAnswer() {
        HubServer server([](const ServedRequest&) { return Reply{.status = 302, .body = "?"}; });
        NetFixture fixture;
        const HttpClient client = fixture.client(server.origin());
        const auto answer = client.open({.url = client.server()}, fixture.never);
        VERIFY_OK(answer);
        QCOMPARE(answer->head.status, 302);
    }

    void whatIsEnough_isNotFollowed() {
        HubServer other([](const ServedRequest&) { return Reply{}; });
        HubServer server([&](const ServedRequest& request) {
            Reply reply = leadTo(request.path() == "/a" ? "/b" : other.origin());
            return reply.with("X-Linked-Etag", "1");
        });
        NetFixture fixture;
        const HttpClient client = fixture.client(server.origin());
        const auto answer =
            client.open({.url = *Url::parse(server.origin() + "/a"),
                         .isEnough =
                             [](const HttpHead& head) {
                                 return head.headers.find("X-Linked-Etag").has_value();
                             }},
                        fixture.never);
        VERIFY_OK(answer);
        // A step on the same server is followed all the same.
        QCOMPARE(answer->head.status, 302);
        QCOMPARE(answer->url.target, std::string("/b"));
        QVERIFY(other.requests().empty());
    }
};

QTEST_GUILESS_MAIN(RedirectsTest)
#include "redirects_test.moc"

// One request and its answer: what comes whole, what is cut, what lies, what never ends, and the
// switch that nothing passes.
#include "net/http/transport.h"

#include <QTemporaryDir>
#include <QtTest>
#include <atomic>
#include <thread>

#include "tests/net/net_fixture.h"
#include "tests/support/hub/hub_server.h"

using namespace sotto;
using namespace sotto::net;
using namespace sotto::test;

namespace {

// Longer than a name may be: it is unknown without a question to the network.
const std::string kNoName = std::string(64, 'x') + ".invalid";

HubServer::Handler always(Reply reply) {
    return [reply](const ServedRequest&) { return reply; };
}

}  // namespace

class TransportTest : public QObject {
    Q_OBJECT

private slots:
    void aBody_comesWhole() {
        const std::string content(3'000'000, 'x');
        HubServer server(always({.body = content}));
        NetFixture fixture;
        const auto body = bodyOf(fixture, server.origin() + "/file?a=b");
        VERIFY_OK(body);
        QVERIFY(*body == content);
        const ServedRequest request = server.requests().at(0);
        QCOMPARE(request.target, std::string("/file?a=b"));
        QCOMPARE(request.header("Accept-Encoding"), std::string("identity"));
        QCOMPARE(request.header("User-Agent"), std::string("sotto"));
        QVERIFY(request.header("Authorization").empty());
    }

    void anUnreadBody_slowsItsSender() {
        HubServer server(always({.body = std::string(1 << 20, 'x'), .isEndless = true}));
        NetFixture fixture;
        const HttpClient client = fixture.client(server.origin());
        auto answer = client.open({.url = client.server()}, fixture.never);
        VERIFY_OK(answer);
        // What is not read does not come: the reader takes 64 MiB in pieces of the buffer's size.
        std::size_t nBytes = 0;
        while (nBytes < std::size_t{64} << 20) {
            const auto bytes = answer->stream->next(fixture.never);
            VERIFY_OK(bytes);
            QVERIFY(bytes->size() <= (std::size_t{1} << 20) + (std::size_t{512} << 10));
            nBytes += bytes->size();
        }
    }

    void ipv6() {
        HubServer server(always({.body = "six"}), {.isIpv6 = true});
        NetFixture fixture;
        const auto body = bodyOf(fixture, server.origin());
        VERIFY_OK(body);
        QCOMPARE(*body, std::string("six"));
    }

    void everyRequest_isInTheLedger() {
        HubServer server(always({.status = 404, .body = "nothing"}));
        NetFixture fixture;
        VERIFY_OK(bodyOf(fixture, server.origin()));
        const auto entries = fixture.ledger.entries();
        QCOMPARE(entries.size(), 1u);
        QCOMPARE(entries[0].host, std::string("127.0.0.1"));
        QCOMPARE(entries[0].port, server.port());
        QCOMPARE(entries[0].httpStatus, 404);
        QCOMPARE(entries[0].startedAtMs, fixture.clock.wallMs());
        QVERIFY(entries[0].problem.empty());
        QVERIFY(entries[0].sentBytes > 0 && entries[0].receivedBytes > 7);
        const auto begun = fixture.ledger.begun();
        QCOMPARE(begun.size(), 1u);
        QCOMPARE(begun[0].id, entries[0].id);
        QCOMPARE(begun[0].host, entries[0].host);
        QCOMPARE(begun[0].startedAtMs, entries[0].startedAtMs);
        QCOMPARE(begun[0].sentBytes + begun[0].receivedBytes, 0u);
        QCOMPARE(fixture.network->sentBytes(), entries[0].sentBytes);
        QCOMPARE(fixture.network->receivedBytes(), entries[0].receivedBytes);
    }

    // The server has the request: by then its beginning is written down, and its end is not.
    void aRequest_isInTheLedger_beforeItLeaves() {
        HubServer server(always({.body = "x", .holdsAfter = 0}));
        NetFixture fixture;
        const auto stream = fixture.transport().open({.url = *Url::parse(server.origin())});
        QVERIFY(server.waitForRequests(1));
        QCOMPARE(fixture.ledger.begun().size(), 1u);
        QVERIFY(fixture.ledger.entries().empty());
    }

    void whatIsOpen_isTold() {
        HubServer server(always({.body = "x", .holdsAfter = 0}));
        NetFixture fixture;
        std::atomic<int> nTold = 0;
        fixture.network->setListener([&] { ++nTold; });
        QCOMPARE(fixture.network->nOpen(), 0);
        auto stream = fixture.transport().open({.url = *Url::parse(server.origin())});
        QVERIFY(server.waitForRequests(1));
        QCOMPARE(fixture.network->nOpen(), 1);
        QCOMPARE(nTold.load(), 1);
        server.release();
        VERIFY_OK(stream->next(fixture.never));
        QTRY_COMPARE(fixture.network->nOpen(), 0);
        QTRY_COMPARE(nTold.load(), 2);
        fixture.network->setListener({});
    }

    void nobodyListens() {
        std::string origin;
        {
            HubServer server(always({}));
            origin = server.origin();
        }
        NetFixture fixture;
        COMPARE_ERROR(bodyOf(fixture, origin), ErrorCode::Unreachable);
        const auto entries = fixture.ledger.entries();
        QCOMPARE(entries.size(), 1u);
        QVERIFY(!entries[0].problem.empty());
        QCOMPARE(entries[0].httpStatus, 0);
    }

    void anUnknownName() {
        NetFixture fixture;
        COMPARE_ERROR(bodyOf(fixture, "http://" + kNoName), ErrorCode::Unreachable);
    }

    void aBody_shorterThanItsLength_isAnError() {
        HubServer server(always({.body = "short", .claimedLength = 500, .cutAfter = 5}));
        NetFixture fixture;
        COMPARE_ERROR(bodyOf(fixture, server.origin()), ErrorCode::Unreachable);
    }

    void aBody_longerThanItsLength_endsThere() {
        HubServer server(always({.body = "0123456789", .claimedLength = 4}));
        NetFixture fixture;
        const auto body = bodyOf(fixture, server.origin());
        VERIFY_OK(body);
        QCOMPARE(*body, std::string("0123"));
    }

    void anEndlessHead_isGivenUp() {
        HubServer server(always({.hasEndlessHead = true}));
        NetFixture fixture;
        COMPARE_ERROR(bodyOf(fixture, server.origin()), ErrorCode::HubFailed);
    }

    void endlessAnnouncements_areGivenUp() {
        std::string raw;
        for (int count = 0; count < 10000; ++count) raw += "HTTP/1.1 103 Early\r\n\r\n";
        HubServer server(always({.raw = raw}));
        NetFixture fixture;
        COMPARE_ERROR(bodyOf(fixture, server.origin()), ErrorCode::HubFailed);
    }

    void anEndlessBody_isGivenUp() {
        HubServer server(always({.body = std::string(100'000, 'x'), .isEndless = true}));
        NetFixture fixture;
        COMPARE_ERROR(bodyOf(fixture, server.origin()), ErrorCode::HubFailed);
    }

    void whatIsNoHttp_isAnError() {
        HubServer server(always({.raw = "220 mail ready\r\n"}));
        NetFixture fixture;
        COMPARE_ERROR(bodyOf(fixture, server.origin()), ErrorCode::HubFailed);
    }

    void aSilentServer_isGivenUp_byTheClock() {
        HubServer server(always({.body = "0123456789", .holdsAfter = 5}));
        NetFixture fixture;
        const HttpClient client = fixture.client(server.origin());
        auto answer = client.open({.url = client.server()}, fixture.never);
        VERIFY_OK(answer);
        VERIFY_OK(answer->stream->next(fixture.never));
        fixture.clock.advance(std::chrono::seconds(29));
        QVERIFY(fixture.ledger.entries().empty());
        fixture.clock.advance(std::chrono::seconds(2));
        const auto rest = answer->stream->next(fixture.never);
        COMPARE_ERROR(rest, ErrorCode::Unreachable);
        QVERIFY2(rest.error().message.find("30 s") != std::string::npos,
                 rest.error().message.c_str());
    }

    // However long it takes: only the bytes count.
    void aLongAnswer_isNoStall() {
        HubServer server(always({.body = std::string(1 << 20, 'x'), .isEndless = true}));
        NetFixture fixture;
        const HttpClient client = fixture.client(server.origin());
        auto answer = client.open({.url = client.server()}, fixture.never);
        VERIFY_OK(answer);
        for (int minute = 0; minute < 50; ++minute) {
            VERIFY_OK(answer->stream->next(fixture.never));
            fixture.clock.advance(std::chrono::seconds(20));
        }
    }

    void stopping_endsAWait() {
        HubServer server(always({.body = "x", .holdsAfter = 0}));
        NetFixture fixture;
        std::stop_source stop;
        const HttpClient client = fixture.client(server.origin());
        auto answer = client.open({.url = client.server()}, fixture.never);
        VERIFY_OK(answer);
        std::thread stopper([&] { stop.request_stop(); });
        COMPARE_ERROR(answer->stream->next(stop.get_token()), ErrorCode::Cancelled);
        stopper.join();
    }

    void offline_nothingBegins() {
        HubServer server(always({}));
        NetFixture fixture({.isOffline = true});
        COMPARE_ERROR(bodyOf(fixture, server.origin()), ErrorCode::Offline);
        QVERIFY(server.requests().empty());
        QVERIFY(fixture.ledger.entries().empty());
        QCOMPARE(fixture.network->sentBytes(), 0u);
        fixture.network->setOffline(false);
        VERIFY_OK(bodyOf(fixture, server.origin()));
        // A connection that is open already is no way out either.
        fixture.network->setOffline(true);
        COMPARE_ERROR(bodyOf(fixture, server.origin()), ErrorCode::Offline);
        QCOMPARE(server.requests().size(), 1u);
    }

    void offline_endsWhatIsUnderWay() {
        HubServer server(always({.body = "x", .holdsAfter = 0}));
        NetFixture fixture;
        const HttpClient client = fixture.client(server.origin());
        auto answer = client.open({.url = client.server()}, fixture.never);
        VERIFY_OK(answer);
        fixture.network->setOffline(true);
        COMPARE_ERROR(answer->stream->next(fixture.never), ErrorCode::Offline);
    }

    void closing_endsWhatIsUnderWay() {
        HubServer server(always({.body = "x", .holdsAfter = 0}));
        NetFixture fixture;
        auto stream = fixture.transport().open({.url = *Url::parse(server.origin())});
        VERIFY_OK(stream->head(fixture.never));
        fixture.network.reset();
        COMPARE_ERROR(stream->next(fixture.never), ErrorCode::Closed);
    }

    void aCertificate_thatNobodySigned_isRefused() {
        HubServer server(always({.body = "secret"}), {.isTls = true});
        NetFixture fixture;
        COMPARE_ERROR(bodyOf(fixture, server.origin()), ErrorCode::CertificateRefused);
        QVERIFY(server.requests().empty());
    }

    void aCertificate_thatIsBelieved_isTaken_forItsNameOnly() {
        HubServer server(always({.body = "secret"}), {.isTls = true});
        const QTemporaryDir folder;
        QFile file(folder.filePath("authority.pem"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray::fromStdString(server.certificate()));
        file.close();
        NetFixture fixture({.authorities = file.fileName().toStdString()});
        const auto body = bodyOf(fixture, server.origin());
        VERIFY_OK(body);
        QCOMPARE(*body, std::string("secret"));
        const std::string otherName = "https://localhost:" + std::to_string(server.port());
        COMPARE_ERROR(bodyOf(fixture, otherName), ErrorCode::CertificateRefused);
    }

    void aProxy_isUsed_andItsRefusalSaid() {
        HubServer proxy(always({.status = 407, .body = "who are you"}));
        NetFixture fixture({.proxy = proxy.origin()});
        const HttpClient client = fixture.client("https://hub.invalid");
        COMPARE_ERROR(client.open({.url = client.server()}, fixture.never), ErrorCode::ProxyFailed);
        QCOMPARE(proxy.requests().at(0).method, std::string("CONNECT"));
    }

    void theSystemsProxy_isUsed_andATokenNotSentInTheOpen() {
        HubServer proxy(always({.body = "through"}));
        qputenv("http_proxy", QByteArray::fromStdString(proxy.origin()));
        qunsetenv("no_proxy");
        qunsetenv("NO_PROXY");
        const auto network = Network::create({});
        VERIFY_OK(network);
        const HttpClient client((*network)->transport(), *Url::parse("http://hub.invalid"),
                                "hf_secret");
        auto answer = client.open({.url = *Url::parse("http://hub.invalid/x")}, std::stop_token());
        qunsetenv("http_proxy");
        VERIFY_OK(answer);
        QCOMPARE(proxy.requests().at(0).target, std::string("http://hub.invalid/x"));
        QVERIFY(proxy.requests().at(0).header("Authorization").empty());
    }

    void aProxy_thatIsNotThere() {
        NetFixture fixture({.proxy = "http://" + kNoName + ":3128"});
        COMPARE_ERROR(bodyOf(fixture, "http://hub.invalid"), ErrorCode::ProxyFailed);
    }
};

QTEST_GUILESS_MAIN(TransportTest)
#include "transport_test.moc"

// The program's way to the hub: another endpoint, another token and the switch, while it runs.
#include "app/core/hub/model_hub.h"

#include <QTemporaryDir>
#include <QtTest>

#include "tests/support/hub/file_contents.h"
#include "tests/support/hub/hub_repository.h"
#include "tests/support/hub/recorded_ledger.h"

using namespace sotto;
using namespace sotto::app;
using namespace sotto::test;

namespace {

// In its own folder, at `endpoint`, past no proxy.
std::unique_ptr<ModelHub> hubAt(const std::string& endpoint, const QTemporaryDir& folder,
                                net::LedgerSink* ledger = nullptr) {
    auto hub = ModelHub::create({.network = {.ledger = ledger, .proxy = ""},
                                 .hub = {.endpoint = endpoint},
                                 .folder = folder.path().toStdString()});
    return hub ? std::move(*hub) : nullptr;
}

std::string tokenOfLast(HubServer& server) {
    return server.requests().back().header("Authorization");
}

}  // namespace

class ModelHubTest : public QObject {
    Q_OBJECT

private slots:
    void anEndpoint_isOfWhatBeginsAfterwards() {
        HubRepository first;
        HubRepository second;
        second.add("tiny.gguf", randomBytes(1000, 1));
        QTemporaryDir folder;
        const auto hub = hubAt(first.endpoint(), folder);
        QVERIFY(hub != nullptr);
        QVERIFY(hub->client().search({}, {}).has_value());
        QVERIFY(hub->setEndpoint(second.endpoint()).has_value());
        QCOMPARE(hub->client().options().endpoint, second.endpoint());
        QVERIFY(hub->client().search({}, {}).has_value());
        QCOMPARE(first.hub().requests().size(), 1u);
        QCOMPARE(second.hub().requests().size(), 1u);
        // Downloads go there, too.
        QVERIFY(
            hub->downloads()
                .add(
                    {.repository = second.repository, .path = "tiny.gguf", .folder = hub->folder()})
                .has_value());
        hub->downloads().waitUntilIdle();
        const auto list = hub->downloads().list();
        QCOMPARE(list.size(), 1u);
        QCOMPARE(list[0].record.endpoint, second.endpoint());
        QCOMPARE(list[0].record.state, net::DownloadState::Verified);
        QCOMPARE(first.hub().requests().size(), 1u);
    }

    void anEndpointThatIsNone_changesNothing() {
        HubRepository repository;
        QTemporaryDir folder;
        const auto hub = hubAt(repository.endpoint(), folder);
        const Status changed = hub->setEndpoint("ftp://somewhere");
        QVERIFY(!changed);
        QCOMPARE(changed.error().code, ErrorCode::InvalidArgument);
        QCOMPARE(hub->client().options().endpoint, repository.endpoint());
        QVERIFY(hub->client().search({}, {}).has_value());
    }

    void aToken_isSentFromThenOn_andTakenBack() {
        HubRepository repository;
        QTemporaryDir folder;
        const auto hub = hubAt(repository.endpoint(), folder);
        QVERIFY(hub->client().search({}, {}).has_value());
        QCOMPARE(tokenOfLast(repository.hub()), std::string());
        QVERIFY(hub->setToken("hf_new").has_value());
        QVERIFY(hub->client().search({}, {}).has_value());
        QCOMPARE(tokenOfLast(repository.hub()), std::string("Bearer hf_new"));
        // One that is none leaves the one before.
        QVERIFY(!hub->setToken("hf new\n"));
        QVERIFY(hub->client().search({}, {}).has_value());
        QCOMPARE(tokenOfLast(repository.hub()), std::string("Bearer hf_new"));
        QVERIFY(hub->setToken({}).has_value());
        QVERIFY(hub->client().search({}, {}).has_value());
        QCOMPARE(tokenOfLast(repository.hub()), std::string());
    }

    void anotherHub_neverGetsTheToken() {
        HubRepository first;
        HubRepository second;
        QTemporaryDir folder;
        const auto hub = hubAt(first.endpoint(), folder);
        QVERIFY(hub->setToken("hf_first").has_value());
        QVERIFY(hub->setEndpoint(second.endpoint()).has_value());
        QVERIFY(hub->client().search({}, {}).has_value());
        QCOMPARE(tokenOfLast(second.hub()), std::string());
        // Of the same one, written otherwise, it stays.
        QVERIFY(hub->setToken("hf_second").has_value());
        QVERIFY(hub->setEndpoint(second.endpoint() + "/").has_value());
        QVERIFY(hub->client().search({}, {}).has_value());
        QCOMPARE(tokenOfLast(second.hub()), std::string("Bearer hf_second"));
    }

    // Its part is of the hub that it was begun at, and so is what it asks.
    void aDownload_staysWithItsHub() {
        HubRepository first;
        HubRepository second;
        const std::string content = randomBytes(100'000, 1);
        first.add("tiny.gguf", content);
        second.add("tiny.gguf", randomBytes(100'000, 2));
        first.bendBytes([&](const ServedRequest& request) -> std::optional<Reply> {
            Reply reply = first.bytesReply(request);
            reply.holdsAfter = 50'000;
            return reply;
        });
        QTemporaryDir folder;
        const auto hub = hubAt(first.endpoint(), folder);
        const auto id = hub->downloads().add(
            {.repository = first.repository, .path = "tiny.gguf", .folder = hub->folder()});
        QVERIFY(id.has_value());
        QTRY_VERIFY(hub->downloads().list()[0].nReceivedBytes >= 50'000);
        // What moves counts before its request has ended.
        QTRY_VERIFY(hub->network().receivedBytes() >= 50'000);
        hub->downloads().pause(*id);
        hub->downloads().waitUntilIdle();
        QVERIFY(hub->setEndpoint(second.endpoint()).has_value());
        first.bendBytes({});
        first.bytes().release();
        hub->downloads().resume(*id);
        hub->downloads().waitUntilIdle();
        QCOMPARE(hub->downloads().list()[0].record.state, net::DownloadState::Verified);
        QVERIFY(hub->downloads().list()[0].nResumedBytes > 0);
        QVERIFY(contentOf(hub->folder() / "tiny.gguf") == content);
        QVERIFY(second.hub().requests().empty());
    }

    void theSwitch_letsNothingPass() {
        HubRepository repository;
        RecordedLedger ledger;
        QTemporaryDir folder;
        const auto hub = hubAt(repository.endpoint(), folder, &ledger);
        hub->setOffline(true);
        const auto page = hub->client().search({}, {});
        QVERIFY(!page);
        QCOMPARE(page.error().code, ErrorCode::Offline);
        QVERIFY(hub->downloads()
                    .add({.repository = repository.repository,
                          .path = "tiny.gguf",
                          .folder = hub->folder()})
                    .has_value());
        hub->downloads().waitUntilIdle();
        QCOMPARE(hub->downloads().list()[0].record.problem.code, ErrorCode::Offline);
        QCOMPARE(hub->network().sentBytes(), 0u);
        QVERIFY(repository.hub().requests().empty());
        hub->setOffline(false);
        QVERIFY(hub->client().search({}, {}).has_value());
        QVERIFY(hub->network().sentBytes() > 0u);
    }
};

QTEST_APPLESS_MAIN(ModelHubTest)
#include "model_hub_test.moc"

// The hub's client against a hub that answers well, badly, late and never.
#include "net/api/hub_client.h"

#include <QtTest>
#include <atomic>
#include <set>

#include "tests/net/net_fixture.h"
#include "tests/support/hub/hub_repository.h"
#include "tests/support/hub/hub_server.h"

using namespace sotto;
using namespace sotto::net;
using namespace sotto::test;

namespace {

std::unique_ptr<HubClient> clientOf(NetFixture& fixture, const std::string& endpoint,
                                    std::string token = {}) {
    auto client =
        HubClient::create(*fixture.network, {.endpoint = endpoint, .token = std::move(token)});
    return client ? std::move(*client) : nullptr;
}

Reply refusal(int status, const std::string& code, const std::string& message = {}) {
    Reply reply{.status = status, .body = "{\"error\": \"no\"}"};
    if (!code.empty()) reply.with("X-Error-Code", code);
    if (!message.empty()) reply.with("X-Error-Message", message);
    return reply;
}

std::string pageOf(int first, int count) {
    std::string json = "[";
    for (int index = 0; index < count; ++index) {
        if (index > 0) json += ",";
        json += R"({"id": "acme/model-)" + std::to_string(first + index) + R"(", "downloads": 5})";
    }
    return json + "]";
}

}  // namespace

class HubClientTest : public QObject {
    Q_OBJECT

private slots:
    void aSearch_asksWhatIsWanted() {
        HubServer server([](const ServedRequest&) { return Reply{.body = pageOf(0, 2)}; });
        NetFixture fixture;
        const auto client = clientOf(fixture, server.origin() + "/");
        const auto page = client->search({.text = "a b&c",
                                          .author = "acme",
                                          .filters = {"gguf", "license:mit"},
                                          .parameters = "min:6B,max:32B",
                                          .isGated = false,
                                          .sort = HubSort::Trending,
                                          .limit = 20},
                                         fixture.never);
        VERIFY_OK(page);
        QCOMPARE(page->models.size(), 2u);
        QVERIFY(page->next.empty());
        const std::string target = server.requests().at(0).target;
        for (const char* part :
             {"/api/models?", "search=a%20b%26c", "author=acme", "filter=gguf",
              "filter=license%3Amit", "num_parameters=min%3A6B%2Cmax%3A32B", "gated=false",
              "sort=trendingScore", "limit=20", "expand=gguf", "expand=siblings"})
            QVERIFY2(target.find(part) != std::string::npos, part);
        QCOMPARE(fixture.ledger.entries().at(0).purpose, Purpose::Search);
    }

    void tenThousandResults_comeInPages() {
        constexpr int kPage = 100;
        constexpr int kTotal = 10'000;
        std::string origin;
        HubServer server([&](const ServedRequest& request) {
            const std::size_t at = request.target.find("cursor=");
            const int first =
                at == std::string::npos ? 0 : std::atoi(request.target.c_str() + at + 7);
            Reply reply{.body = pageOf(first, kPage)};
            if (first + kPage < kTotal)
                reply.with("Link", "<" + origin + "/api/models?cursor=" +
                                       std::to_string(first + kPage) + "&limit=100>; rel=\"next\"");
            return reply;
        });
        origin = server.origin();
        NetFixture fixture;
        const auto client = clientOf(fixture, origin);
        std::set<std::string> names;
        auto page = client->search({.limit = kPage}, fixture.never);
        VERIFY_OK(page);
        while (true) {
            for (const HubModel& model : page->models) names.insert(model.repository);
            if (page->next.empty()) break;
            page = client->nextPage(*page, fixture.never);
            VERIFY_OK(page);
        }
        QCOMPARE(names.size(), std::size_t{kTotal});
        QCOMPARE(server.requests().size(), std::size_t{kTotal / kPage});
    }

    // A mirror that names the server it mirrors is asked on, not that one.
    void theNextPage_staysOnTheChosenHub() {
        HubServer server([](const ServedRequest& request) {
            Reply reply{.body = pageOf(0, 1)};
            if (request.target.find("cursor") == std::string::npos)
                reply.with("Link", "<https://huggingface.co/api/models?cursor=x>; rel=\"next\"");
            return reply;
        });
        NetFixture fixture;
        const auto client = clientOf(fixture, server.origin());
        const auto page = client->search({}, fixture.never);
        VERIFY_OK(page);
        VERIFY_OK(client->nextPage(*page, fixture.never));
        QCOMPARE(server.requests().at(1).target, std::string("/api/models?cursor=x"));
    }

    void files_andTheirHashes() {
        HubRepository hub;
        hub.add("README.md", "# Tiny", false);
        hub.add("Q4/tiny.gguf", "GGUF...");
        NetFixture fixture;
        const auto client = clientOf(fixture, hub.endpoint());
        const auto files = client->files(hub.repository, "", fixture.never);
        VERIFY_OK(files);
        QCOMPARE(files->size(), 2u);
        QCOMPARE(files->at(0).sha256, sha256Of("GGUF..."));
        QCOMPARE(files->at(1).blobSha1, blobSha1Of("# Tiny"));
        QCOMPARE(files->at(1).nBytes, 6u);
    }

    void aReadme_comesWithAReasonOfItsOwn() {
        HubRepository hub;
        hub.add("README.md", "# Tiny", false);
        NetFixture fixture;
        const auto client = clientOf(fixture, hub.endpoint());
        const auto readme = client->readme(hub.repository, "", fixture.never);
        VERIFY_OK(readme);
        QCOMPARE(readme->text, std::string("# Tiny"));
        QVERIFY(readme->isWhole);
        QCOMPARE(fixture.ledger.entries().at(0).purpose, Purpose::Card);
        COMPARE_ERROR(client->readme("../x", "", fixture.never), ErrorCode::InvalidArgument);
    }

    void noReadme_isNotThere() {
        HubRepository hub;
        NetFixture fixture;
        const auto client = clientOf(fixture, hub.endpoint());
        COMPARE_ERROR(client->readme(hub.repository, "", fixture.never), ErrorCode::NotOnHub);
    }

    void aReadmeWithoutEnd_isCutAtTheLimit() {
        HubServer server([](const ServedRequest&) {
            return Reply{.body = std::string(1000, 'x'), .isEndless = true};
        });
        NetFixture fixture;
        const auto client = clientOf(fixture, server.origin());
        const auto readme = client->readme("a/b", "", fixture.never);
        VERIFY_OK(readme);
        QCOMPARE(readme->text.size(), kMaxReadmeBytes);
        QVERIFY(!readme->isWhole);
    }

    void aReadmeOfTheLimit_isWhole() {
        HubServer server(
            [](const ServedRequest&) { return Reply{.body = std::string(kMaxReadmeBytes, 'x')}; });
        NetFixture fixture;
        const auto client = clientOf(fixture, server.origin());
        const auto readme = client->readme("a/b", "", fixture.never);
        VERIFY_OK(readme);
        QCOMPARE(readme->text.size(), kMaxReadmeBytes);
        QVERIFY(readme->isWhole);
    }

    void aListWithoutEnd_isGivenUp() {
        HubServer server([](const ServedRequest&) {
            Reply reply{.body = "[]"};
            return reply.with("Link", "</api/models/a/b/tree/main?cursor=same>; rel=\"next\"");
        });
        NetFixture fixture;
        const auto client = clientOf(fixture, server.origin());
        COMPARE_ERROR(client->files("a/b", "main", fixture.never), ErrorCode::HubFailed);
    }

    void aFile_isResolvedToItsCommit() {
        HubRepository hub;
        hub.add("Q4/tiny model.gguf", "GGUF...");
        hub.add("README.md", "# Tiny", false);
        NetFixture fixture;
        const auto client = clientOf(fixture, hub.endpoint(), "hf_secret");
        const auto file =
            client->resolve(hub.repository, "main", "Q4/tiny model.gguf", fixture.never);
        VERIFY_OK(file);
        QCOMPARE(file->commit, std::string("0123456789abcdef0123456789abcdef01234567"));
        QCOMPARE(file->sha256, sha256Of("GGUF..."));
        QCOMPARE(file->nBytes, 7u);
        QVERIFY(file->address.starts_with(hub.bytes().origin()));
        QCOMPARE(hub.hub().requests().at(0).method, std::string("HEAD"));
        QCOMPARE(hub.hub().requests().at(0).target,
                 "/" + hub.repository + "/resolve/main/Q4/tiny%20model.gguf");
        QVERIFY(hub.bytes().requests().empty());

        const auto text = client->resolve(hub.repository, "main", "README.md", fixture.never);
        VERIFY_OK(text);
        QCOMPARE(text->blobSha1, blobSha1Of("# Tiny"));
        QVERIFY(text->sha256.empty());
    }

    void aRelativeStep_isFollowedWithItsQuery() {
        HubRepository hub;
        hub.add("tiny.gguf", "GGUF...");
        hub.bendHub([&](const ServedRequest& request) -> std::optional<Reply> {
            if (!request.path().starts_with("/acme")) {
                if (request.target != "/api/resolve-cache/x?etag=%22a%22&b=c")
                    return Reply{.status = 404};
                ServedRequest inner = request;
                inner.target = "/" + hub.repository + "/resolve/main/tiny.gguf";
                return hub.hubReply(inner);
            }
            Reply reply{.status = 307};
            return reply.with("Location", "/api/resolve-cache/x?etag=%22a%22&b=c");
        });
        NetFixture fixture;
        const auto client = clientOf(fixture, hub.endpoint());
        const auto file = client->resolve(hub.repository, "main", "tiny.gguf", fixture.never);
        VERIFY_OK(file);
        QCOMPARE(file->sha256, sha256Of("GGUF..."));
    }

    // A mirror: no commit, an ETag that is no hash. The list of files has it.
    void aMirror_withItsOwnEtags() {
        HubRepository hub;
        hub.add("tiny.gguf", "GGUF...");
        hub.bendHub([](const ServedRequest& request) -> std::optional<Reply> {
            if (request.method != "HEAD") return std::nullopt;
            Reply reply{.body = "GGUF..."};
            return reply.with("ETag", "W/\"mirror-7\"");
        });
        NetFixture fixture;
        const auto client = clientOf(fixture, hub.endpoint());
        const auto file = client->resolve(hub.repository, "", "tiny.gguf", fixture.never);
        VERIFY_OK(file);
        QVERIFY(file->commit.empty());
        QCOMPARE(file->sha256, sha256Of("GGUF..."));
        QCOMPARE(file->nBytes, 7u);
    }

    void aFileOver50GB_isNotAskedFor() {
        HubServer server([](const ServedRequest&) {
            Reply reply{.status = 302};
            return reply.with("X-Linked-Etag", std::string(64, 'a'))
                .with("X-Linked-Size", "50000000001")
                .with("Location", "https://cdn.invalid/x");
        });
        NetFixture fixture;
        const auto client = clientOf(fixture, server.origin());
        COMPARE_ERROR(client->resolve("a/b", "main", "x.gguf", fixture.never), ErrorCode::TooLarge);
    }

    void aHeader_isReadByRange() {
        HubRepository hub;
        hub.add("tiny.gguf", std::string(1000, 'a') + std::string(9000, 'b'));
        NetFixture fixture;
        const auto client = clientOf(fixture, hub.endpoint(), "hf_secret");
        const auto file = client->resolve(hub.repository, "", "tiny.gguf", fixture.never);
        VERIFY_OK(file);
        const auto bytes = client->header(*file, 1001, fixture.never);
        VERIFY_OK(bytes);
        QCOMPARE(bytes->size(), 1001u);
        QCOMPARE(bytes->back(), std::byte{'b'});
        const ServedRequest asked = hub.bytes().requests().at(0);
        QCOMPARE(asked.header("Range"), std::string("bytes=0-1000"));
        QVERIFY(asked.header("Authorization").empty());
    }

    void aRange_goesOnInTheMiddle() {
        HubRepository hub;
        const std::string content = std::string(1000, 'a') + std::string(9000, 'b');
        hub.add("tiny.gguf", content);
        NetFixture fixture;
        const auto client = clientOf(fixture, hub.endpoint());
        const auto file = client->resolve(hub.repository, "", "tiny.gguf", fixture.never);
        VERIFY_OK(file);
        const auto expected = [&](std::size_t first, std::size_t nBytes) {
            std::vector<std::byte> bytes;
            for (const char letter : content.substr(first, nBytes))
                bytes.push_back(static_cast<std::byte>(letter));
            return bytes;
        };
        QCOMPARE(client->range(*file, 999, 3, fixture.never).value(), expected(999, 3));
        QCOMPARE(hub.bytes().requests().back().header("Range"), std::string("bytes=999-1001"));
        QCOMPARE(client->range(*file, 9'998, 100, fixture.never).value(), expected(9'998, 2));
        QVERIFY(client->range(*file, 10'000, 100, fixture.never).value().empty());
        QVERIFY(client->range(*file, 20'000, 100, fixture.never).value().empty());
        // Another range than was asked, and none at all.
        hub.bendBytes([&](const ServedRequest& request) -> std::optional<Reply> {
            ServedRequest other = request;
            for (auto& [name, value] : other.headers)
                if (name == "Range") value = "bytes=0-2";
            return rangeOf(other, content, "\"x\"");
        });
        COMPARE_ERROR(client->range(*file, 999, 3, fixture.never), ErrorCode::HubFailed);
        hub.bendBytes([&](const ServedRequest&) { return Reply{.body = content}; });
        QCOMPARE(client->range(*file, 999, 3, fixture.never).value(), expected(999, 3));
    }

    void aHeader_ofAServerThatIgnoresRange_isItsBeginning() {
        HubRepository hub;
        hub.add("tiny.gguf", std::string(5'000'000, 'a'));
        hub.bendBytes([](const ServedRequest&) {
            return Reply{.body = std::string(100'000, 'a'), .isEndless = true};
        });
        NetFixture fixture;
        const auto client = clientOf(fixture, hub.endpoint());
        const auto file = client->resolve(hub.repository, "", "tiny.gguf", fixture.never);
        VERIFY_OK(file);
        const auto bytes = client->header(*file, 3000, fixture.never);
        VERIFY_OK(bytes);
        QCOMPARE(bytes->size(), 3000u);
    }

    void refusals_data() {
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("code");
        QTest::addColumn<QString>("message");
        QTest::addColumn<QString>("token");
        QTest::addColumn<int>("error");
        const auto row = [](const char* name, int status, const char* code, const char* message,
                            const char* token, ErrorCode error) {
            QTest::newRow(name) << status << code << message << token << static_cast<int>(error);
        };
        row("gated", 403, "GatedRepo", "Access to it is restricted", "t", ErrorCode::AccessGated);
        row("gated, no token", 401, "GatedRepo", "", "", ErrorCode::AccessGated);
        row("gated, nothing said", 403, "", "", "", ErrorCode::AccessGated);
        row("wrong token", 401, "", "Invalid credentials in Authorization header", "t",
            ErrorCode::TokenRefused);
        row("token without the right", 403, "", "", "t", ErrorCode::TokenRefused);
        row("private or missing", 401, "RepoNotFound", "Repository not found", "",
            ErrorCode::NotOnHub);
        row("401 alone", 401, "", "", "", ErrorCode::NotOnHub);
        row("missing", 404, "RepoNotFound", "", "", ErrorCode::NotOnHub);
        row("missing revision", 404, "RevisionNotFound", "", "", ErrorCode::NotOnHub);
        row("missing file", 404, "EntryNotFound", "", "", ErrorCode::NotOnHub);
        row("odd", 418, "", "", "", ErrorCode::HubFailed);
        row("proxy", 407, "", "", "", ErrorCode::ProxyFailed);
    }
    // Once, and with a sentence of its own.
    void refusals() {
        QFETCH(int, status);
        QFETCH(QString, code);
        QFETCH(QString, message);
        QFETCH(QString, token);
        QFETCH(int, error);
        HubServer server([&](const ServedRequest&) {
            return refusal(status, code.toStdString(), message.toStdString());
        });
        NetFixture fixture;
        const auto client = clientOf(fixture, server.origin(), token.toStdString());
        const auto files = client->files("acme/tiny", "main", fixture.never);
        COMPARE_ERROR(files, static_cast<ErrorCode>(error));
        QCOMPARE(server.requests().size(), 1u);
        if (files.error().code == ErrorCode::AccessGated)
            QVERIFY(files.error().message.find(server.origin() + "/acme/tiny") !=
                    std::string::npos);
    }

    void whatMayPass_isTriedAgain_afterGrowingPauses_data() {
        QTest::addColumn<int>("status");
        for (const int status : {408, 429, 500, 502, 503, 504})
            QTest::addRow("%d", status) << status;
    }
    void whatMayPass_isTriedAgain_afterGrowingPauses() {
        QFETCH(int, status);
        std::atomic<int> nRequests = 0;
        HubServer server([&](const ServedRequest&) {
            return ++nRequests < 4 ? refusal(status, "") : Reply{.body = "[]"};
        });
        NetFixture fixture;
        const auto client = clientOf(fixture, server.origin());
        VERIFY_OK(client->search({}, fixture.never));
        const auto waits = fixture.clock.waits();
        QCOMPARE(waits.size(), 3u);
        QVERIFY(waits[0] < waits[1] && waits[1] < waits[2]);
    }

    void whatDoesNotPass_isTold() {
        HubServer server([&](const ServedRequest&) { return refusal(503, ""); });
        NetFixture fixture;
        const auto client = clientOf(fixture, server.origin());
        COMPARE_ERROR(client->search({}, fixture.never), ErrorCode::HubFailed);
        QCOMPARE(server.requests().size(), 4u);
    }

    void retryAfter_isWaitedFor_withinLimits() {
        std::atomic<int> nRequests = 0;
        HubServer server([&](const ServedRequest&) {
            Reply limited = refusal(429, "");
            if (++nRequests == 1) return limited.with("Retry-After", "17");
            if (nRequests == 2) return Reply{.body = "[]"};
            return limited.with("Retry-After", "301");
        });
        NetFixture fixture;
        const auto client = clientOf(fixture, server.origin());
        VERIFY_OK(client->search({}, fixture.never));
        QCOMPARE(fixture.clock.waits().at(0), Clock::Span(std::chrono::seconds(17)));
        const auto refused = client->search({}, fixture.never);
        COMPARE_ERROR(refused, ErrorCode::RateLimited);
        QCOMPARE(refused.error().needed, 301u);
        QCOMPARE(fixture.clock.waits().size(), 1u);
    }

    // The header stands on every answer; only at 0 is there anything to wait for.
    void anExhaustedWindow_holdsUpItsOwnKind() {
        std::atomic<int> remaining = 1;
        HubRepository hub;
        hub.add("tiny.gguf", "GGUF...");
        hub.bendHub([&](const ServedRequest& request) -> std::optional<Reply> {
            if (request.method == "HEAD") return std::nullopt;
            Reply reply{.body = "[]"};
            return reply.with("RateLimit",
                              "\"api\";r=" + std::to_string(remaining.load()) + ";t=55");
        });
        NetFixture fixture;
        const auto client = clientOf(fixture, hub.endpoint());
        VERIFY_OK(client->search({}, fixture.never));
        VERIFY_OK(client->search({}, fixture.never));
        QVERIFY(fixture.clock.waits().empty());
        remaining = 0;
        VERIFY_OK(client->search({}, fixture.never));
        VERIFY_OK(client->resolve(hub.repository, "", "tiny.gguf", fixture.never));
        QVERIFY(fixture.clock.waits().empty());
        VERIFY_OK(client->search({}, fixture.never));
        QCOMPARE(fixture.clock.waits().size(), 1u);
        QVERIFY(fixture.clock.waits()[0] <= std::chrono::seconds(55));
    }

    void anExhaustedWindow_outlivesANewToken() {
        HubServer server([](const ServedRequest&) {
            Reply reply{.body = "[]"};
            return reply.with("RateLimit", "\"api\";r=0;t=55");
        });
        NetFixture fixture;
        const auto client = clientOf(fixture, server.origin());
        VERIFY_OK(client->search({}, fixture.never));
        HubOptions options = client->options();
        options.token = "hf_new";
        VERIFY_OK(client->setOptions(options));
        VERIFY_OK(client->search({}, fixture.never));
        QCOMPARE(fixture.clock.waits().size(), 1u);
        // Another hub has its own.
        HubServer other([](const ServedRequest&) { return Reply{.body = "[]"}; });
        options.endpoint = other.origin();
        VERIFY_OK(client->setOptions(options));
        VERIFY_OK(client->search({}, fixture.never));
        QCOMPARE(fixture.clock.waits().size(), 1u);
    }

    void whatIsNoJson_isSaid() {
        HubServer server(
            [](const ServedRequest&) { return Reply{.body = "<html>Sign in</html>"}; });
        NetFixture fixture;
        const auto client = clientOf(fixture, server.origin());
        COMPARE_ERROR(client->search({}, fixture.never), ErrorCode::HubFailed);
        COMPARE_ERROR(client->files("a/b", "", fixture.never), ErrorCode::HubFailed);
    }

    void badNames_neverLeave() {
        HubServer server([](const ServedRequest&) { return Reply{.body = "[]"}; });
        NetFixture fixture;
        const auto client = clientOf(fixture, server.origin());
        for (const char* name :
             {"", "a/b/c", "../x", "a/..", "a b/c", "a/b?x", "a/b\r\nX: y", "/a"})
            COMPARE_ERROR(client->files(name, "", fixture.never), ErrorCode::InvalidArgument);
        for (const char* revision : {"..", "a/../b", "a b", "/a", "a?b"})
            COMPARE_ERROR(client->files("a/b", revision, fixture.never),
                          ErrorCode::InvalidArgument);
        COMPARE_ERROR(client->resolve("a/b", "", "../x", fixture.never),
                      ErrorCode::InvalidArgument);
        QVERIFY(server.requests().empty());
        for (const char* endpoint : {"huggingface", "file:///x"})
            COMPARE_ERROR(HubClient::create(*fixture.network, {.endpoint = endpoint}),
                          ErrorCode::InvalidArgument);
        COMPARE_ERROR(HubClient::create(*fixture.network, {.token = "a\r\nX: y"}),
                      ErrorCode::InvalidArgument);
    }
};

QTEST_GUILESS_MAIN(HubClientTest)
#include "hub_client_test.moc"

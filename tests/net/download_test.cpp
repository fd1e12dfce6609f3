// One file, and everything that other clients got wrong on its way.
#include <QtTest>
#include <atomic>
#include <filesystem>
#include <fstream>

#include "tests/net/download_fixture.h"
#include "tests/net/one_file.h"

using namespace sotto;
using namespace sotto::net;
using namespace sotto::test;

class DownloadTest : public QObject {
    Q_OBJECT

private slots:
    void aFile_comesWhole() {
        DownloadFixture fixture;
        fixture.hub.add(kPath, kContent);
        VERIFY_OK(fixture.add(kPath));
        const DownloadInfo info = fixture.result();
        COMPARE_STATE(info, Verified);
        QVERIFY(contentOf(fixture.target(kPath)) == kContent);
        QVERIFY(!fixture.isPartThere(kPath));
        QCOMPARE(info.nReceivedBytes, kSize);
        QCOMPARE(info.record.sha256, sha256Of(kContent));
        // 6: the token is for the hub, and for nobody behind it.
        for (const ServedRequest& request : fixture.hub.hub().requests())
            QCOMPARE(request.header("Authorization"), std::string("Bearer hf_secret"));
        for (const ServedRequest& request : fixture.bytesRequests()) {
            QVERIFY(request.header("Authorization").empty());
            QCOMPARE(request.header("Accept-Encoding"), std::string("identity"));
        }
    }

    void aFileThatGitKeeps_isCheckedByItsOwnHash() {
        DownloadFixture fixture;
        fixture.hub.add("README.md", "# Tiny\n", false);
        fixture.hub.add("empty.txt", "", false);
        VERIFY_OK(fixture.add("README.md"));
        VERIFY_OK(fixture.add("empty.txt"));
        COMPARE_STATE(fixture.result(0), Verified);
        COMPARE_STATE(fixture.result(1), Verified);
        QCOMPARE(contentOf(fixture.target("README.md")), std::string("# Tiny\n"));
        QVERIFY(std::filesystem::exists(fixture.target("empty.txt")));
    }

    // 4: what was there is asked for with the ETag that it had.
    void aBrokenConnection_isTakenUpAgain() {
        DownloadFixture fixture;
        fixture.hub.add(kPath, kContent);
        fixture.hub.bendBytes(brokenOnce(fixture.hub));
        VERIFY_OK(fixture.add(kPath));
        COMPARE_STATE(fixture.result(), Verified);
        QVERIFY(contentOf(fixture.target(kPath)) == kContent);
        const auto requests = fixture.bytesRequests();
        QCOMPARE(requests.size(), 2u);
        QVERIFY(requests[0].header("Range").empty());
        QCOMPARE(requests[1].header("Range"), "bytes=" + std::to_string(kCut) + "-");
        QCOMPARE(requests[1].header("If-Range"), '"' + sha256Of(kContent) + '"');
    }

    // Window and command line remember their parts apart: neither may empty the other's.
    void aPartOfAnotherProgram_isKept() {
        DownloadFixture fixture;
        fixture.hub.add(kPath, kContent);
        const std::filesystem::path part = partOf(fixture.target(kPath));
        const std::string foreign = kContent.substr(0, kCut);
        const auto put = [&] {
            std::filesystem::create_directories(part.parent_path());
            std::ofstream(part, std::ios::binary) << foreign;
        };
        put();
        COMPARE_ERROR(fixture.add(kPath), ErrorCode::Busy);
        QVERIFY(fixture.store.load()->empty());
        QVERIFY(contentOf(part) == foreign);
        // It comes while this one waits for its turn.
        std::filesystem::remove(part);
        fixture.queue.reset();
        VERIFY_OK(fixture.store.save({.id = 1,
                                      .endpoint = fixture.hub.endpoint(),
                                      .repository = fixture.hub.repository,
                                      .revision = "main",
                                      .path = kPath,
                                      .target = fixture.target(kPath)}));
        put();
        fixture.start();
        const DownloadInfo refused = fixture.result();
        COMPARE_STATE(refused, Interrupted);
        QCOMPARE(refused.record.problem.code, ErrorCode::Busy);
        QVERIFY(refused.record.problem.message.find("600000 bytes") != std::string::npos);
        QVERIFY(contentOf(part) == foreign);
        // Nor when the order is taken back.
        fixture.queue->remove(1);
        QVERIFY(contentOf(part) == foreign);
        // As its user was told.
        std::filesystem::remove(part);
        VERIFY_OK(fixture.add(kPath));
        COMPARE_STATE(fixture.result(), Verified);
    }

    void whatASecondAnswerIs_isLookedAt_data() {
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("range");
        QTest::addColumn<int>("shift");
        const QString last = QString::number(kSize - 1);
        const QString size = QString::number(kSize);
        // 1: a server that ignores Range.
        QTest::newRow("whole file") << 200 << QString() << -1;
        // 3: the body of a 416 is no part of the file.
        QTest::newRow("416") << 416 << "bytes */" + size << 0;
        QTest::newRow("another beginning") << 206 << "bytes 5-" + last + "/" + size << 0;
        QTest::newRow("another end")
            << 206 << QString("bytes %1-%2/%3").arg(kCut).arg(kSize - 2).arg(kSize) << 0;
        QTest::newRow("another size")
            << 206 << QString("bytes %1-%2/%3").arg(kCut).arg(kSize - 1).arg(kSize + 1) << 0;
        QTest::newRow("no range") << 206 << QString() << 0;
        QTest::newRow("no content") << 204 << QString() << 0;
        QTest::newRow("server error") << 503 << QString() << 0;
    }
    void whatASecondAnswerIs_isLookedAt() {
        QFETCH(int, status);
        QFETCH(QString, range);
        QFETCH(int, shift);
        DownloadFixture fixture;
        fixture.hub.add(kPath, kContent);
        auto isBent = std::make_shared<std::atomic<bool>>(false);
        fixture.hub.bendBytes(
            brokenOnce(fixture.hub, [=](const ServedRequest&) -> std::optional<Reply> {
                if (isBent->exchange(true)) return std::nullopt;
                Reply reply{.status = status,
                            .body = shift < 0 ? kContent : "<html>" + kContent.substr(kCut + 6)};
                if (!range.isEmpty()) reply.with("Content-Range", range.toStdString());
                return reply;
            }));
        VERIFY_OK(fixture.add(kPath));
        COMPARE_STATE(fixture.result(), Verified);
        QVERIFY(contentOf(fixture.target(kPath)) == kContent);
    }

    void aPackedBody_isRefused() {
        DownloadFixture fixture;
        fixture.hub.add(kPath, kContent);
        fixture.hub.bendBytes([](const ServedRequest&) {
            Reply reply{.body = kContent};
            return reply.with("Content-Encoding", "gzip");
        });
        VERIFY_OK(fixture.add(kPath));
        const DownloadInfo info = fixture.result();
        COMPARE_STATE(info, Interrupted);
        QCOMPARE(info.record.problem.code, ErrorCode::HubFailed);
    }

    // 2: the right size is nothing.
    void otherBytes_areSetAside_andComeAgainWhenAsked() {
        DownloadFixture fixture;
        fixture.hub.add(kPath, kContent);
        std::string other = kContent;
        other[kCut] = static_cast<char>(other[kCut] ^ 1);
        fixture.hub.bendBytes(
            [other](const ServedRequest& request) { return rangeOf(request, other, "x"); });
        const auto id = fixture.add(kPath);
        VERIFY_OK(id);
        const DownloadInfo info = fixture.result();
        COMPARE_STATE(info, Damaged);
        QCOMPARE(info.record.problem.code, ErrorCode::DownloadDamaged);
        QVERIFY(info.record.problem.message.find(sha256Of(kContent)) != std::string::npos);
        QVERIFY(!std::filesystem::exists(fixture.target(kPath)));
        QVERIFY(!fixture.isPartThere(kPath));
        QVERIFY(contentOf(damagedOf(fixture.target(kPath))) == other);

        fixture.hub.bendBytes({});
        fixture.queue->resume(*id);
        COMPARE_STATE(fixture.result(), Verified);
        QVERIFY(contentOf(fixture.target(kPath)) == kContent);
        QVERIFY(!std::filesystem::exists(damagedOf(fixture.target(kPath))));
    }

    // It is in the list with its reason and its size, until somebody takes it away: then it is
    // gone.
    void whatWasSetAside_isNoOrphan_afterAStart() {
        DownloadFixture fixture;
        fixture.hub.add(kPath, kContent);
        fixture.hub.bendBytes([](const ServedRequest& request) {
            return rangeOf(request, std::string(kSize, '?'), "x");
        });
        const auto id = fixture.add(kPath);
        VERIFY_OK(id);
        COMPARE_STATE(fixture.result(), Damaged);
        fixture.start();
        const DownloadInfo info = fixture.result();
        COMPARE_STATE(info, Damaged);
        QCOMPARE(info.record.problem.code, ErrorCode::DownloadDamaged);
        QCOMPARE(info.nReceivedBytes, std::uint64_t{kSize});
        fixture.queue->remove(*id);
        QVERIFY(fixture.queue->list().empty());
        QVERIFY(!std::filesystem::exists(damagedOf(fixture.target(kPath))));
        QVERIFY(!fixture.isPartThere(kPath));
    }

    // 4: the file was replaced in between, at the same address.
    void anotherFile_underTheSameAddress_beginsAnew() {
        DownloadFixture fixture;
        fixture.hub.add(kPath, kContent);
        auto nRequests = std::make_shared<std::atomic<int>>(0);
        fixture.hub.bendBytes([=](const ServedRequest& request) -> std::optional<Reply> {
            const bool isFirst = (*nRequests)++ == 0;
            const std::string old(kSize, 'o');
            Reply reply =
                isFirst ? rangeOf(request, old, "old") : rangeOf(request, kContent, "new");
            if (isFirst) reply.cutAfter = kCut;
            return reply;
        });
        VERIFY_OK(fixture.add(kPath));
        COMPARE_STATE(fixture.result(), Verified);
        QVERIFY(contentOf(fixture.target(kPath)) == kContent);
        QCOMPARE(fixture.bytesRequests().at(1).header("If-Range"), std::string("\"old\""));
    }

    // Without an ETag nothing says that a rest belongs to what is there.
    void withoutAnEtag_itBeginsAnew_butNotForEver() {
        DownloadFixture fixture;
        fixture.hub.add(kPath, kContent);
        fixture.hub.bendBytes(
            [](const ServedRequest&) { return Reply{.body = kContent, .cutAfter = kCut}; });
        VERIFY_OK(fixture.add(kPath));
        COMPARE_STATE(fixture.result(), Interrupted);
        for (const ServedRequest& request : fixture.bytesRequests())
            QVERIFY(request.header("Range").empty());
        QVERIFY(fixture.bytesRequests().size() <= 7);
    }

    // 5: the address lives for an hour.
    void anExpiredAddress_isAskedForAgain() {
        DownloadFixture fixture;
        fixture.hub.add(kPath, kContent);
        auto isRefused = std::make_shared<std::atomic<bool>>(false);
        fixture.hub.bendBytes(
            brokenOnce(fixture.hub, [=](const ServedRequest&) -> std::optional<Reply> {
                if (isRefused->exchange(true)) return std::nullopt;
                return Reply{.status = 403, .body = "<Error>Request has expired</Error>"};
            }));
        VERIFY_OK(fixture.add(kPath));
        COMPARE_STATE(fixture.result(), Verified);
        QVERIFY(contentOf(fixture.target(kPath)) == kContent);
        QCOMPARE(fixture.hub.hub().requests().size(), 3u);
        QCOMPARE(fixture.bytesRequests().at(2).header("Range"),
                 "bytes=" + std::to_string(kCut) + "-");
    }

    // 7: silence is what ends a connection.
    void aStall_endsTheConnection_notTheDownload() {
        DownloadFixture fixture;
        fixture.hub.add(kPath, kContent);
        fixture.hub.bendBytes(heldOnce(fixture.hub));
        VERIFY_OK(fixture.add(kPath));
        QTRY_COMPARE(fixture.queue->list().at(0).nReceivedBytes, kCut);
        const auto hasStalled = [&] {
            for (const LedgerEntry& entry : fixture.net.ledger.entries())
                if (entry.purpose == Purpose::Download && !entry.problem.empty()) return true;
            fixture.net.clock.advance(std::chrono::seconds(31));
            return false;
        };
        // Bytes that came since the last look set the mark anew: the second silence is the one.
        QTRY_VERIFY(hasStalled());
        COMPARE_STATE(fixture.result(), Verified);
        QVERIFY(contentOf(fixture.target(kPath)) == kContent);
    }

    // 8
    void progress_neverPassesTheWhole() {
        DownloadFixture fixture;
        fixture.hub.add(kPath, kContent);
        fixture.hub.bendBytes(brokenOnce(fixture.hub, [](const ServedRequest&) {
            return Reply{.body = kContent + kContent};  // and its length says so
        }));
        RateLimit rate(fixture.net.clock, 0);
        const DownloadOptions options;
        std::uint64_t most = 0;
        DownloadRun run({.repository = fixture.hub.repository,
                         .revision = "main",
                         .path = kPath,
                         .target = fixture.target(kPath)},
                        {.client = *fixture.client,
                         .disk = fixture.disk,
                         .rate = rate,
                         .options = options,
                         .save = [](const DownloadRecord&) { return Status(); },
                         .progress = [&](std::uint64_t nBytes) { most = std::max(most, nBytes); },
                         .resumed = [](std::uint64_t) {}});
        const DownloadRecord record = run.run(fixture.net.never);
        QVERIFY(most <= kSize);
        QVERIFY(record.state == DownloadState::Interrupted);
    }

    // 9: a branch moves, a commit does not.
    void aMovingBranch_doesNotMixFiles() {
        DownloadFixture fixture;
        fixture.hub.add(kPath, kContent);
        fixture.hub.bendBytes(
            brokenOnce(fixture.hub, [](const ServedRequest&) { return Reply{.status = 404}; }));
        const auto id = fixture.add(kPath);
        VERIFY_OK(id);
        COMPARE_STATE(fixture.result(), Interrupted);
        fixture.hub.setCommit(std::string(40, 'f'));
        fixture.hub.bendBytes({});
        fixture.start();
        fixture.queue->resume(*id);
        const DownloadInfo info = fixture.result();
        COMPARE_STATE(info, Verified);
        const std::string commit = "0123456789abcdef0123456789abcdef01234567";
        QCOMPARE(info.record.commit, commit);
        QCOMPARE(fixture.hub.hub().requests().back().target,
                 "/" + fixture.hub.repository + "/resolve/" + commit + "/" + kPath);
    }

    // 9: a mirror without commits, and its file is another by now.
    void anotherFile_onAMirrorWithoutCommits_beginsAnew() {
        DownloadFixture fixture;
        fixture.hub.setCommit("");
        fixture.hub.add(kPath, std::string(kSize, 'o'));
        fixture.hub.bendBytes(
            brokenOnce(fixture.hub, [](const ServedRequest&) { return Reply{.status = 404}; }));
        const auto id = fixture.add(kPath);
        VERIFY_OK(id);
        COMPARE_STATE(fixture.result(), Interrupted);
        QCOMPARE(fixture.result().record.nKeptBytes, kCut);
        fixture.hub.add(kPath, kContent);
        fixture.hub.bendBytes({});
        fixture.queue->resume(*id);
        COMPARE_STATE(fixture.result(), Verified);
        QVERIFY(contentOf(fixture.target(kPath)) == kContent);
        QVERIFY(fixture.bytesRequests().back().header("Range").empty());
    }

    // 12: a length that lies, a body without an end.
    void aBody_longerThanTheFile_isCut() {
        DownloadFixture fixture;
        fixture.hub.add(kPath, kContent);
        fixture.hub.bendBytes(
            [](const ServedRequest&) { return Reply{.body = kContent, .isEndless = true}; });
        VERIFY_OK(fixture.add(kPath));
        COMPARE_STATE(fixture.result(), Verified);
        QVERIFY(contentOf(fixture.target(kPath)) == kContent);
    }
    void anotherLength_isNotTheFile() {
        DownloadFixture fixture;
        fixture.hub.add(kPath, kContent);
        fixture.hub.bendBytes([](const ServedRequest&) { return Reply{.body = "short"}; });
        VERIFY_OK(fixture.add(kPath));
        const DownloadInfo info = fixture.result();
        COMPARE_STATE(info, Interrupted);
        QCOMPARE(info.nReceivedBytes, 0u);
    }

    void whatTheHubRefuses_isSaid_andAskedOnce_data() {
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("code");
        QTest::addColumn<int>("error");
        QTest::newRow("gated") << 403 << "GatedRepo" << int(ErrorCode::AccessGated);
        QTest::newRow("missing") << 404 << "EntryNotFound" << int(ErrorCode::NotOnHub);
        QTest::newRow("token") << 403 << "" << int(ErrorCode::TokenRefused);
    }
    void whatTheHubRefuses_isSaid_andAskedOnce() {
        QFETCH(int, status);
        QFETCH(QString, code);
        QFETCH(int, error);
        DownloadFixture fixture;
        fixture.hub.bendHub([=](const ServedRequest&) {
            Reply reply{.status = status};
            return reply.with("X-Error-Code", code.toStdString());
        });
        VERIFY_OK(fixture.add(kPath));
        const DownloadInfo info = fixture.result();
        COMPARE_STATE(info, Interrupted);
        QCOMPARE(int(info.record.problem.code), error);
        QCOMPARE(fixture.hub.hub().requests().size(), 1u);
    }

    void aLimitOfRequests_isWaitedFor() {
        DownloadFixture fixture;
        fixture.hub.add(kPath, kContent);
        auto nRequests = std::make_shared<std::atomic<int>>(0);
        fixture.hub.bendHub([=](const ServedRequest&) -> std::optional<Reply> {
            if ((*nRequests)++ > 0) return std::nullopt;
            Reply reply{.status = 429};
            return reply.with("Retry-After", "250");
        });
        VERIFY_OK(fixture.add(kPath));
        COMPARE_STATE(fixture.result(), Verified);
        QCOMPARE(fixture.net.clock.waits().at(0), Clock::Span(std::chrono::seconds(250)));
    }

    void theSwitch_interruptsIt_withEverythingKept() {
        DownloadFixture fixture;
        fixture.hub.add(kPath, kContent);
        fixture.hub.bendBytes(heldOnce(fixture.hub));
        const auto id = fixture.add(kPath);
        VERIFY_OK(id);
        QTRY_COMPARE(fixture.queue->list().at(0).nReceivedBytes, kCut);
        fixture.net.network->setOffline(true);
        const DownloadInfo info = fixture.result();
        COMPARE_STATE(info, Interrupted);
        QCOMPARE(info.record.problem.code, ErrorCode::Offline);
        QCOMPARE(info.record.nKeptBytes, kCut);
        fixture.net.network->setOffline(false);
        fixture.queue->resume(*id);
        COMPARE_STATE(fixture.result(), Verified);
        QVERIFY(contentOf(fixture.target(kPath)) == kContent);
    }
};

QTEST_GUILESS_MAIN(DownloadTest)
#include "download_test.moc"

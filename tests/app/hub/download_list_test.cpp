// The list of downloads: every state as a row says it, orders from its user, and a GUI thread that
// is left in peace.
#include "app/hub/hub_texts.h"
#include "app/jobs/job_list_model.h"
#include "tests/app/hub/hub_fixture.h"

using namespace sotto;
using namespace sotto::app;
using namespace sotto::test;

namespace {

// Bytes of each file: the first connections of a test stand still behind some of them.
constexpr std::size_t kBytes = 400'000;

HubRepository::Bend heldAfter(const HubRepository& repository, std::size_t nBytes) {
    return [&repository, nBytes](const ServedRequest& request) -> std::optional<Reply> {
        Reply reply = repository.bytesReply(request);
        reply.holdsAfter = nBytes;
        return reply;
    };
}

struct ListFixture : HubFixture {
    explicit ListFixture(int nConnections = 1)
        : HubFixture(net::DownloadOptions{.nConnections = nConnections}) {
        for (const char* path : {"a-Q4_K_M.gguf", "b-Q8_0.gguf", "c-F16-00001-of-00002.gguf",
                                 "c-F16-00002-of-00002.gguf"})
            repository.add(path, randomBytes(kBytes, static_cast<unsigned>(path[0])));
    }
    void add(const std::string& path) {
        QVERIFY(
            hub->downloads()
                .add({.repository = repository.repository, .path = path, .folder = hub->folder()})
                .has_value());
    }
    QVariant at(int row, int role) { return of(downloads(), row, role); }
    double id(int row) { return at(row, DownloadListModel::DownloadIdRole).toDouble(); }
    QString state(int row) { return at(row, DownloadListModel::StateTextRole).toString(); }
};

}  // namespace

class DownloadListTest : public QObject {
    Q_OBJECT

private slots:
    void names_areAsAModelsOwn() {
        QCOMPARE(modelNameOf("Qwen/Qwen3-4B-Instruct-2507-GGUF"),
                 QStringLiteral("Qwen3 4B Instruct 2507"));
        QCOMPARE(modelNameOf("acme/tiny_story-gguf"), QStringLiteral("tiny story"));
        QCOMPARE(modelNameOf("plain"), QStringLiteral("plain"));
    }

    void rows_sayHowTheyStand() {
        ListFixture fixture;
        QAbstractItemModelTester tester(&fixture.downloads());
        fixture.repository.bendBytes(heldAfter(fixture.repository, kBytes / 2));
        fixture.add("a-Q4_K_M.gguf");
        fixture.add("b-Q8_0.gguf");
        QTRY_COMPARE(fixture.downloads().rowCount(), 2);
        QTRY_VERIFY(fixture.at(0, DownloadListModel::ShareRole).toDouble() > 0.2);
        QCOMPARE(fixture.at(0, DownloadListModel::TitleRole).toString(), QStringLiteral("tiny"));
        QCOMPARE(fixture.at(0, DownloadListModel::FormatRole).toString(), QStringLiteral("Q4_K_M"));
        QCOMPARE(fixture.at(0, DownloadListModel::ToneRole).toInt(),
                 int(DownloadListModel::Active));
        QVERIFY(fixture.state(0).contains(QStringLiteral("400")));
        QCOMPARE(fixture.state(1), QStringLiteral("Waiting"));
        QCOMPARE(fixture.downloads().runningCount(), 1);
        QCOMPARE(fixture.downloads().summary(), QStringLiteral("1 of 2 running"));

        fixture.downloads().pause(fixture.id(0));
        QTRY_COMPARE(fixture.state(0), QStringLiteral("Paused"));
        QVERIFY(fixture.at(0, DownloadListModel::CanResumeRole).toBool());
        QVERIFY(fixture.at(0, DownloadListModel::SideTextRole)
                    .toString()
                    .contains(QStringLiteral("kept")));
        fixture.repository.bendBytes({});
        fixture.repository.bytes().release();
        QTRY_COMPARE(fixture.state(1), QStringLiteral("Verified"));
        fixture.downloads().resume(fixture.id(0));
        QTRY_COMPARE(fixture.state(0), QStringLiteral("Verified"));
        QVERIFY(fixture.at(0, DownloadListModel::CanLoadRole).toBool());
        QVERIFY(QFileInfo::exists(fixture.at(0, DownloadListModel::PathRole).toString()));
        QCOMPARE(fixture.downloads().finishedCount(), 2);
        fixture.downloads().clearFinished();
        QTRY_COMPARE(fixture.downloads().rowCount(), 0);
    }

    void aLostConnection_isToldWithWhatIsKept() {
        ListFixture fixture;
        fixture.repository.bendBytes([&](const ServedRequest& request) -> std::optional<Reply> {
            Reply reply = fixture.repository.bytesReply(request);
            reply.cutAfter = kBytes / 2;
            return reply;
        });
        fixture.add("a-Q4_K_M.gguf");
        fixture.repository.bendHub([&](const ServedRequest&) -> std::optional<Reply> {
            // After the bytes broke off nobody answers any more.
            if (fixture.repository.bytes().requests().empty()) return std::nullopt;
            return Reply{.raw = "no\r\n\r\n"};
        });
        QTRY_COMPARE_WITH_TIMEOUT(fixture.at(0, DownloadListModel::ToneRole).toInt(),
                                  int(DownloadListModel::Trouble), 20'000);
        QVERIFY(!fixture.at(0, DownloadListModel::ProblemRole).toString().isEmpty());
        QVERIFY(fixture.at(0, DownloadListModel::CanResumeRole).toBool());
    }

    void aDamagedOne_isSetAside_andBeginsAnew() {
        ListFixture fixture;
        fixture.repository.bendBytes([&](const ServedRequest& request) -> std::optional<Reply> {
            Reply reply = fixture.repository.bytesReply(request);
            if (!reply.body.empty()) reply.body[0] = static_cast<char>(reply.body[0] ^ 1);
            return reply;
        });
        fixture.add("a-Q4_K_M.gguf");
        QTRY_COMPARE(fixture.state(0), QStringLiteral("Damaged, set aside"));
        QVERIFY(fixture.at(0, DownloadListModel::CanBeginAnewRole).toBool());
        QVERIFY(!fixture.at(0, DownloadListModel::ProblemRole).toString().isEmpty());
        QVERIFY(!QFileInfo::exists(fixture.at(0, DownloadListModel::PathRole).toString()));
        // Behind the next start it is still said, and how much would become free.
        fixture.start(net::DownloadOptions{.nConnections = 1});
        QTRY_COMPARE(fixture.state(0), QStringLiteral("Damaged, set aside"));
        QVERIFY(!fixture.at(0, DownloadListModel::ProblemRole).toString().isEmpty());
        QVERIFY(fixture.at(0, DownloadListModel::KeptTextRole)
                    .toString()
                    .startsWith(QStringLiteral("400")));
        fixture.repository.bendBytes({});
        fixture.downloads().resume(fixture.id(0));
        QTRY_COMPARE(fixture.state(0), QStringLiteral("Verified"));
    }

    void theSwitch_isTold() {
        ListFixture fixture;
        fixture.hub->setOffline(true);
        fixture.add("a-Q4_K_M.gguf");
        QTRY_COMPARE(fixture.state(0), QStringLiteral("Set to offline"));
        QVERIFY(!fixture.at(0, DownloadListModel::ProblemRole).toString().isEmpty());
    }

    void aSplitModel_isOneRow() {
        ListFixture fixture;
        fixture.repository.bendBytes(heldAfter(fixture.repository, 10));
        fixture.add("c-F16-00001-of-00002.gguf");
        fixture.add("c-F16-00002-of-00002.gguf");
        fixture.add("a-Q4_K_M.gguf");
        QTRY_COMPARE(fixture.downloads().rowCount(), 2);
        // The whole of it is moved past the other, and comes back.
        QSignalSpy finished(&fixture.downloads(), &DownloadListModel::finished);
        fixture.downloads().moveLater(fixture.id(0));
        QTRY_COMPARE(fixture.at(0, DownloadListModel::FormatRole).toString(),
                     QStringLiteral("Q4_K_M"));
        fixture.downloads().moveEarlier(fixture.id(1));
        QTRY_COMPARE(fixture.at(0, DownloadListModel::FormatRole).toString(),
                     QStringLiteral("F16"));
        fixture.repository.bendBytes({});
        fixture.repository.bytes().release();
        QTRY_COMPARE(fixture.downloads().finishedCount(), 2);
        QCOMPARE(finished.size(), 2);
        QVERIFY(fixture.at(0, DownloadListModel::PathRole)
                    .toString()
                    .endsWith(QStringLiteral("00001-of-00002.gguf")));
        fixture.downloads().remove(fixture.id(0));
        QTRY_COMPARE(fixture.downloads().rowCount(), 1);
    }

    void waiting_canBeMoved() {
        ListFixture fixture;
        fixture.repository.bendBytes(heldAfter(fixture.repository, 10));
        fixture.add("a-Q4_K_M.gguf");
        QVERIFY(fixture.repository.bytes().waitForRequests(1));
        fixture.add("b-Q8_0.gguf");
        fixture.add("c-F16-00001-of-00002.gguf");
        QTRY_COMPARE(fixture.downloads().rowCount(), 3);
        QVERIFY(!fixture.at(0, DownloadListModel::CanMoveLaterRole).toBool());
        QVERIFY(fixture.at(1, DownloadListModel::CanMoveLaterRole).toBool());
        QVERIFY(!fixture.at(2, DownloadListModel::CanMoveLaterRole).toBool());
        fixture.downloads().moveEarlier(fixture.id(2));
        QTRY_COMPARE(fixture.at(1, DownloadListModel::FormatRole).toString(),
                     QStringLiteral("F16"));
        QVERIFY(fixture.at(1, DownloadListModel::CanMoveLaterRole).toBool());
        fixture.repository.bytes().release();
    }

    // Stopped in the middle, with another one behind it and both parts of a split one: after the
    // next start all of them are there, with their sizes, before the hub is asked.
    void whatWasOnItsWay_isThereAfterAStart() {
        ListFixture fixture;
        fixture.repository.bendBytes(heldAfter(fixture.repository, kBytes / 2));
        for (const char* path :
             {"a-Q4_K_M.gguf", "c-F16-00001-of-00002.gguf", "c-F16-00002-of-00002.gguf"})
            QVERIFY(fixture.hub->downloads()
                        .add({.repository = fixture.repository.repository,
                              .path = path,
                              .folder = fixture.hub->folder(),
                              .nBytes = kBytes})
                        .has_value());
        QTRY_COMPARE(fixture.downloads().rowCount(), 2);
        QTRY_VERIFY(fixture.at(0, DownloadListModel::ShareRole).toDouble() > 0.2);
        fixture.hub->setOffline(true);
        QTRY_COMPARE(fixture.downloads().runningCount(), 0);
        fixture.start(net::DownloadOptions{.nConnections = 1});
        fixture.hub->setOffline(true);
        QTRY_COMPARE(fixture.downloads().rowCount(), 2);
        QCOMPARE(fixture.at(0, DownloadListModel::FormatRole).toString(), QStringLiteral("Q4_K_M"));
        QVERIFY(fixture.at(0, DownloadListModel::KeptTextRole).toString().length() > 0);
        QVERIFY(fixture.at(1, DownloadListModel::SizeTextRole)
                    .toString()
                    .startsWith(QStringLiteral("800")));
        QVERIFY(fixture.at(1, DownloadListModel::KeptTextRole).toString().isEmpty());
        fixture.repository.bytes().release();
    }

    // Bytes tell nobody (DownloadQueueTest): they are looked at by a timer, while they come.
    void progress_isReadWhileBytesCome() {
        ListFixture fixture;
        QVERIFY(!fixture.downloads().isReading());
        fixture.repository.bendBytes(heldAfter(fixture.repository, kBytes / 2));
        fixture.add("a-Q4_K_M.gguf");
        QTRY_VERIFY(fixture.at(0, DownloadListModel::ShareRole).toDouble() > 0.2);
        QVERIFY(fixture.downloads().isReading());
        fixture.downloads().pause(fixture.id(0));
        QTRY_COMPARE(fixture.state(0), QStringLiteral("Paused"));
        QVERIFY(!fixture.downloads().isReading());
        fixture.repository.bytes().release();
    }

    // They run there like other jobs, and closing the window ends none of them for good.
    void theListOfJobs_hasWhatIsOnItsWay() {
        ListFixture fixture;
        JobRunner runner;
        JobListModel jobs(runner);
        const QAbstractItemModelTester tester(&jobs);
        jobs.setDownloads(fixture.downloads());
        QCOMPARE(jobs.count(), 0);
        fixture.repository.bendBytes(heldAfter(fixture.repository, kBytes / 2));
        fixture.add("a-Q4_K_M.gguf");
        fixture.add("b-Q8_0.gguf");
        QTRY_COMPARE(jobs.summary(), QStringLiteral("1 running, 1 waiting"));
        QCOMPARE(jobs.openCount(), 2);
        QTRY_VERIFY(jobs.share() > 0.2);
        QCOMPARE(jobs.index(0).data(JobListModel::TitleRole).toString(), QStringLiteral("tiny"));
        QVERIFY(jobs.index(0).data(JobListModel::IsDownloadRole).toBool());
        for (const OpenJob& job : jobs.openJobs()) QVERIFY(job.canGoOn);
        const double id = jobs.index(0).data(JobListModel::JobIdRole).toDouble();
        // What came is not thrown away from here: the question is asked among the downloads.
        QSignalSpy requested(&jobs, &JobListModel::downloadsRequested);
        jobs.cancel(id);
        QCOMPARE(requested.count(), 1);
        jobs.pauseAll();
        QTRY_COMPARE(jobs.summary(), QString());
        QCOMPARE(jobs.openCount(), 2);
        fixture.repository.bendBytes({});
        fixture.repository.bytes().release();
        for (int row = 0; row < 2; ++row)
            jobs.resume(jobs.index(row).data(JobListModel::JobIdRole).toDouble());
        QTRY_COMPARE(jobs.count(), 0);
        QCOMPARE(fixture.downloads().finishedCount(), 2);
    }

    // A keyring answers after the downloads of the last time have begun.
    void whatWasRefused_goesOnWithTheToken() {
        ListFixture fixture;
        fixture.repository.bendHub([](const ServedRequest& request) -> std::optional<Reply> {
            if (!request.header("Authorization").empty()) return std::nullopt;
            return Reply{.status = 401}.with("X-Error-Code", "GatedRepo");
        });
        fixture.add("a-Q4_K_M.gguf");
        QTRY_COMPARE(fixture.at(0, DownloadListModel::ToneRole).toInt(),
                     int(DownloadListModel::Trouble));
        QVERIFY(fixture.hub->setToken("hf_OfThisTest").has_value());
        fixture.downloads().resumeRefused();
        QTRY_COMPARE(fixture.state(0), QStringLiteral("Verified"));
    }

    // What lies refused from an earlier run is its person's affair: a token that was only found
    // sends nothing.
    void whatWasRefusedBefore_isLeftAlone() {
        ListFixture fixture;
        fixture.repository.bendHub([](const ServedRequest&) -> std::optional<Reply> {
            return Reply{.status = 401}.with("X-Error-Code", "GatedRepo");
        });
        fixture.add("a-Q4_K_M.gguf");
        QTRY_COMPARE(fixture.at(0, DownloadListModel::ToneRole).toInt(),
                     int(DownloadListModel::Trouble));
        fixture.repository.bendHub({});
        fixture.start(net::DownloadOptions{.nConnections = 1});
        QVERIFY(fixture.hub->setToken("hf_OfThisTest").has_value());
        fixture.controller->askRefusedAgain();
        fixture.controller.reset();  // behind all its orders
        QCOMPARE(fixture.hub->network().sentBytes(), 0u);
        QCOMPARE(fixture.hub->downloads().list().at(0).record.state,
                 net::DownloadState::Interrupted);
    }

    // It came while the hub was about to refuse: the refusal is of a request without it.
    void whatIsRefusedLate_goesOnWithTheToken() {
        ListFixture fixture;
        fixture.repository.bendHub([](const ServedRequest& request) -> std::optional<Reply> {
            if (!request.header("Authorization").empty()) return std::nullopt;
            return Reply{.status = 401, .body = "no", .holdsAfter = 0}.with("X-Error-Code",
                                                                            "GatedRepo");
        });
        fixture.repository.bendBytes(heldAfter(fixture.repository, 10));
        fixture.add("a-Q4_K_M.gguf");
        fixture.add("b-Q8_0.gguf");
        QTRY_COMPARE(fixture.downloads().rowCount(), 2);
        QVERIFY(fixture.repository.hub().waitForRequests(1));
        fixture.downloads().resumeRefused();
        QVERIFY(fixture.hub->setToken("hf_OfThisTest").has_value());
        fixture.repository.bendBytes({});
        fixture.repository.hub().release();
        QTRY_COMPARE(fixture.downloads().finishedCount(), 2);
    }

    void theSpeedLimit_isTheQueues() {
        HubFixture fixture(net::DownloadOptions{.bytesPerSecond = 5'000'000});
        QCOMPARE(fixture.downloads().speedLimit(), 5e6);
        fixture.downloads().setSpeedLimit(0);
        QCOMPARE(fixture.hub->downloads().bytesPerSecond(), 0u);
    }

    void withoutAHub_thereIsNothing() {
        HubController controller(nullptr, HubMachine{});
        QAbstractItemModelTester tester(controller.downloads());
        QVERIFY(!controller.isThere());
        QVERIFY(controller.isOffline());
        controller.search()->search();
        controller.search()->setText(QStringLiteral("x"));
        controller.downloads()->pauseAll();
        controller.downloads()->clearFinished();
        QTest::qWait(400);
        QCOMPARE(controller.downloads()->rowCount(), 0);
    }
};

QTEST_GUILESS_MAIN(DownloadListTest)
#include "download_list_test.moc"

// Discover: a hub is searched as one types, its pages come as they are wanted, and every way that
// it can fail is told.
#include <fstream>

#include "app/hub/hub_texts.h"
#include "tests/app/hub/hub_fixture.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;
using namespace sotto::app;
using namespace sotto::test;
using nlohmann::json;

namespace {

// Answers each search with these models.
HubRepository::Bend searchGives(std::vector<json> models) {
    return [models = std::move(models)](const ServedRequest& request) -> std::optional<Reply> {
        if (request.path() != "/api/models") return std::nullopt;
        return Reply{.body = json(models).dump()};
    };
}

HubRepository::Bend searchFails(int status, const std::string& code = {}) {
    return [status, code](const ServedRequest& request) -> std::optional<Reply> {
        if (request.path() != "/api/models") return std::nullopt;
        Reply reply{.status = status, .body = "no"};
        return reply.with("X-Error-Code", code);
    };
}

std::string asText(const std::vector<std::byte>& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

class HubSearchTest : public QObject {
    Q_OBJECT

private slots:
    // A keyring answers behind the first question.
    void files_thatWereRefused_areReadWithTheToken() {
        HubFixture fixture;
        fixture.repository.add("a-Q4_K_M.gguf", "a");
        fixture.repository.bendHub([](const ServedRequest& request) -> std::optional<Reply> {
            if (request.path() == "/api/models" || !request.header("Authorization").empty())
                return std::nullopt;
            return Reply{.status = 401}.with("X-Error-Code", "GatedRepo");
        });
        HubFilesModel* const files = fixture.openOnly();
        QVERIFY(files != nullptr);
        QCOMPARE(files->state(), HubFilesModel::Failed);
        QVERIFY(fixture.hub->setToken("hf_OfThisTest").has_value());
        fixture.controller->askRefusedAgain();
        QTRY_COMPARE(files->state(), HubFilesModel::Ready);
    }

    void opening_asksNothing() {
        HubFixture fixture;
        QAbstractItemModelTester tester(&fixture.search());
        QCOMPARE(fixture.search().state(), HubSearchModel::Idle);
        QTest::qWait(400);
        QVERIFY(fixture.repository.hub().requests().empty());
        QCOMPARE(fixture.hub->network().sentBytes(), 0u);
    }

    void typing_asksOnceItRests() {
        HubFixture fixture;
        QAbstractItemModelTester tester(&fixture.search());
        for (const char* text : {"q", "qw", "qwen"}) {
            fixture.search().setText(QString::fromLatin1(text));
            QTest::qWait(30);
        }
        QCOMPARE(fixture.search().state(), HubSearchModel::Searching);
        QTRY_COMPARE(fixture.search().state(), HubSearchModel::Found);
        QCOMPARE(fixture.searches().size(), 1);
        QVERIFY(fixture.searches().constFirst().contains(QStringLiteral("search=qwen")));
        QVERIFY(fixture.searches().constFirst().contains(QStringLiteral("filter=gguf")));
        QVERIFY(fixture.searches().constFirst().contains(QStringLiteral("filter=conversational")));
    }

    // The answer to the first question comes after the second one was asked: it is not shown.
    void aNewQuestion_endsTheOneBefore() {
        HubFixture fixture;
        auto nSearches = std::make_shared<std::atomic<int>>(0);
        fixture.repository.bendHub(
            [nSearches](const ServedRequest& request) -> std::optional<Reply> {
                if (request.path() != "/api/models") return std::nullopt;
                const int which = (*nSearches)++;
                Reply reply{.body = json({foundModel(which == 0 ? "old/old" : "new/new")}).dump()};
                if (which == 0) reply.holdsAfter = 5;
                return reply;
            });
        fixture.search().setText(QStringLiteral("old"));
        QTRY_COMPARE(nSearches->load(), 1);
        fixture.search().setText(QStringLiteral("new"));
        QTRY_COMPARE(fixture.search().rowCount(), 1);
        fixture.repository.hub().release();
        QTest::qWait(100);
        QCOMPARE(fixture.search().rowCount(), 1);
        QCOMPARE(fixture.of(fixture.search(), 0, HubSearchModel::RepositoryRole).toString(),
                 QStringLiteral("new/new"));
    }

    void aModel_saysWhatItIs() {
        HubFixture fixture;
        json gated = foundModel("google/gemma-3-12b-it-gguf", "gemma3", 12'200'000'000);
        gated["gated"] = "manual";
        gated["cardData"]["license"] = "gemma";
        fixture.repository.bendHub(
            searchGives({foundModel("Qwen/Qwen3-14B-GGUF", "qwen3", 14'800'000'000), gated}));
        fixture.search().search();
        QTRY_COMPARE(fixture.search().rowCount(), 2);
        const auto role = [&](int row, int which) {
            return fixture.of(fixture.search(), row, which);
        };
        QCOMPARE(role(0, HubSearchModel::OwnerRole).toString(), QStringLiteral("Qwen"));
        QCOMPARE(role(0, HubSearchModel::NameRole).toString(), QStringLiteral("Qwen3-14B-GGUF"));
        QCOMPARE(role(0, HubSearchModel::ParametersRole).toString(), QStringLiteral("14.8B"));
        QCOMPARE(role(0, HubSearchModel::DownloadsRole).toString(), QStringLiteral("1.2M"));
        QCOMPARE(role(0, HubSearchModel::LicenceRole).toString(), QStringLiteral("Apache 2.0"));
        QCOMPARE(role(0, HubSearchModel::ContextTokensRole).toInt(), 40960);
        QCOMPARE(role(0, HubSearchModel::IsGatedRole).toBool(), false);
        QVERIFY(role(0, HubSearchModel::RunProblemRole).toString().isEmpty());
        QCOMPARE(role(1, HubSearchModel::IsGatedRole).toBool(), true);
        QVERIFY(
            role(1, HubSearchModel::RunProblemRole).toString().contains(QStringLiteral("gemma3")));
    }

    void conditions_areAskedOfTheHubOrLookedAtHere() {
        HubFixture fixture;
        fixture.largestFile = 5e9;
        fixture.repository.bendHub(searchGives({foundModel("a/llama", "llama", 8'000'000'000),
                                                foundModel("a/large", "llama", 70'000'000'000),
                                                foundModel("a/qwen", "qwen3", 8'000'000'000)}));
        fixture.search().search();
        QTRY_COMPARE(fixture.search().rowCount(), 3);
        fixture.search().setFitting(true);
        QTRY_COMPARE(fixture.search().rowCount(), 2);
        fixture.search().setFamily(QStringLiteral("qwen3"));
        QTRY_COMPARE(fixture.search().rowCount(), 1);
        fixture.search().setLicence(QStringLiteral("mit"));
        fixture.search().setSort(QStringLiteral("trending"));
        fixture.search().setSize(QStringLiteral("min:3B,max:9B"));
        fixture.search().setChat(false);
        // Each of them asks anew: the last question has them all.
        QTRY_VERIFY(!fixture.searches().constLast().contains(QStringLiteral("conversational")));
        const QString last = fixture.searches().constLast();
        QVERIFY(last.contains(QStringLiteral("sort=trendingScore")));
        QVERIFY(last.contains(QStringLiteral("num_parameters")));
        QVERIFY(last.contains(QStringLiteral("filter=license")));
        QTRY_COMPARE(fixture.search().state(), HubSearchModel::Found);
        fixture.search().setType(QStringLiteral("Q8_0"));
        QTRY_COMPARE(fixture.search().state(), HubSearchModel::NothingFound);
    }

    void pages_comeAsTheyAreWanted_andHoldNothingTwice() {
        HubFixture fixture;
        QAbstractItemModelTester tester(&fixture.search());
        const std::string origin = fixture.repository.endpoint();
        fixture.repository.bendHub([origin](const ServedRequest& request) -> std::optional<Reply> {
            if (request.path() != "/api/models") return std::nullopt;
            const bool isSecond = request.target.find("cursor=2") != std::string::npos;
            std::vector<json> models;
            // The list has moved meanwhile: one of the first page is in the second, too.
            for (int index = isSecond ? 29 : 0; index < (isSecond ? 40 : 30); ++index)
                models.push_back(foundModel("a/m" + std::to_string(index)));
            Reply reply{.body = json(models).dump()};
            if (!isSecond) reply.with("Link", "<" + origin + "/api/models?cursor=2>; rel=\"next\"");
            return reply;
        });
        fixture.search().search();
        QTRY_COMPARE(fixture.search().rowCount(), 30);
        QCOMPARE(fixture.searches().size(), 1);
        QVERIFY(fixture.search().canFetchMore({}));
        fixture.search().fetchMore({});
        QVERIFY(!fixture.search().canFetchMore({}));
        QTRY_COMPARE(fixture.search().rowCount(), 40);
        QVERIFY(!fixture.search().canFetchMore({}));
    }

    // Ten thousand models in an answer, and pages without an end of which nothing is wanted.
    void manyAnswers_areRead_andEmptyPagesEnd() {
        HubFixture fixture;
        std::vector<json> models;
        for (int index = 0; index < 10'000; ++index)
            models.push_back(foundModel("a/m" + std::to_string(index)));
        fixture.repository.bendHub(searchGives(std::move(models)));
        fixture.search().search();
        QTRY_COMPARE_WITH_TIMEOUT(fixture.search().rowCount(), 10'000, 30'000);
        const std::string origin = fixture.repository.endpoint();
        fixture.repository.bendHub([origin](const ServedRequest&) -> std::optional<Reply> {
            Reply reply{.body = json({foundModel("a/unwanted", "gemma3")}).dump()};
            return reply.with("Link", "<" + origin + "/api/models?cursor=2>; rel=\"next\"");
        });
        fixture.search().setFamily(QStringLiteral("qwen3"));
        QTRY_COMPARE(fixture.search().state(), HubSearchModel::NothingFound);
        const qsizetype nSearches = fixture.searches().size();
        QVERIFY(nSearches < 10);
        // It is up to the user to look further, and then a wanted one comes.
        QVERIFY(fixture.search().hasMore());
        QVERIFY(fixture.search().seenCount() > 0);
        fixture.repository.bendHub([](const ServedRequest&) -> std::optional<Reply> {
            return Reply{.body = json({foundModel("a/wanted", "qwen3")}).dump()};
        });
        fixture.search().lookFurther();
        QTRY_COMPARE(fixture.search().rowCount(), 1);
        QVERIFY(!fixture.search().hasMore());
    }

    void failures_areTold_data() {
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("title");
        QTest::addRow("rate limited") << 429 << QStringLiteral("Too many requests");
        QTest::addRow("failing") << 500 << QStringLiteral("The hub could not be searched");
        QTest::addRow("not JSON") << 200 << QStringLiteral("The hub could not be searched");
    }
    void failures_areTold() {
        QFETCH(int, status);
        QFETCH(QString, title);
        HubFixture fixture;
        fixture.repository.bendHub(searchFails(status));
        fixture.search().search();
        QTRY_COMPARE(fixture.search().state(), HubSearchModel::Failed);
        QCOMPARE(fixture.search().problemTitle(), title);
        QVERIFY(!fixture.search().problem().isEmpty());
        // And again, when it is well.
        fixture.repository.bendHub({});
        fixture.search().search();
        QTRY_COMPARE(fixture.search().state(), HubSearchModel::Found);
        QVERIFY(fixture.search().problem().isEmpty());
    }

    void noNetwork_isTold() {
        HubFixture fixture;
        // Nobody listens there.
        QVERIFY(fixture.hub->setEndpoint("http://127.0.0.1:9").has_value());
        fixture.search().search();
        QTRY_COMPARE(fixture.search().state(), HubSearchModel::Failed);
        QCOMPARE(fixture.search().problemTitle(), QStringLiteral("No connection"));
        QVERIFY(!fixture.search().isOfflineProblem());
    }

    void theSwitch_isTold_andNothingIsSent() {
        HubFixture fixture;
        fixture.hub->setOffline(true);
        fixture.search().setText(QStringLiteral("qwen"));
        QTRY_COMPARE(fixture.search().state(), HubSearchModel::Failed);
        QVERIFY(fixture.search().isOfflineProblem());
        QCOMPARE(fixture.hub->network().sentBytes(), 0u);
        QVERIFY(fixture.controller->isOffline());
    }

    void aPageThatFails_leavesWhatIsThere() {
        HubFixture fixture;
        const std::string origin = fixture.repository.endpoint();
        fixture.repository.bendHub([origin](const ServedRequest& request) -> std::optional<Reply> {
            if (request.path() != "/api/models") return std::nullopt;
            if (request.target.find("cursor=2") != std::string::npos) return Reply{.status = 500};
            Reply reply{.body = json({foundModel("a/m")}).dump()};
            return reply.with("Link", "<" + origin + "/api/models?cursor=2>; rel=\"next\"");
        });
        fixture.search().search();
        QTRY_COMPARE(fixture.search().rowCount(), 1);
        fixture.search().fetchMore({});
        QTRY_VERIFY(!fixture.search().problem().isEmpty());
        QCOMPARE(fixture.search().state(), HubSearchModel::Found);
        QCOMPARE(fixture.search().rowCount(), 1);
        QVERIFY(!fixture.search().canFetchMore({}));
    }

    void emptied_asksNothingMore() {
        HubFixture fixture;
        fixture.search().setText(QStringLiteral("qwen"));
        QTRY_COMPARE(fixture.search().state(), HubSearchModel::Found);
        fixture.search().setText({});
        QCOMPARE(fixture.search().state(), HubSearchModel::Idle);
        QCOMPARE(fixture.search().rowCount(), 0);
        QTest::qWait(400);
        QCOMPARE(fixture.searches().size(), 1);
    }

    void files_areModelsOnly_splitOnesAreOne() {
        HubFixture fixture;
        for (const char* path :
             {"tiny-Q8_0.gguf", "tiny-Q4_K_M.gguf", "tiny-F16-00001-of-00002.gguf",
              "tiny-F16-00002-of-00002.gguf", "mmproj-tiny-F16.gguf", "tiny-imatrix.gguf",
              "mtp-tiny.gguf", "README.md"})
            fixture.repository.add(path, randomBytes(2000, 1));
        HubFilesModel* files = fixture.openOnly();
        QVERIFY(files != nullptr);
        QAbstractItemModelTester tester(files);
        QCOMPARE(files->state(), HubFilesModel::Ready);
        QCOMPARE(files->rowCount(), 3);
        QStringList types;
        for (int row = 0; row < 3; ++row)
            types.append(fixture.of(*files, row, HubFilesModel::TypeRole).toString());
        types.sort();
        QCOMPARE(types, (QStringList{QStringLiteral("F16"), QStringLiteral("Q4_K_M"),
                                     QStringLiteral("Q8_0")}));
        QVERIFY(fixture.of(*files, 0, HubFilesModel::CanDownloadRole).toBool());
    }

    void aFile_isFetched_andIsInstalledThen() {
        HubFixture fixture;
        fixture.repository.add("tiny-Q8_0.gguf", randomBytes(300'000, 1));
        HubFilesModel* files = fixture.openOnly();
        QVERIFY(files != nullptr);
        QSignalSpy finished(&fixture.downloads(), &DownloadListModel::finished);
        files->download(0);
        QTRY_VERIFY(fixture.of(*files, 0, HubFilesModel::IsInstalledRole).toBool());
        QVERIFY(!fixture.of(*files, 0, HubFilesModel::CanDownloadRole).toBool());
        QCOMPARE(finished.size(), 1);
        QVERIFY(QFileInfo::exists(finished.front().front().toString()));
        QCOMPARE(finished.front().front().toString(),
                 fixture.of(*files, 0, HubFilesModel::PathRole).toString());
        // Found again by whoever opens it later.
        fixture.search().toggle(0);
        HubFilesModel* again = fixture.openOnly();
        QVERIFY(again != nullptr);
        QVERIFY(fixture.of(*again, 0, HubFilesModel::IsInstalledRole).toBool());
    }

    // Deleted by somebody, with its row still in the list of downloads: it is offered, and comes.
    void aFileThatIsGone_canBeFetchedAgain() {
        HubFixture fixture;
        fixture.repository.add("tiny-Q8_0.gguf", randomBytes(30'000, 1));
        HubFilesModel* files = fixture.openOnly();
        QVERIFY(files != nullptr);
        files->download(0);
        QTRY_VERIFY(fixture.of(*files, 0, HubFilesModel::IsInstalledRole).toBool());
        const QString path = fixture.of(*files, 0, HubFilesModel::PathRole).toString();
        QVERIFY(QFile::remove(path));
        fixture.search().toggle(0);
        files = fixture.openOnly();
        QVERIFY(files != nullptr);
        QVERIFY(!fixture.of(*files, 0, HubFilesModel::IsInstalledRole).toBool());
        QVERIFY(fixture.of(*files, 0, HubFilesModel::CanDownloadRole).toBool());
        files->download(0);
        QTRY_VERIFY(fixture.of(*files, 0, HubFilesModel::IsInstalledRole).toBool());
        QVERIFY(QFile::exists(path));
    }

    // Its row was closed meanwhile: the list of downloads says why it did not begin.
    void aRefusedDownload_isTold_alsoWhenItsRowIsClosed() {
        HubFixture fixture;
        fixture.repository.bendHub([](const ServedRequest& request) -> std::optional<Reply> {
            if (request.path().find("/tree/") == std::string::npos) return std::nullopt;
            const json file = {
                {"type", "file"},
                {"path", "huge-Q8_0.gguf"},
                {"size", 900'000'000'000'000},
                {"oid", std::string(40, '0')},
                {"lfs", {{"oid", std::string(64, 'a')}, {"size", 900'000'000'000'000}}}};
            return Reply{.body = json({file}).dump()};
        });
        HubFilesModel* files = fixture.openOnly();
        QVERIFY(files != nullptr);
        QCOMPARE(files->rowCount(), 1);
        files->download(0);
        fixture.search().toggle(0);
        QTRY_VERIFY(!fixture.downloads().problem().isEmpty());
        QCOMPARE(fixture.downloads().rowCount(), 0);
        fixture.downloads().forgetProblem();
        QVERIFY(fixture.downloads().problem().isEmpty());
    }

    // Two presses of one key are one download and no error.
    void twoPresses_areOneDownload() {
        HubFixture fixture;
        fixture.repository.add("tiny-Q8_0.gguf", randomBytes(30'000, 1));
        HubFilesModel* files = fixture.openOnly();
        QVERIFY(files != nullptr);
        files->download(0);
        files->download(0);
        QTRY_VERIFY(fixture.of(*files, 0, HubFilesModel::IsInstalledRole).toBool());
        QCOMPARE(fixture.downloads().rowCount(), 1);
        QVERIFY(files->problem().isEmpty());
    }

    // While every thread that asks stands at a hub that is silent, orders are carried out.
    void orders_doNotWaitBehindQuestions() {
        HubFixture fixture;
        fixture.repository.add("tiny-Q8_0.gguf", randomBytes(30'000, 1));
        HubFilesModel* files = fixture.openOnly();
        QVERIFY(files != nullptr);
        std::vector<json> models;
        for (int index = 0; index < 6; ++index)
            models.push_back(foundModel("a/m" + std::to_string(index)));
        fixture.repository.bendHub([models](const ServedRequest& request) -> std::optional<Reply> {
            if (request.path() == "/api/models") return Reply{.body = json(models).dump()};
            if (request.path().find("/tree/") == std::string::npos) return std::nullopt;
            return Reply{.body = "[]", .holdsAfter = 0};
        });
        fixture.search().search();
        QTRY_COMPARE(fixture.search().rowCount(), 6);
        for (int row = 0; row < 6; ++row) fixture.search().toggle(row);
        fixture.downloads().begin(
            {.repository = fixture.repository.repository,
             .entry = {.name = "tiny-Q8_0.gguf",
                       .parts = {{.path = "tiny-Q8_0.gguf", .nBytes = 30'000, .sha256 = {}}},
                       .nBytes = 30'000},
             .folder = fixture.hub->folder()});
        QTRY_COMPARE(fixture.downloads().finishedCount(), 1);
        fixture.repository.hub().release();
    }

    void bitsPerWeight_areToldOnlyWhereTheyCanBe_data() {
        QTest::addColumn<QString>("type");
        QTest::addColumn<double>("bits");
        QTest::addColumn<bool>("isPossible");
        QTest::addRow("Q4_K_M") << QStringLiteral("Q4_K_M") << 4.86 << true;
        QTest::addRow("of another size") << QStringLiteral("Q4_K_M") << 12.0 << false;
        QTest::addRow("of a smaller one") << QStringLiteral("Q8_0") << 3.1 << false;
        QTest::addRow("Q8_0") << QStringLiteral("Q8_0") << 8.5 << true;
        QTest::addRow("IQ2_XXS") << QStringLiteral("IQ2_XXS") << 2.2 << true;
        QTest::addRow("BF16") << QStringLiteral("BF16") << 16.0 << true;
        QTest::addRow("no type") << QString() << 5.0 << false;
    }
    void bitsPerWeight_areToldOnlyWhereTheyCanBe() {
        QFETCH(QString, type);
        QFETCH(double, bits);
        QFETCH(bool, isPossible);
        QCOMPARE(canTypeHave(type.toStdString(), bits), isPossible);
    }

    // By its own header, as the plan of the same file on this disk says; one that is no model says
    // why there is none.
    void aFile_isForecast_byItsOwnHeader() {
        HubFixture fixture;
        fixture.setting.devices = chooseDevices("cpu", listDevices());
        fixture.setting.load.contextTokens = 128;
        QTemporaryDir folder;
        const std::string bytes = asText(*tinyModelBytes(withTypes(TinyModel(), DType::F16)));
        fixture.repository.add("tiny-F16.gguf", bytes);
        HubFilesModel* files = fixture.openOnly();
        QVERIFY(files != nullptr);
        QTRY_VERIFY(fixture.of(*files, 0, HubFilesModel::HasForecastRole).toBool());

        const std::filesystem::path here =
            std::filesystem::path(folder.path().toStdString()) / "tiny.gguf";
        std::ofstream(here, std::ios::binary) << bytes;
        LoadOptions load = fixture.setting.load;
        load.path = here;
        const auto plan = planModel(load, spaceFor(fixture.setting.devices, {}, 0));
        QVERIFY(plan.has_value());
        const auto role = [&](int which) { return fixture.of(*files, 0, which).toDouble(); };
        QCOMPARE(role(HubFilesModel::WeightsBytesRole), double(plan->info.memory.weights));
        QCOMPARE(role(HubFilesModel::KvBytesRole), double(plan->info.memory.kv));
        QCOMPARE(role(HubFilesModel::ScratchBytesRole), double(plan->info.memory.scratch));
        QCOMPARE(role(HubFilesModel::SpeedLimitRole),
                 40e9 / static_cast<double>(plan->info.bytesPerToken));
        QCOMPARE(files->contextTokens(), 128);
        QVERIFY(!fixture.of(*files, 0, HubFilesModel::IsOverRole).toBool());
        QVERIFY(!fixture.of(*files, 0, HubFilesModel::MemoryTextRole).toString().isEmpty());
    }

    // Another context, or another machine, is planned at once with the headers that are here.
    void anotherContext_asksNoHub() {
        HubFixture fixture;
        fixture.setting.devices = chooseDevices("cpu", listDevices());
        fixture.setting.load.contextTokens = 128;
        fixture.repository.add("tiny-F16.gguf",
                               asText(*tinyModelBytes(withTypes(TinyModel(), DType::F16))));
        HubFilesModel* files = fixture.openOnly();
        QVERIFY(files != nullptr);
        QTRY_COMPARE(files->contextTokens(), 128);
        const double before = fixture.of(*files, 0, HubFilesModel::KvBytesRole).toDouble();
        const auto nAsked = [&fixture] {
            return fixture.repository.hub().requests().size() +
                   fixture.repository.bytes().requests().size();
        };
        const std::size_t nBefore = nAsked();
        fixture.setting.load.contextTokens = 64;
        emit fixture.search().machineChanged();
        QTRY_COMPARE(files->contextTokens(), 64);
        QVERIFY(fixture.of(*files, 0, HubFilesModel::KvBytesRole).toDouble() < before);
        fixture.setting.devices.processor.memoryAvailable = 1;
        emit fixture.search().machineChanged();
        emit fixture.search().machineChanged();  // the newest counts
        QTRY_VERIFY(fixture.of(*files, 0, HubFilesModel::IsOverRole).toBool());
        QCOMPARE(fixture.of(*files, 0, HubFilesModel::SpeedLimitRole).toDouble(), 0.0);
        QCOMPARE(nAsked(), nBefore);
    }

    void anotherRate_isAnotherSpeedAtOnce() {
        HubFixture fixture;
        fixture.setting.devices = chooseDevices("cpu", listDevices());
        fixture.setting.rates.processor.readGbS = 10;
        fixture.repository.add("tiny-F16.gguf",
                               asText(*tinyModelBytes(withTypes(TinyModel(), DType::F16))));
        HubFilesModel* files = fixture.openOnly();
        QVERIFY(files != nullptr);
        const auto speed = [&] {
            return fixture.of(*files, 0, HubFilesModel::PredictedSpeedRole).toDouble();
        };
        QTRY_VERIFY(speed() > 0);
        const double before = speed();
        fixture.setting.rates.processor.readGbS = 20;
        emit fixture.search().ratesChanged();
        QCOMPARE(speed(), 2 * before);
    }

    void whatIsNoModel_hasNoForecast_andCanBeFetchedAllTheSame() {
        HubFixture fixture;
        fixture.repository.add("a-Q4_0.gguf", randomBytes(20'000, 1));
        fixture.repository.add("b-Q8_0.gguf", randomBytes(30'000, 2));
        HubFilesModel* files = fixture.openOnly();
        QVERIFY(files != nullptr);
        QTRY_VERIFY(
            !fixture.of(*files, 0, HubFilesModel::ForecastProblemRole).toString().isEmpty());
        QVERIFY(fixture.of(*files, 0, HubFilesModel::CanDownloadRole).toBool());
        // What is wrong with one file is no reason against the next.
        QTRY_VERIFY(
            !fixture.of(*files, 1, HubFilesModel::ForecastProblemRole).toString().isEmpty());
    }

    // What the hub refuses for one file it refuses for all: asked for once, and by a person again.
    void aHubThatRefuses_isNotAskedForEveryHeader() {
        HubFixture fixture;
        fixture.repository.add("a-Q4_0.gguf", randomBytes(20'000, 1));
        fixture.repository.add("b-Q8_0.gguf", randomBytes(30'000, 2));
        auto nAsked = std::make_shared<std::atomic<int>>(0);
        fixture.repository.bendHub([nAsked](const ServedRequest& request) -> std::optional<Reply> {
            if (request.path().find("/resolve/") == std::string::npos) return std::nullopt;
            ++*nAsked;
            Reply reply{.status = 403, .body = "gated"};
            return reply.with("X-Error-Code", "GatedRepo");
        });
        HubFilesModel* files = fixture.openOnly();
        QVERIFY(files != nullptr);
        QTRY_VERIFY(
            !fixture.of(*files, 0, HubFilesModel::ForecastProblemRole).toString().isEmpty());
        QTest::qWait(50);
        QCOMPARE(nAsked->load(), 1);
        QVERIFY(fixture.of(*files, 1, HubFilesModel::CanForecastRole).toBool());
        // Twice is once: it stands in the queue.
        files->forecast(1);
        files->forecast(1);
        QTRY_VERIFY(
            !fixture.of(*files, 1, HubFilesModel::ForecastProblemRole).toString().isEmpty());
        QCOMPARE(nAsked->load(), 2);
    }

    // What does not fit has no speed, and says how much is missing.
    void whatDoesNotFit_hasNoSpeed() {
        HubFixture fixture;
        fixture.setting.devices = chooseDevices("cpu", listDevices());
        fixture.setting.devices.processor.memoryAvailable = 1;
        fixture.setting.load.contextTokens = 128;
        fixture.repository.add("tiny-F16.gguf",
                               asText(*tinyModelBytes(withTypes(TinyModel(), DType::F16))));
        HubFilesModel* files = fixture.openOnly();
        QVERIFY(files != nullptr);
        QTRY_VERIFY(fixture.of(*files, 0, HubFilesModel::HasForecastRole).toBool());
        QVERIFY(fixture.of(*files, 0, HubFilesModel::IsOverRole).toBool());
        QCOMPARE(fixture.of(*files, 0, HubFilesModel::PredictedSpeedRole).toDouble(), 0.0);
        QCOMPARE(fixture.of(*files, 0, HubFilesModel::SpeedLimitRole).toDouble(), 0.0);
    }

    void gatedFiles_areTold() {
        HubFixture fixture;
        fixture.repository.bendHub([&](const ServedRequest& request) -> std::optional<Reply> {
            if (request.path().find("/tree/") == std::string::npos) return std::nullopt;
            Reply reply{.status = 403, .body = "gated"};
            return reply.with("X-Error-Code", "GatedRepo");
        });
        HubFilesModel* files = fixture.openOnly();
        QVERIFY(files != nullptr);
        QCOMPARE(files->state(), HubFilesModel::Failed);
        QVERIFY(!files->problem().isEmpty());
        QVERIFY(files->pageUrl().endsWith(QStringLiteral("/acme/tiny-GGUF")));
        fixture.repository.bendHub({});
        fixture.repository.add("tiny-Q8_0.gguf", randomBytes(2000, 1));
        files->read();
        QTRY_COMPARE(files->state(), HubFilesModel::Ready);
    }

    // Closed, or the window gone, while the answer is under way.
    void leaving_inTheMiddle_isNoMatter() {
        HubFixture fixture;
        fixture.repository.bendHub([&](const ServedRequest& request) -> std::optional<Reply> {
            Reply reply = fixture.repository.hubReply(request);
            if (request.path() != "/api/models") reply.holdsAfter = 1;
            return reply;
        });
        fixture.search().search();
        QTRY_COMPARE(fixture.search().rowCount(), 1);
        fixture.search().toggle(0);
        QVERIFY(fixture.repository.hub().waitForRequests(2));
        fixture.search().toggle(0);
        fixture.search().toggle(0);
        fixture.controller.reset();
        fixture.repository.hub().release();
    }
};

QTEST_GUILESS_MAIN(HubSearchTest)
#include "hub_search_test.moc"

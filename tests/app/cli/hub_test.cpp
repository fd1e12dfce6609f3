// search, pull and models: against a hub on loopback, with their keys, sentences and what is left
// on the disk.
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>
#include <csignal>
#include <fstream>

#include "storage/api/storage.h"
#include "storage/sqlite/connection.h"
#include "tests/app/cli/cli_process.h"
#include "tests/support/hub/file_contents.h"
#include "tests/support/hub/hub_repository.h"

using namespace sotto::test;
namespace storage = sotto::storage;
using nlohmann::json;

namespace {

constexpr std::size_t kKept = 1'000'000;

}  // namespace

class CliHubTest : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void init();
    void search_listsModelsAndFiles();
    void search_withoutANetwork_saysSo();
    void pull_bringsTheFile();
    void pull_ofASplitModel_bringsAllParts();
    void pull_goesOnWhereItWasCut();
    void pull_ofAnotherFile_takesNoForeignPart();
    void pull_thatIsNone_saysWhatThereIs();
    void pull_ofADamagedFile_leavesNoModel();
    void pull_overAForeignFile_refuses();
    void forecast_readsTheHeaderThere();
    void forecast_ofNoModel_saysSo();
    void token_comesFromAFileOrTheEnvironment();
    void models_listsWhatIsInstalled();
    void offline_isObeyed();
    void connections_standInTheLibraryThatIsThere();
    void connections_waitForNobodysLock();
    void connections_ofAKilledCall_areThere();
    void aToken_thatIsWithheld_isSaid();
    void sentences_nameTheWaysOfTheCommandLine();
    void pull_ofAPartOfAnotherEtag_resumesNothing();

private:
    std::unique_ptr<QTemporaryDir> m_home;
    const std::string m_small = randomBytes(300'000, 1), m_large = randomBytes(3'000'000, 2);

    CliResult run(const HubRepository& hub, QStringList arguments) const {
        arguments << "--endpoint" << QString::fromStdString(hub.endpoint()) << "--json";
        return runCli(arguments);
    }
    std::filesystem::path pathOf(const QString& path) const {
        return installed(path).toStdString();
    }
    QString installed(const QString& path) const {
        return m_home->filePath("models/acme/tiny-GGUF/" + path);
    }
};

void CliHubTest::initTestCase() {
    for (const char* name : {"HF_TOKEN", "HF_ENDPOINT", "HF_HUB_OFFLINE", "http_proxy",
                             "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"})
        qunsetenv(name);
    // Whatever other programs keep on this machine is not the test's.
    qputenv("HOME", "/nonexistent");
}

void CliHubTest::init() {
    m_home = std::make_unique<QTemporaryDir>();
    qputenv("SOTTO_HOME", m_home->path().toUtf8());
}

void CliHubTest::search_listsModelsAndFiles() {
    HubRepository hub;
    hub.add("Tiny-Q8_0.gguf", m_large);
    hub.add("Tiny-Q4_K_M.gguf", m_small);
    hub.add("README.md", "text", false);
    const CliResult result = run(hub, {"search", "tiny"});
    QCOMPARE(result.status, 0);
    const json models = result.json()["models"];
    QCOMPARE(models.size(), std::size_t{1});
    QCOMPARE(models[0]["repo"].get<std::string>(), hub.repository);
    for (const char* key : {"downloads", "licence", "gated", "files"})
        QVERIFY(models[0].contains(key));
    const json files = models[0]["files"];
    QCOMPARE(models[0]["licence"].get<std::string>(), std::string("apache-2.0"));
    QCOMPARE(models[0]["downloads"].get<int>(), 1234);
    QCOMPARE(files.size(), std::size_t{2});
    QCOMPARE(files[0]["type"].get<std::string>(), std::string("Q4_K_M"));
    QCOMPARE(files[0]["bytes"].get<std::size_t>(), m_small.size());
    QCOMPARE(files[0]["sha256"].get<std::string>(), sha256Of(m_small));
    QCOMPARE(files[1]["name"].get<std::string>(), std::string("Tiny-Q8_0.gguf"));
}

void CliHubTest::search_withoutANetwork_saysSo() {
    // A port on which nobody listens.
    const CliResult result = runCli({"search", "tiny", "--endpoint", "http://127.0.0.1:9"});
    QCOMPARE(result.status, 1);
    QVERIFY2(result.isOneLineError(), result.err);
    QVERIFY(result.out.isEmpty());
    QCOMPARE(runCli({"search"}).status, 2);
    QCOMPARE(runCli({"search", "tiny", "--endpoint", "nonsense"}).status, 1);
}

void CliHubTest::pull_bringsTheFile() {
    HubRepository hub;
    hub.add("Tiny-Q8_0.gguf", m_large);
    hub.add("Tiny-Q4_K_M.gguf", m_small);
    const CliResult result = run(hub, {"pull", "acme/tiny-GGUF:q4_k_m"});
    QVERIFY2(result.status == 0, result.err);
    const json pulled = result.json();
    QCOMPARE(QString::fromStdString(pulled["path"]), installed("Tiny-Q4_K_M.gguf"));
    QCOMPARE(pulled["sha256"].get<std::string>(), sha256Of(m_small));
    QCOMPARE(pulled["bytes"].get<std::size_t>(), m_small.size());
    QCOMPARE(pulled["resumed_from"].get<std::size_t>(), std::size_t{0});
    QVERIFY(contentOf(pathOf("Tiny-Q4_K_M.gguf")) == m_small);
    QCOMPARE(QDir(installed("")).entryList(QDir::Files), QStringList{"Tiny-Q4_K_M.gguf"});
    // Once more: nothing comes again.
    const std::size_t nBefore = hub.bytes().requests().size();
    const CliResult again = run(hub, {"pull", "acme/tiny-GGUF:Q4_K_M"});
    QCOMPARE(again.status, 0);
    QCOMPARE(again.json()["resumed_from"].get<std::size_t>(), m_small.size());
    QCOMPARE(hub.bytes().requests().size(), nBefore);
    // Elsewhere.
    const CliResult other = run(
        hub, {"pull", "acme/tiny-GGUF:Tiny-Q4_K_M.gguf", "--to", m_home->filePath("else where")});
    QCOMPARE(other.status, 0);
    QVERIFY(contentOf(m_home->filePath("else where/Tiny-Q4_K_M.gguf").toStdString()) == m_small);
}

void CliHubTest::pull_ofASplitModel_bringsAllParts() {
    HubRepository hub;
    hub.add("BF16/Tiny-BF16-00001-of-00002.gguf", m_small);
    hub.add("BF16/Tiny-BF16-00002-of-00002.gguf", m_large);
    const CliResult result = run(hub, {"pull", "acme/tiny-GGUF"});
    QVERIFY2(result.status == 0, result.err);
    QCOMPARE(result.json()["bytes"].get<std::size_t>(), m_small.size() + m_large.size());
    QCOMPARE(result.json()["files"].size(), std::size_t{2});
    QVERIFY(contentOf(pathOf("BF16/Tiny-BF16-00002-of-00002.gguf")) == m_large);
}

void CliHubTest::pull_goesOnWhereItWasCut() {
    HubRepository hub;
    hub.add("Tiny-Q8_0.gguf", m_large);
    // Ctrl-C in the middle.
    hub.bendBytes([this](const ServedRequest& request) -> std::optional<Reply> {
        Reply reply = rangeOf(request, m_large, sha256Of(m_large));
        reply.holdsAfter = kKept;
        return reply;
    });
    QProcess process;
    process.start(QStringLiteral(SOTTO_CLI),
                  {"pull", "acme/tiny-GGUF", "--endpoint", QString::fromStdString(hub.endpoint())});
    const QString part = installed("Tiny-Q8_0.gguf.part");
    QTRY_VERIFY_WITH_TIMEOUT(QFileInfo(part).size() > 0, 20'000);
    ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    QVERIFY(process.waitForFinished());
    QCOMPARE(process.exitCode(), 1);
    QVERIFY2(process.readAllStandardError().contains("the same command goes on"), "no remedy");
    QVERIFY(QFile::exists(part));
    hub.bytes().release();
    hub.bendBytes({});
    const CliResult resumed = run(hub, {"pull", "acme/tiny-GGUF"});
    QVERIFY2(resumed.status == 0, resumed.err);
    QVERIFY(resumed.json()["resumed_from"].get<std::size_t>() > 0);
    QVERIFY(contentOf(pathOf("Tiny-Q8_0.gguf")) == m_large);
    QCOMPARE(QDir(installed("")).entryList(QDir::Files), QStringList{"Tiny-Q8_0.gguf"});
}

void CliHubTest::pull_ofAnotherFile_takesNoForeignPart() {
    HubRepository hub;
    hub.add("Tiny-Q8_0.gguf", m_large);
    QDir().mkpath(installed(""));
    std::ofstream(installed("Tiny-Q8_0.gguf.part").toStdString(), std::ios::binary)
        << std::string(1000, 'x');
    std::ofstream(installed("Tiny-Q8_0.gguf.part.json").toStdString(), std::ios::binary) << json{
        {"endpoint", "http://another"},
        {"repository", "else/where"},
        {"revision", "main"},
        {"path", "Tiny-Q8_0.gguf"},
        {"bytes", m_large.size()},
        {"kept_bytes", 1000},
        {"etag", "\"x\""},
        {"state", "waiting"}}.dump();
    const std::string record = contentOf(installed("Tiny-Q8_0.gguf.part.json").toStdString());
    const CliResult refused = run(hub, {"pull", "acme/tiny-GGUF"});
    QCOMPARE(refused.status, 1);
    QVERIFY2(refused.err.contains("begun elsewhere"), refused.err);
    QCOMPARE(contentOf(installed("Tiny-Q8_0.gguf.part").toStdString()), std::string(1000, 'x'));
    QCOMPARE(contentOf(installed("Tiny-Q8_0.gguf.part.json").toStdString()), record);
    // As its user was told.
    QVERIFY(QFile::remove(installed("Tiny-Q8_0.gguf.part")));
    const CliResult result = run(hub, {"pull", "acme/tiny-GGUF"});
    QVERIFY2(result.status == 0, result.err);
    QCOMPARE(result.json()["resumed_from"].get<std::size_t>(), std::size_t{0});
    QVERIFY(contentOf(pathOf("Tiny-Q8_0.gguf")) == m_large);
}

void CliHubTest::pull_thatIsNone_saysWhatThereIs() {
    HubRepository hub;
    hub.add("Tiny-Q8_0.gguf", m_small);
    hub.add("Tiny-Q4_K_M.gguf", m_small);
    const CliResult several = run(hub, {"pull", "acme/tiny-GGUF"});
    QCOMPARE(several.status, 1);
    QVERIFY2(several.err.contains("Q4_K_M, Q8_0") || several.err.contains("Q8_0, Q4_K_M"),
             several.err);
    QVERIFY(run(hub, {"pull", "acme/tiny-GGUF:Q2_K"}).err.contains("Q4_K_M"));
    const CliResult missing = run(hub, {"pull", "acme/no-such"});
    QCOMPARE(missing.status, 1);
    QVERIFY2(missing.err.count('\n') == 1, missing.err);
    QCOMPARE(run(hub, {"pull", "no repository"}).status, 1);
    QCOMPARE(runCli({"pull"}).status, 2);
}

void CliHubTest::pull_ofADamagedFile_leavesNoModel() {
    HubRepository hub;
    hub.add("Tiny-Q8_0.gguf", m_small);
    hub.bendBytes([this](const ServedRequest& request) -> std::optional<Reply> {
        std::string wrong = m_small;
        wrong[1000] ^= 1;
        return rangeOf(request, wrong, "\"" + sha256Of(m_small) + "\"");
    });
    const CliResult result = run(hub, {"pull", "acme/tiny-GGUF"});
    QCOMPARE(result.status, 1);
    QVERIFY(!QFile::exists(installed("Tiny-Q8_0.gguf")));
    QVERIFY(QFile::exists(installed("Tiny-Q8_0.gguf.damaged")));
    QCOMPARE(result.json()["error"]["code"].get<std::string>(), std::string("downloadDamaged"));
}

// A file of the right size that is not the hub's is not taken for it, nor touched.
void CliHubTest::pull_overAForeignFile_refuses() {
    HubRepository hub;
    hub.add("Tiny-Q8_0.gguf", m_small);
    std::string foreign = m_small;
    foreign[7] ^= 1;
    QDir().mkpath(installed(""));
    std::ofstream(installed("Tiny-Q8_0.gguf").toStdString(), std::ios::binary) << foreign;
    const CliResult result = run(hub, {"pull", "acme/tiny-GGUF"});
    QCOMPARE(result.status, 1);
    QVERIFY2(result.err.contains("is there already"), result.err);
    QVERIFY(contentOf(pathOf("Tiny-Q8_0.gguf")) == foreign);
}

void CliHubTest::forecast_readsTheHeaderThere() {
    HubRepository hub;
    const std::string model = contentOf(goldenFile("llama/q8_0.gguf").toStdString());
    hub.add("Tiny-Q8_0.gguf", model);
    hub.add("Tiny-Q4_K_M.gguf", m_small);
    const QStringList settings{"--device", "cpu", "--ctx", "128"};
    const CliResult result = run(hub, QStringList{"forecast", "acme/tiny-GGUF:q8_0"} << settings);
    QVERIFY2(result.status == 0, result.err);
    const CliResult here =
        runCli(QStringList{"forecast", goldenFile("llama/q8_0.gguf"), "--json"} << settings);
    const json forecast = result.json(), expected = here.json();
    for (const char* key :
         {"memory", "architecture", "quantization", "file_bytes", "fits", "bytes_per_token"})
        QCOMPARE(forecast[key].dump(), expected[key].dump());
    QVERIFY(forecast["tokens_per_s"].get<double>() > 0);
    const json room = forecast["room"].at(0);
    QCOMPARE(room["needed"].dump(), forecast["memory"]["total"].dump());
    QVERIFY(room["available"].get<double>() > 0);
    QCOMPARE(forecast["missing_bytes"].get<int>(), 0);
    // Nothing was kept.
    QVERIFY(!QFile::exists(installed("")));
}

void CliHubTest::forecast_ofNoModel_saysSo() {
    HubRepository hub;
    hub.add("Tiny-Q4_K_M.gguf", m_small);
    const CliResult damaged = run(hub, {"forecast", "acme/tiny-GGUF:"});
    QCOMPARE(damaged.status, 1);
    QVERIFY2(damaged.isOneLineError() || damaged.err.count('\n') == 1, damaged.err);
    QVERIFY2(run(hub, {"forecast", "acme/tiny-GGUF:Q2_K"}).err.contains("Q4_K_M"), "no list");
    // A file that is not there is no repository.
    const std::size_t nAsked = hub.hub().requests().size();
    for (const char* file : {"models/missing.gguf", "models/llama3", "acme/tiny-GGUF", "./a/b:c",
                             "/no/such", "missing"})
        QCOMPARE(run(hub, {"forecast", file}).status, 1);
    QCOMPARE(hub.hub().requests().size(), nAsked);
}

void CliHubTest::token_comesFromAFileOrTheEnvironment() {
    HubRepository hub;
    hub.add("Tiny-Q8_0.gguf", m_small);
    const QString tokenFile = m_home->filePath("token");
    std::ofstream(tokenFile.toStdString()) << "  hf_fromFile\n";
    qputenv("HF_TOKEN", "hf_fromEnvironment");
    const auto unset = qScopeGuard([] { qunsetenv("HF_TOKEN"); });
    QCOMPARE(run(hub, {"pull", "acme/tiny-GGUF"}).status, 0);
    QCOMPARE(hub.hub().requests().back().header("Authorization"),
             std::string("Bearer hf_fromEnvironment"));
    QVERIFY(QFile::remove(installed("Tiny-Q8_0.gguf")));
    QCOMPARE(run(hub, {"pull", "acme/tiny-GGUF", "--token-file", tokenFile}).status, 0);
    QCOMPARE(hub.hub().requests().back().header("Authorization"),
             std::string("Bearer hf_fromFile"));
#ifdef Q_OS_UNIX
    const auto warns = [&](std::filesystem::perms rights) {
        std::filesystem::permissions(tokenFile.toStdString(), rights);
        return run(hub, {"search", "tiny", "--token-file", tokenFile}).err.contains("chmod 600");
    };
    QVERIFY(warns(std::filesystem::perms(0644)));
    QVERIFY(warns(std::filesystem::perms(0640)));
    QVERIFY(!warns(std::filesystem::perms(0600)));
#endif
    for (const ServedRequest& request : hub.bytes().requests())
        QCOMPARE(request.header("Authorization"), std::string());
    QCOMPARE(run(hub, {"pull", "acme/tiny-GGUF", "--token-file", "/no/such"}).status, 1);
}

void CliHubTest::models_listsWhatIsInstalled() {
    const CliResult none = runCli({"models", "--json"});
    QCOMPARE(none.status, 0);
    QVERIFY(none.json()["models"].empty());
    QDir().mkpath(installed(""));
    QVERIFY(QFile::copy(goldenFile("llama/q8_0.gguf"), installed("tiny.gguf")));
    std::ofstream(installed("broken.gguf").toStdString()) << "GGUF";
    const CliResult result = runCli({"models", "--json"});
    QCOMPARE(result.status, 0);
    const json models = result.json()["models"];
    QCOMPARE(models.size(), std::size_t{2});
    const json& broken = models[0];
    const json& good = models[1];
    QCOMPARE(broken["runs"].get<bool>(), false);
    QVERIFY(broken.contains("problem"));
    QCOMPARE(good["runs"].get<bool>(), true);
    QCOMPARE(good["architecture"].get<std::string>(), std::string("llama"));
    QCOMPARE(QString::fromStdString(good["path"]), installed("tiny.gguf"));
    QCOMPARE(good["bytes"].get<qint64>(), QFileInfo(installed("tiny.gguf")).size());
    for (const char* key : {"name", "type"}) QVERIFY(good.contains(key));
}

void CliHubTest::connections_standInTheLibraryThatIsThere() {
    HubRepository hub;
    hub.add("Tiny-Q4_K_M.gguf", m_small);
    QCOMPARE(run(hub, {"search", "tiny"}).status, 0);
    const std::filesystem::path library = m_home->filePath("sotto.db").toStdString();
    QVERIFY2(!std::filesystem::exists(library), "a library was made");
    QVERIFY(storage::Storage::open({.path = library}).has_value());
    QCOMPARE(run(hub, {"search", "tiny"}).status, 0);
    QCOMPARE(run(hub, {"pull", "acme/tiny-GGUF"}).status, 0);
    const auto storage = storage::Storage::open({.path = library});
    QVERIFY(storage.has_value());
    QVERIFY(!(*storage)->openReport().wasUncleanClose);
    const auto entries =
        (*storage)->call([](storage::Database& database) { return database.ledger().list(100); });
    QVERIFY(entries.has_value());
    std::map<std::string, int> counts;
    for (const storage::LedgerRecord& entry : *entries) {
        ++counts[entry.purpose];
        QCOMPARE(entry.host, std::string("127.0.0.1"));
    }
    QCOMPARE(counts["search"], 1);
    QVERIFY(counts["files"] >= 2);
    QCOMPARE(counts["download"], 1);
    // While the window has it open.
    QCOMPARE(run(hub, {"search", "tiny"}).status, 0);
    const auto more =
        (*storage)->call([](storage::Database& database) { return database.ledger().list(100); });
    QVERIFY(more->size() > entries->size());
}

void CliHubTest::connections_waitForNobodysLock() {
    HubRepository hub;
    hub.add("Tiny-Q4_K_M.gguf", m_small);
    const std::filesystem::path library = m_home->filePath("sotto.db").toStdString();
    QVERIFY(storage::Storage::open({.path = library}).has_value());
    auto holder = storage::Connection::open({.path = library});
    QVERIFY(holder->execute("BEGIN IMMEDIATE").has_value());
    const CliResult result = run(hub, {"search", "tiny"});
    QCOMPARE(result.status, 0);
    QCOMPARE(result.json()["models"].size(), std::size_t{1});
    QVERIFY2(result.err.contains("not in the window's list"), result.err);
}

// Its bytes come until it is killed: the library says so meanwhile, also to a window that starts
// then, and the next start says that nobody knows how it ended.
void CliHubTest::connections_ofAKilledCall_areThere() {
    HubRepository hub;
    hub.add("Tiny-Q4_K_M.gguf", m_large);
    hub.bendBytes([&](const ServedRequest& request) -> std::optional<Reply> {
        Reply reply = hub.bytesReply(request);
        reply.holdsAfter = kKept;
        return reply;
    });
    const std::filesystem::path library = m_home->filePath("sotto.db").toStdString();
    const auto download = [&] {
        const auto storage = storage::Storage::open({.path = library});
        const auto entries = (*storage)->call(
            [](storage::Database& database) { return database.ledger().list(100); });
        for (const storage::LedgerRecord& entry : *entries)
            if (entry.purpose == "download") return entry;
        return storage::LedgerRecord();
    };
    QVERIFY(storage::Storage::open({.path = library}).has_value());
    QProcess pull;
    pull.start(QStringLiteral(SOTTO_CLI), {"pull", "acme/tiny-GGUF", "--endpoint",
                                           QString::fromStdString(hub.endpoint()), "--json"});
    QVERIFY(hub.bytes().waitForRequests(1));
    QTRY_VERIFY(download().state == storage::LedgerState::Open);
    QVERIFY(download().state == storage::LedgerState::Open);
    pull.kill();
    QVERIFY(pull.waitForFinished());
    QVERIFY(download().state == storage::LedgerState::Lost);
}

void CliHubTest::aToken_thatIsWithheld_isSaid() {
    qputenv("HF_TOKEN", "hf_secretOfThisTest");
    const CliResult mirror =
        runCli({"search", "tiny", "--json", "--endpoint", "http://mirror.invalid:1"});
    QCOMPARE(mirror.status, 1);
    QVERIFY2(mirror.err.contains("is not sent to http://mirror.invalid:1"), mirror.err);
    HubRepository hub;
    const CliResult loopback = run(hub, {"search", "tiny"});
    qunsetenv("HF_TOKEN");
    QVERIFY2(!loopback.err.contains("is not sent"), loopback.err);
    QVERIFY(!mirror.err.contains("hf_secret"));
}

void CliHubTest::sentences_nameTheWaysOfTheCommandLine() {
    HubRepository hub;
    hub.bendHub([](const ServedRequest&) -> std::optional<Reply> {
        return Reply{.status = 401}.with("X-Error-Message", "Invalid credentials in Authorization");
    });
    const CliResult refused = run(hub, {"search", "tiny"});
    QCOMPARE(refused.status, 1);
    QVERIFY2(refused.err.contains("--token-file"), refused.err);
    hub.bendHub([](const ServedRequest&) -> std::optional<Reply> {
        return Reply{.status = 403}.with("X-Error-Code", "GatedRepo");
    });
    const CliResult gated = run(hub, {"pull", "acme/tiny-GGUF"});
    QVERIFY2(gated.err.contains("--token-file"), gated.err);
    qputenv("HF_HUB_OFFLINE", "1");
    const CliResult offline = run(hub, {"search", "tiny"});
    qunsetenv("HF_HUB_OFFLINE");
    QVERIFY2(offline.err.contains("HF_HUB_OFFLINE"), offline.err);
    for (const CliResult* result : {&refused, &gated, &offline})
        QVERIFY2(!result->err.toLower().contains("settings"), result->err);
}

// What a call has left is not of the file that the hub gives out now.
void CliHubTest::pull_ofAPartOfAnotherEtag_resumesNothing() {
    HubRepository hub;
    hub.add("Tiny-Q8_0.gguf", m_large);
    hub.bendBytes([this](const ServedRequest& request) -> std::optional<Reply> {
        Reply reply = rangeOf(request, m_large, "before");
        reply.holdsAfter = kKept;
        return reply;
    });
    QProcess process;
    process.start(QStringLiteral(SOTTO_CLI),
                  {"pull", "acme/tiny-GGUF", "--endpoint", QString::fromStdString(hub.endpoint())});
    const QString part = installed("Tiny-Q8_0.gguf.part");
    QTRY_VERIFY_WITH_TIMEOUT(QFileInfo(part).size() > 0, 20'000);
    ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    QVERIFY(process.waitForFinished());
    QVERIFY(QFileInfo(part).size() > 0);
    hub.bytes().release();
    hub.bendBytes([this](const ServedRequest& request) -> std::optional<Reply> {
        return rangeOf(request, m_large, "after");
    });
    const CliResult result = run(hub, {"pull", "acme/tiny-GGUF"});
    QVERIFY2(result.status == 0, result.err);
    QCOMPARE(result.json()["resumed_from"].get<std::size_t>(), std::size_t{0});
    QVERIFY(contentOf(pathOf("Tiny-Q8_0.gguf")) == m_large);
}

void CliHubTest::offline_isObeyed() {
    HubRepository hub;
    hub.add("Tiny-Q8_0.gguf", m_small);
    qputenv("HF_HUB_OFFLINE", "1");
    const auto unset = qScopeGuard([] { qunsetenv("HF_HUB_OFFLINE"); });
    QCOMPARE(run(hub, {"search", "tiny"}).status, 1);
    QCOMPARE(run(hub, {"pull", "acme/tiny-GGUF"}).status, 1);
    QVERIFY(hub.hub().requests().empty());
}

QTEST_GUILESS_MAIN(CliHubTest)
#include "hub_test.moc"

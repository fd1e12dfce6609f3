// What the program's start sends, with a server that counts: nothing, unless a download was left
// unfinished, and nothing at all where it may not.
#include <QTemporaryDir>
#include <QtTest>
#include <map>

#include "app/core/app_core.h"
#include "tests/fakes/fake_engine.h"
#include "tests/support/hub/file_contents.h"
#include "tests/support/hub/hub_repository.h"

using namespace sotto;
using namespace sotto::app;
using namespace sotto::test;
namespace fs = std::filesystem;

namespace {

using Variables = std::map<std::string, std::string>;

std::unique_ptr<AppCore> startIn(const QTemporaryDir& folder, Variables variables) {
    variables["SOTTO_HOME"] = folder.path().toStdString();
    AppCoreOptions options;
    options.environment = [variables](const char* name) {
        const auto found = variables.find(name);
        return found != variables.end() ? found->second : std::string();
    };
    options.makeEngine = [](const EngineOptions&,
                            EventSink sink) -> Result<std::unique_ptr<Engine>> {
        return std::make_unique<FakeEngine>(std::move(sink));
    };
    options.chooseHubOptions = [](storage::Storage&, ModelHubOptions& hub) {
        hub.network.proxy = "";
    };
    auto core = AppCore::create(std::move(options));
    return core ? std::move(*core) : nullptr;
}

// Left in the library by a run that was closed while it downloaded.
void leaveDownload(const QTemporaryDir& folder, const HubRepository& hub) {
    const auto storage =
        storage::Storage::open({.path = folder.filePath("sotto.db").toStdString()});
    QVERIFY(storage.has_value());
    const fs::path target = fs::path(folder.path().toStdString()) / "models" / "tiny.gguf";
    const Status saved = (*storage)->call([&](storage::Database& database) {
        return database.downloads().save({.id = 1,
                                          .position = 1,
                                          .endpoint = hub.endpoint(),
                                          .repository = hub.repository,
                                          .revision = "main",
                                          .path = "tiny.gguf",
                                          .target = target.string(),
                                          .state = "waiting"});
    });
    QVERIFY(saved.has_value());
}

}  // namespace

class AppCoreHubTest : public QObject {
    Q_OBJECT

private slots:
    void aStart_sendsNothing() {
        HubRepository hub;
        const QTemporaryDir folder;
        const auto core = startIn(folder, {{"HF_ENDPOINT", hub.endpoint()}});
        QVERIFY(core != nullptr);
        QVERIFY(!core->hubProblem());
        QVERIFY(core->modelHub() != nullptr);
        QCOMPARE(core->modelHub()->folder(), core->paths().models);
        QCOMPARE(core->modelHub()->client().options().endpoint, hub.endpoint());
        QCOMPARE(core->modelHub()->network().sentBytes(), 0u);
        QVERIFY(hub.hub().requests().empty());
        // And what counts would have counted.
        QVERIFY(core->modelHub()->client().search({}, {}).has_value());
        QCOMPARE(hub.hub().requests().size(), 1u);
        QVERIFY(core->modelHub()->network().sentBytes() > 0u);
    }

    void whatWasLeft_goesOn() {
        HubRepository hub;
        const std::string content = randomBytes(10'000, 1);
        hub.add("tiny.gguf", content);
        const QTemporaryDir folder;
        leaveDownload(folder, hub);
        const auto core = startIn(folder, {});
        QVERIFY(core != nullptr);
        core->modelHub()->downloads().waitUntilIdle();
        QVERIFY(contentOf(core->paths().models / "tiny.gguf") == content);
    }

    void offline_notEvenWhatWasLeftGoesOn() {
        HubRepository hub;
        hub.add("tiny.gguf", randomBytes(10'000, 1));
        const QTemporaryDir folder;
        leaveDownload(folder, hub);
        const auto core = startIn(folder, {{"HF_HUB_OFFLINE", "1"}});
        QVERIFY(core != nullptr);
        core->modelHub()->downloads().waitUntilIdle();
        QVERIFY(hub.hub().requests().empty());
        QCOMPARE(core->modelHub()->network().sentBytes(), 0u);
        const auto list = core->modelHub()->downloads().list();
        QCOMPARE(list.size(), 1u);
        QCOMPARE(list[0].record.problem.code, ErrorCode::Offline);
    }

    void aTokenOfAnotherHub_isNotSent() {
        HubRepository hub;
        const QTemporaryDir folder;
        QDir(folder.path()).mkpath("config");
        FileTokenStore file(folder.filePath("config/sotto-hub-token").toStdString());
        QVERIFY(file.write({.token = "hf_OfTheUsualHub"}).has_value());
        auto core = startIn(folder, {{"HF_ENDPOINT", hub.endpoint()}});
        QVERIFY(core->modelHub()->client().search({}, {}).has_value());
        QVERIFY(hub.hub().requests().back().header("Authorization").empty());
        core.reset();
        QVERIFY(file.write({.token = "hf_OfThisHub", .origin = hub.endpoint()}).has_value());
        core = startIn(folder, {{"HF_ENDPOINT", hub.endpoint()}});
        QVERIFY(core->modelHub()->client().search({}, {}).has_value());
        QCOMPARE(hub.hub().requests().back().header("Authorization"),
                 std::string("Bearer hf_OfThisHub"));
    }
};

QTEST_GUILESS_MAIN(AppCoreHubTest)
#include "app_core_hub_test.moc"

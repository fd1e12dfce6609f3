// The app's and the models' layers of the settings on a real storage: what earlier programs stored
// is taken over, what is changed is written, nothing that is not understood is lost.
#include "app/settings/settings_controller.h"

#include <QAbstractItemModelTester>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>

#include "tests/support/failing_vfs.h"

using namespace sotto;
using namespace sotto::app;

namespace {

using Stored = std::map<std::string, std::string>;

// A program's settings from start to end: what it reads, and what it has written.
struct Program {
    explicit Program(storage::Storage& used)
        : storage(used), bridge(used), settings(bridge, stored(), models()) {}

    Stored stored() {
        return *storage.call([](storage::Database& database) { return database.settings().all(); });
    }
    std::vector<storage::ModelRecord> models() {
        return *storage.call([](storage::Database& database) { return database.models().list(); });
    }

    storage::Storage& storage;
    StorageBridge bridge;
    SettingsController settings;
};

std::unique_ptr<storage::Storage> memoryStorage(const Stored& content = {}) {
    auto storage = std::move(*storage::Storage::open(storage::StorageOptions::inMemory()));
    static_cast<void>(storage->call([&](storage::Database& database) -> Status {
        for (const auto& [key, json] : content) SOTTO_TRY(database.settings().set(key, json));
        return {};
    }));
    return storage;
}

std::string value(storage::Storage& storage, const char* key) {
    const auto found =
        storage.call([key](storage::Database& database) { return database.settings().value(key); });
    return found && *found ? **found : std::string();
}

}  // namespace

class SettingsControllerTest : public QObject {
    Q_OBJECT

private slots:
    void earlierKeys_areTakenOverOnceAndStayAsTheyAre() {
        const Stored old{{"app.sampling", R"({"temperature":0.7,"topK":3,"later":[1]})"},
                         {"app.systemPrompt", R"("Be brief.")"},
                         {"app.contextTokens", "8192"},
                         {"app.kvType", R"("f32")"},
                         {"app.textSize", "17"}};
        const auto storage = memoryStorage(old);
        {
            Program program(*storage);
            SettingsController& settings = program.settings;
            QCOMPARE(settings.systemPrompt(), QStringLiteral("Be brief."));
            QCOMPARE(settings.contextTokens(), 8192);
            QCOMPARE(settings.kvType(), QStringLiteral("f32"));
            QCOMPARE(settings.sampling()->valueOf(QStringLiteral("temperature")), 0.7);
            QCOMPARE(settings.textSize(), 17);
            QCOMPARE(settings.layer()->systemPromptSource(), LayeredSettings::App);
            QCOMPARE(settings.layer()->thinkingSource(), LayeredSettings::Default);
        }
        const std::string written = value(*storage, "settings");
        QCOMPARE(written,
                 std::string(R"({"contextTokens":8192,"kvType":"f32","sampling":{"later":[1]},)"
                             R"("systemPrompt":"Be brief.","temperature":0.7,"topK":3})"));
        for (const auto& [key, json] : old) QCOMPARE(value(*storage, key.c_str()), json);
        {
            Program program(*storage);
            QCOMPARE(program.settings.layer()->toJson(), written);
            program.settings.setSystemPrompt({});
            program.settings.setContextTokens(0);
        }
        Program program(*storage);
        QCOMPARE(program.settings.systemPrompt(), QString());
        QCOMPARE(program.settings.contextTokens(), 0);
        QCOMPARE(program.settings.layer()->contextTokensSource(), LayeredSettings::Default);
        QCOMPARE(program.settings.kvType(), QStringLiteral("f32"));
    }

    void nothingStored_nothingWritten() {
        const auto storage = memoryStorage();
        {
            Program program(*storage);
            QCOMPARE(program.settings.kvType(), QStringLiteral("f16"));
            QVERIFY(!program.settings.layer()->isModified());
        }
        QVERIFY(value(*storage, "settings").empty());
    }

    void whatIsNotUnderstood_isWrittenBack() {
        const auto storage = memoryStorage(
            {{"settings", R"({"kvType":"q9_0","overflow":"slide","temperature":0.2,"topP":7})"}});
        {
            Program program(*storage);
            QCOMPARE(program.settings.kvType(), QStringLiteral("f16"));
            program.settings.sampling()->setValue(QStringLiteral("temperature"), 0.4);
        }
        QCOMPARE(value(*storage, "settings"),
                 std::string(R"({"kvType":"q9_0","overflow":"slide","temperature":0.4,"topP":7})"));
    }

    void changes_areToldOnce() {
        const auto storage = memoryStorage();
        Program program(*storage);
        QSignalSpy engine(&program.settings, &SettingsController::engineChanged);
        QSignalSpy prompt(&program.settings, &SettingsController::systemPromptChanged);
        program.settings.setKvType(QStringLiteral("f32"));
        program.settings.setKvType(QStringLiteral("f32"));
        program.settings.setKvType(QStringLiteral("q9_0"));  // this program has no such cache
        program.settings.setContextTokens(-5);
        QCOMPARE(engine.count(), 1);
        program.settings.sampling()->setValue(QStringLiteral("topK"), 5);
        QCOMPARE(prompt.count(), 0);
        program.settings.setSystemPrompt(QStringLiteral("x"));
        QCOMPARE(prompt.count(), 1);
        program.settings.layer()->reset(QStringLiteral("systemPrompt"));
        QCOMPARE(prompt.count(), 2);
        QCOMPARE(engine.count(), 1);
    }

    void choices_haveTheValueThatIsSet() {
        const auto storage = memoryStorage({{"settings", R"({"contextTokens":3000})"}});
        Program program(*storage);
        const auto values = [](const QVariantList& choices) {
            QList<int> found;
            for (const QVariant& choice : choices)
                found.append(choice.toMap()[QStringLiteral("value")].toInt());
            return found;
        };
        constexpr int kOwn = int(kOwnContext);  // the model's
        QCOMPARE(values(program.settings.contextChoices()),
                 (QList<int>{0, 1024, 2048, 3000, 4096, 8192, 16384, 32768, kOwn}));
        QSignalSpy changed(&program.settings, &SettingsController::choicesChanged);
        program.settings.setContextTokens(4096);
        QCOMPARE(changed.count(), 1);
        QCOMPARE(values(program.settings.contextChoices()).size(), 8);
        QCOMPARE(values(program.settings.threadChoices()).first(), 0);
        QCOMPARE(values(program.settings.textSizeChoices()),
                 (QList<int>{13, 14, 15, 16, 17, 18, 19, 20}));
        const QVariantMap type = program.settings.kvTypeChoices().first().toMap();
        QCOMPARE(type[QStringLiteral("text")].toString(), QStringLiteral("F16"));
        QCOMPARE(type[QStringLiteral("value")].toString(), QStringLiteral("f16"));
        // What stands in no list has its row there, and every one says what it takes.
        const qsizetype nTypes = program.settings.kvTypeChoices().size();
        program.settings.setKvType(QStringLiteral("F32,q4_0"));
        const QVariantMap own = program.settings.kvTypeChoices().last().toMap();
        QCOMPARE(program.settings.kvTypeChoices().size(), nTypes + 1);
        QCOMPARE(own[QStringLiteral("value")].toString(), QStringLiteral("f32,q4_0"));
        QCOMPARE(own[QStringLiteral("text")].toString(), QStringLiteral("F32, values Q4_0"));
        program.settings.setKvType(QStringLiteral("q8_0"));
        QCOMPARE(program.settings.kvTypeChoices().size(), nTypes);
        QVERIFY(program.settings.kvTypeDetail().startsWith(QStringLiteral("53 % of F16")));
        changed.clear();
        program.settings.setLanguage(QStringLiteral("zh_CN"));
        QTRY_COMPARE(changed.count(), 1);
    }

    void failingWrite_isTold() {
        QTemporaryDir folder;
        FailingVfs vfs("settings");
        storage::StorageOptions options;
        options.path = folder.filePath(QStringLiteral("sotto.db")).toStdString();
        options.vfs = vfs.name();
        const auto storage = std::move(*storage::Storage::open(std::move(options)));
        Program program(*storage);
        QSignalSpy failed(&program.bridge, &StorageBridge::failed);
        vfs.failFrom(1, FailingVfs::Kind::DiskFull);
        program.settings.setTextSize(18);
        QTRY_VERIFY(failed.count() >= 1);
        QCOMPARE(failed.front().front().value<Error>().code, ErrorCode::DiskFull);
        vfs.heal();
        bool isDone = false;
        program.bridge.retry(this, [&isDone](const Status& status) { isDone = bool(status); });
        QTRY_VERIFY(isDone);
        QCOMPARE(value(*storage, "app.textSize"), std::string("18"));
    }

    void layers_ofAModelAreKeptInItsRow() {
        const auto storage = memoryStorage();
        const QString known = QStringLiteral("/models/a.gguf");
        const QString demo = QStringLiteral("/demo.gguf");  // in no library
        QVERIFY(storage->call([](storage::Database& database) -> Status {
            storage::ModelRecord row;
            row.path = "/models/a.gguf";
            row.name = "A";
            SOTTO_TRY(database.models().save(row));
            return database.models().setSettings(row.path, R"({"topK":7,"later":true})");
        }));
        {
            Program program(*storage);
            SettingsController& settings = program.settings;
            ModelSettings& model = *settings.model();
            QAbstractItemModelTester tester(model.sampling(),
                                            QAbstractItemModelTester::FailureReportingMode::QtTest);
            QVERIFY(!model.hasModel());
            settings.sampling()->setValue(QStringLiteral("topK"), 3);
            QCOMPARE(model.sampling()->valueOf(QStringLiteral("topK")), 3.0);
            model.follow(known);
            QCOMPARE(model.sampling()->valueOf(QStringLiteral("topK")), 7.0);
            QCOMPARE(model.sampling()->sourceOf(QStringLiteral("topK")), SamplingModel::Model);
            model.layer()->setContextTokens(4096);
            model.follow(demo);
            QCOMPARE(model.sampling()->sourceOf(QStringLiteral("topK")), SamplingModel::App);
            model.layer()->setThinking(ThinkingSetting::Off);
            QCOMPARE(settings.contextTokens(), 0);
            QCOMPARE(model.effectiveFor(known).contextTokens.value, std::int64_t{4096});
            QCOMPARE(model.effectiveFor(demo).contextTokens.value, std::int64_t{0});
        }
        Program program(*storage);
        ModelSettings& model = *program.settings.model();
        model.follow(demo);
        QCOMPARE(model.layer()->thinkingSource(), LayeredSettings::Model);
        model.follow(known);
        QCOMPARE(model.layer()->thinkingSource(), LayeredSettings::Default);
        QCOMPARE(model.layer()->toJson(),
                 std::string(R"({"contextTokens":4096,"later":true,"topK":7})"));
        QCOMPARE(program.models().size(), std::size_t{2});
    }

    // A database that an earlier program wrote, through all three layers.
    void storedLibrary_isReadThroughTheLayers() {
        QTemporaryDir folder;
        const QString copy = folder.filePath(QStringLiteral("library.db"));
        QVERIFY(QFile::copy(QStringLiteral(SOTTO_SOURCE_DIR "/tests/storage/data/library-v1.db"),
                            copy));
        QFile::setPermissions(copy, QFileDevice::ReadOwner | QFileDevice::WriteOwner);
        storage::StorageOptions options;
        options.path = copy.toStdString();
        const auto storage = std::move(*storage::Storage::open(std::move(options)));
        Program program(*storage);
        SettingsController& settings = program.settings;
        QCOMPARE(settings.systemPrompt(),
                 QStringLiteral("You are \"helpful\".\nAnswer in one sentence."));
        QCOMPARE(settings.contextTokens(), 16384);
        QCOMPARE(settings.kvType(), QStringLiteral("f32"));
        QCOMPARE(settings.sampling()->valueOf(QStringLiteral("repeatPenalty")), 1.1);
        QCOMPARE(settings.sampling()->valueOf(QStringLiteral("seed")), 7.0);
        // It stood where the earlier program did not look.
        QCOMPARE(settings.layer()->thinking(), ThinkingSetting::Auto);
        settings.model()->follow(QStringLiteral("/data/models/qwen3-1.7b.gguf"));
        const auto json = storage->call(
            [](storage::Database& database) { return database.chats().settings(201); });
        QVERIFY(json);
        LayeredSettings chat(LayeredSettings::Chat, settings.model()->layer());
        QCOMPARE(chat.number(QStringLiteral("temperature")), 0.6);
        QCOMPARE(chat.numberSource(QStringLiteral("temperature")), LayeredSettings::Model);
        chat.setJson(*json);
        QCOMPARE(chat.number(QStringLiteral("temperature")), 0.3);
        QCOMPARE(chat.numberSource(QStringLiteral("temperature")), LayeredSettings::Chat);
        QCOMPARE(chat.number(QStringLiteral("minP")), 0.05);
        QCOMPARE(chat.numberSource(QStringLiteral("minP")), LayeredSettings::App);
        QCOMPARE(chat.systemPrompt(), QStringLiteral("Answer briefly."));
        QCOMPARE(chat.thinking(), ThinkingSetting::Off);
        QCOMPARE(chat.kvTypeSource(), LayeredSettings::App);
        QCOMPARE(settings.theme(), SettingsController::Dark);
        QCOMPARE(settings.windowGeometry(), QRect(120, 80, 1280, 800));
    }
};

QTEST_MAIN(SettingsControllerTest)
#include "settings_controller_test.moc"

#include "app/core/app_core.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <thread>

#include "tests/fakes/fake_engine.h"

using namespace sotto;
using namespace sotto::app;
namespace fs = std::filesystem;

namespace {

AppCoreOptions optionsAt(const fs::path& home) {
    AppCoreOptions options;
    options.environment = [home](const char* name) {
        return std::string(name) == "SOTTO_HOME" ? home.string() : std::string();
    };
    options.makeEngine = [](const EngineOptions&,
                            EventSink sink) -> Result<std::unique_ptr<Engine>> {
        return std::make_unique<FakeEngine>(std::move(sink));
    };
    return options;
}

std::size_t countChats(storage::Storage& storage) {
    const auto chats =
        storage.call([](storage::Database& database) { return database.chats().list(); });
    return chats ? chats->size() : std::size_t{99};  // a failure is no empty list
}

Result<storage::ChatSummary> addChat(storage::Storage& storage) {
    return storage.call(
        [](storage::Database& database) { return database.chats().create({.title = "kept"}); });
}

}  // namespace

class AppCoreTest : public QObject {
    Q_OBJECT
private slots:
    void create_offersUnfinishedJobsAgain() {
        QTemporaryDir folder;
        const fs::path home = fs::path(folder.path().toStdString()) / "home";
        std::atomic<int> nStarted = 0;
        const auto open = [&] {
            AppCoreOptions options = optionsAt(home);
            options.registerJobKinds = [&nStarted](JobRunner& runner) {
                runner.registerKind("test", [&](const std::string& json) -> Result<JobPlan> {
                    JobSpec spec;
                    spec.subject = json;
                    return JobRunner::planOf(
                        spec,
                        [&](JobContext& context) -> Result<int> {
                            ++nStarted;
                            while (!context.isCancelled()) std::this_thread::yield();
                            return fail(ErrorCode::Cancelled, "Stopped.");
                        },
                        [](const Result<int>&) {});
                });
            };
            return std::move(*AppCore::create(std::move(options)));
        };
        {
            const auto core = open();
            QVERIFY(core->jobs().startKind("test", R"({"n": 1})").has_value());
            QTRY_COMPARE(nStarted.load(), 1);
        }
        {
            const auto core = open();
            QTRY_COMPARE(nStarted.load(), 2);
            QCOMPARE(core->jobs().jobs()[0].spec.subject, std::string(R"({"n": 1})"));
            core->jobs().cancelAndWait(core->jobs().jobs()[0].id);
        }
        QVERIFY(open()->jobs().jobs().empty());
    }

    void create_makesFoldersAndKeepsChats() {
        QTemporaryDir folder;
        const fs::path home = fs::path(folder.path().toStdString()) / "home";
        {
            auto core = AppCore::create(optionsAt(home));
            QVERIFY(core.has_value());
            QVERIFY(!(*core)->storageProblem());
            QVERIFY(!(*core)->engineProblem());
            QVERIFY((*core)->hub().engine() != nullptr);
            QVERIFY(fs::exists((*core)->paths().database));
            QVERIFY(addChat((*core)->storage()).has_value());
            QVERIFY(addChat((*core)->temporaryStorage()).has_value());
        }
        auto core = AppCore::create(optionsAt(home));
        QVERIFY(core.has_value());
        QCOMPARE(countChats((*core)->storage()), std::size_t{1});
        QCOMPARE(countChats((*core)->temporaryStorage()), std::size_t{0});
    }

    void create_withADamagedDatabaseStartsInMemoryAndLeavesIt() {
        QTemporaryDir folder;
        const QString file = folder.path() + "/sotto.db";
        const QByteArray garbage = QByteArray("not a database at all. ").repeated(100);
        {
            QFile writer(file);
            QVERIFY(writer.open(QIODevice::WriteOnly));
            writer.write(garbage);
        }
        {
            auto core = AppCore::create(optionsAt(folder.path().toStdString()));
            QVERIFY(core.has_value());
            QVERIFY((*core)->storageProblem().has_value());
            QVERIFY((*core)->storageProblem()->code == ErrorCode::DatabaseDamaged);
            QVERIFY(addChat((*core)->storage()).has_value());
            QCOMPARE(countChats((*core)->storage()), std::size_t{1});
        }
        QFile reader(file);
        QVERIFY(reader.open(QIODevice::ReadOnly));
        QCOMPARE(reader.readAll(), garbage);
        // The way out that the window offers: the file is kept under another name, and a new one
        // takes its place and keeps chats.
        const auto aside = storage::setDatabaseAside(file.toStdString());
        QVERIFY(aside.has_value());
        QVERIFY(!QFile::exists(file));
        {
            auto core = AppCore::create(optionsAt(folder.path().toStdString()));
            QVERIFY(core.has_value());
            QVERIFY(!(*core)->storageProblem());
            QCOMPARE(countChats((*core)->storage()), std::size_t{0});
            QVERIFY(addChat((*core)->storage()).has_value());
        }
        auto core = AppCore::create(optionsAt(folder.path().toStdString()));
        QVERIFY(core.has_value());
        QCOMPARE(countChats((*core)->storage()), std::size_t{1});
        QFile kept(QString::fromStdString(aside->string()));
        QVERIFY(kept.open(QIODevice::ReadOnly));
        QCOMPARE(kept.readAll(), garbage);
    }

    void create_withoutAHomeOrAnEngineStillStarts() {
        AppCoreOptions options = optionsAt({});
        options.makeEngine = [](const EngineOptions&,
                                EventSink) -> Result<std::unique_ptr<Engine>> {
            return fail(ErrorCode::Unsupported, "There is no such device.");
        };
        auto core = AppCore::create(std::move(options));
        QVERIFY(core.has_value());
        QVERIFY((*core)->storageProblem()->code == ErrorCode::NotFound);
        QVERIFY((*core)->hub().engine() == nullptr);
        QCOMPARE((*core)->engineProblem()->message, std::string("There is no such device."));
        QVERIFY(addChat((*core)->storage()).has_value());
    }
};

QTEST_APPLESS_MAIN(AppCoreTest)
#include "app_core_test.moc"

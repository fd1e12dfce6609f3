// The start with a database that cannot be opened: each choice of a person leads to a core, or
// away.
#include "app/start/start_loop.h"

#include <QTemporaryDir>
#include <QtTest>

#include "storage/sqlite/connection.h"
#include "tests/app/start/damaged_library.h"
#include "tests/fakes/fake_engine.h"

using namespace sotto;
using namespace sotto::app;

namespace {

struct Start {
    Start() : database(std::filesystem::path(home.path().toStdString()) / "sotto.db") {}

    Result<std::unique_ptr<AppCore>> open(const AskAPerson& ask) {
        return openCore(
            database,
            [this] {
                AppCoreOptions options;
                options.environment = [this](const char* name) {
                    return std::string(name) == "SOTTO_HOME" ? home.path().toStdString()
                                                             : std::string();
                };
                options.makeEngine = [](const EngineOptions&,
                                        EventSink sink) -> Result<std::unique_ptr<Engine>> {
                    return std::make_unique<FakeEngine>(std::move(sink));
                };
                return options;
            },
            ask);
    }
    // Asks with what `choices` say, one after the other; more questions than that fail.
    AskAPerson choosing(std::vector<RescueController::Outcome> choices) {
        return [this, choices = std::move(choices)](const Error& error,
                                                    const std::filesystem::path& file) {
            errors.push_back(error.code);
            files.push_back(file.filename().string());
            if (errors.size() > choices.size()) qFatal("asked once more than expected");
            return choices[errors.size() - 1];
        };
    }

    QTemporaryDir home;
    std::filesystem::path database;
    std::vector<ErrorCode> errors;
    std::vector<std::string> files;
};

std::size_t nChats(AppCore& core) {
    const auto chats =
        core.storage().call([](storage::Database& database) { return database.chats().list(); });
    return chats ? chats->size() : 999;
}

}  // namespace

class StartLoopTest : public QObject {
    Q_OBJECT

private slots:
    void wholeDatabase_opensWithoutAQuestion() {
        Start start;
        makeLibrary(start.database);
        const auto core = start.open(start.choosing({}));
        QVERIFY(core && *core);
        QVERIFY(!(*core)->storageProblem());
        QCOMPARE(nChats(**core), std::size_t{kChats});
    }

    void quit_leavesWithoutACoreAndWithoutAnError() {
        Start start;
        makeLibrary(start.database);
        damage(start.database, 4);
        const auto core = start.open(start.choosing({RescueController::Quit}));
        QVERIFY(core.has_value());
        QVERIFY(*core == nullptr);
        QCOMPARE(start.errors, std::vector{ErrorCode::DatabaseDamaged});
        QCOMPARE(start.files, std::vector<std::string>{"sotto.db"});
    }

    // As the start page does it: what can be read is read, then the core is opened anew.
    void openAgain_opensWhatTheRescueLeft() {
        Start start;
        makeLibrary(start.database);
        damage(start.database, 4);
        const AskAPerson ask = start.choosing({RescueController::OpenAgain});
        const auto core = start.open([&](const Error& error, const std::filesystem::path& file) {
            RescueController rescue(file, error);
            const auto isAt = [&rescue](RescueController::Step step) {
                return QTest::qWaitFor([&] { return rescue.step() == step; }, 20'000);
            };
            if (!isAt(RescueController::Damaged)) qFatal("not inspected");
            rescue.readAll();
            if (!isAt(RescueController::Result)) qFatal("not read");
            return ask(error, file);
        });
        QVERIFY(core && *core);
        QVERIFY(!(*core)->storageProblem());
        QVERIFY(nChats(**core) > 0);
        QCOMPARE(start.errors.size(), std::size_t{1});
    }

    // Asked again as long as it does not open.
    void openAgain_thatDoesNotOpen_asksAgain() {
        Start start;
        makeLibrary(start.database);
        damage(start.database, 4);
        const auto core =
            start.open(start.choosing({RescueController::OpenAgain, RescueController::Quit}));
        QVERIFY(core.has_value());
        QVERIFY(*core == nullptr);
        QCOMPARE(start.errors.size(), std::size_t{2});
    }

    void openBeside_leavesTheNewerOneAlone() {
        Start start;
        makeLibrary(start.database);
        {
            auto direct = storage::Connection::open({.path = start.database});
            QVERIFY(direct && direct->execute("PRAGMA user_version = 4000"));
        }
        {
            const auto core = start.open(start.choosing({RescueController::OpenBeside}));
            QVERIFY(core && *core);
            QCOMPARE(start.errors, std::vector{ErrorCode::NewerVersion});
            QVERIFY(!(*core)->storageProblem());
            QCOMPARE(nChats(**core), std::size_t{0});
            QCOMPARE((*core)->paths().database.filename().string(), std::string("beside-sotto.db"));
        }
        auto direct = storage::Connection::open({.path = start.database});
        QCOMPARE(*direct->queryInteger("PRAGMA user_version"), std::int64_t{4000});
        QCOMPARE(*direct->queryInteger("SELECT count(*) FROM chats"), std::int64_t{kChats});
    }

    // A run without a person goes on in memory and says why.
    void nobodyToAsk_goesOnInMemory() {
        Start start;
        makeLibrary(start.database);
        damage(start.database, 4);
        const auto core = start.open({});
        QVERIFY(core && *core);
        QVERIFY((*core)->storageProblem()->code == ErrorCode::DatabaseDamaged);
        QCOMPARE(nChats(**core), std::size_t{0});
    }
};

QTEST_MAIN(StartLoopTest)
#include "start_loop_test.moc"

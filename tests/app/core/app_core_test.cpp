#include "app/core/app_core.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <thread>
#ifdef Q_OS_UNIX
#include <unistd.h>
#endif

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

QByteArray contentOf(const fs::path& path) {
    QFile file(QString::fromStdString(path.string()));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

#ifdef Q_OS_UNIX
// What a user who may not write there finds.
int openUnprivileged(const fs::path& home, const std::string& runtime) {
    if (getuid() == 0 && seteuid(65534) != 0) return 1;  // nobody
    AppCoreOptions options = optionsAt(home);
    options.environment = [home, runtime](const char* name) {
        return std::string(name) == "SOTTO_HOME" ? home.string() : runtime;
    };
    const auto core = AppCore::create(std::move(options));
    if (!core || !(*core)->storageProblem() || !(*core)->isCopyShown()) return 1;
    const std::size_t nShown = countChats((*core)->storage());
    static_cast<void>(addChat((*core)->storage()));
    std::printf("%s, %zu chat, %zu with a new one\n",
                std::string(errorCodeName((*core)->storageProblem()->code)).c_str(), nShown,
                countChats((*core)->storage()));
    return 0;
}
#endif

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

    void create_withAnAddressThatIsNone_hasNoHubAndSaysWhy() {
        QTemporaryDir folder;
        AppCoreOptions options = optionsAt(fs::path(folder.path().toStdString()) / "home");
        options.chooseHubOptions = [](storage::Storage&, ModelHubOptions& hub) {
            hub.hub.endpoint = "nowhere";
        };
        const auto core = AppCore::create(std::move(options));
        QVERIFY(core.has_value());
        QVERIFY((*core)->modelHub() == nullptr);
        QCOMPARE((*core)->hubProblem()->code, ErrorCode::InvalidArgument);
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

    // As a user without rights: for root nothing is read-only.
    void create_inAHomeThatCannotBeWrittenShowsItsChats() {
#ifdef Q_OS_UNIX
        QTemporaryDir folder, runtime;
        const fs::path home = fs::path(folder.path().toStdString()) / "home";
        {
            auto core = AppCore::create(optionsAt(home));
            QVERIFY(addChat((*core)->storage()).has_value());
        }
        using enum fs::perms;
        const fs::perms readable = owner_read | group_read | others_read;
        const fs::perms open = readable | owner_exec | group_exec | others_exec;
        for (const auto& entry : fs::recursive_directory_iterator(home))
            fs::permissions(entry, entry.is_directory() ? open : readable);
        for (const fs::path& above : {home, home.parent_path()}) fs::permissions(above, open);
        fs::permissions(runtime.path().toStdString(), all);
        const QByteArray before = contentOf(home / "sotto.db");
        QProcess other;
        other.start(QCoreApplication::applicationFilePath(),
                    {"--unprivileged", QString::fromStdString(home.string()), runtime.path()});
        QVERIFY(other.waitForFinished(20'000));
        const QByteArray said = other.readAllStandardOutput().trimmed();
        for (const fs::path& above : {home, home.parent_path()}) fs::permissions(above, owner_all);
        QCOMPARE(said, QByteArray("readOnly, 1 chat, 2 with a new one"));
        QCOMPARE(contentOf(home / "sotto.db"), before);
        QVERIFY(QDir(runtime.path()).isEmpty());  // the copy is gone with the program
#else
        QSKIP("rights are tested on POSIX");
#endif
    }

    void create_removesTheCopyOfAKilledRun() {
#ifdef Q_OS_UNIX
        QTemporaryDir folder, runtime;
        const fs::path home = fs::path(folder.path().toStdString()) / "home";
        const fs::path left =
            fs::path(runtime.path().toStdString()) / "sotto-copy-0123456789abcdef";
        QVERIFY(fs::create_directory(left));
        fs::permissions(left, fs::perms::owner_all);
        std::ofstream(left / "copy.lock") << "1";
        std::ofstream(left / "sotto.db") << "chats";
        AppCoreOptions options = optionsAt(home);
        options.environment = [&](const char* name) {
            return std::string(name) == "SOTTO_HOME" ? home.string() : runtime.path().toStdString();
        };
        QVERIFY(AppCore::create(std::move(options)).has_value());
        QVERIFY(!fs::exists(left));
#else
        QSKIP("the folder for temporary files is not chosen there");
#endif
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

int main(int argc, char* argv[]) {
#ifdef Q_OS_UNIX
    if (argc == 4 && std::string(argv[1]) == "--unprivileged")
        return openUnprivileged(argv[2], argv[3]);
#endif
    QCoreApplication application(argc, argv);
    AppCoreTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "app_core_test.moc"

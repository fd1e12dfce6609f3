// What a person decides of the network, with the hub, the library and the files as they are: the
// switch, the address, the token and its places, and the list of what was sent.
#include "app/network/network_controller.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>
#include <thread>

#include "app/settings/settings_controller.h"
#include "tests/support/hub/file_contents.h"
#include "tests/support/hub/hub_repository.h"

using namespace sotto;
using namespace sotto::app;
using namespace sotto::test;
namespace fs = std::filesystem;

namespace {

constexpr const char* kToken = "hf_TokenOfThisTest3Kq";

// A keyring as its person keeps it: with a token, empty, or locked for good.
class TestKeyring final : public TokenKeyring {
public:
    std::string token;
    bool isLocked = false;
    int nReads = 0;

    void read(Read done) override {
        ++nReads;
        const Result<std::string> answer = isLocked ? locked() : Result<std::string>(token);
        QTimer::singleShot(0, &m_context, [done, answer] { done(answer); });
    }
    void write(const std::string& text, Done done) override {
        if (!isLocked) token = text;
        answer(std::move(done));
    }
    void remove(Done done) override {
        if (!isLocked) token.clear();
        answer(std::move(done));
    }

private:
    static tl::unexpected<Error> locked() {
        return fail(ErrorCode::Unsupported, "The keyring is locked.");
    }
    void answer(Done done) {
        const Status status = isLocked ? Status(locked()) : Status();
        QTimer::singleShot(0, &m_context, [done = std::move(done), status] { done(status); });
    }

    QObject m_context;
};

struct Program {
    explicit Program(const QTemporaryDir& folder, const std::string& endpoint,
                     TokenKeyring* keyring = nullptr)
        : path(folder.path().toStdString()), file(path / "sotto-hub-token") {
        auto opened = storage::Storage::open({.path = path / "sotto.db"});
        if (!opened) qFatal("%s", opened.error().message.c_str());
        storage = std::move(*opened);
        ledger = std::make_unique<StoredLedger>(*storage);
        const auto stored =
            *storage->call([](storage::Database& database) { return database.settings().all(); });
        ModelHubOptions options{.network = {.ledger = ledger.get(), .proxy = ""},
                                .hub = {.endpoint = endpoint},
                                .folder = path / "models"};
        SettingsController::chooseHub(stored, options);
        options.hub.token = tokenFor(options.hub.endpoint);
        auto made = ModelHub::create(std::move(options));
        if (!made) qFatal("%s", made.error().message.c_str());
        hub = std::move(*made);
        bridge = std::make_unique<StorageBridge>(*storage);
        settings = std::make_unique<SettingsController>(*bridge, stored);
        network = std::make_unique<NetworkController>(NetworkController::Parts{
            *bridge, *settings, hub.get(), nullptr, ledger.get(), &file, keyring});
    }
    ~Program() {
        if (settings) settings->saveNow();
    }

    // As AppCore does: of another hub it is none.
    std::string tokenFor(const std::string& address) {
        const auto token = file.read();
        return token && token->origin == net::originOf(address) ? token->token : std::string();
    }
    // What was asked of the storage before, is answered.
    bool fileIsRead() {
        bool isAnswered = false;
        bridge->submit(
            network.get(), [](storage::Database&) -> Status { return {}; },
            [&isAnswered](const Status&) { isAnswered = true; });
        return QTest::qWaitFor([&isAnswered] { return isAnswered; });
    }
    bool search() { return hub->client().search({}, {}).has_value(); }

    fs::path path;
    FileTokenStore file;
    std::unique_ptr<storage::Storage> storage;
    std::unique_ptr<StoredLedger> ledger;
    std::unique_ptr<ModelHub> hub;
    std::unique_ptr<StorageBridge> bridge;
    std::unique_ptr<SettingsController> settings;
    std::unique_ptr<NetworkController> network;
};

// Of the whole folder: the library, its journal, whatever else lies there.
bool isAnywhere(const QTemporaryDir& folder, const std::string& secret, const char* butIn = "") {
    for (const auto& entry : fs::recursive_directory_iterator(folder.path().toStdString())) {
        if (!entry.is_regular_file() || entry.path().filename() == butIn) continue;
        if (contentOf(entry.path()).find(secret) != std::string::npos) return true;
    }
    return false;
}

}  // namespace

class NetworkControllerTest : public QObject {
    Q_OBJECT

private slots:
    void theSwitch_holdsOverTheNextStart() {
        HubRepository repository;
        const QTemporaryDir folder;
        {
            Program program(folder, repository.endpoint());
            QSignalSpy told(program.network.get(), &NetworkController::offlineChanged);
            QVERIFY(!program.network->isOffline());
            QVERIFY(program.search());
            program.network->setOffline(true);
            program.network->setOffline(true);
            QCOMPARE(told.count(), 1);
            QVERIFY(!program.search());
        }
        Program program(folder, repository.endpoint());
        QVERIFY(program.network->isOffline());
        QVERIFY(!program.search());
        QCOMPARE(repository.hub().requests().size(), 1u);
        program.network->setOffline(false);
        QVERIFY(program.search());
    }

    void anAddress_holdsOverTheNextStart() {
        HubRepository first;
        HubRepository mirror;
        const QTemporaryDir folder;
        {
            Program program(folder, first.endpoint());
            for (const char* wrong : {"http://mirror.example", "mirror.example", "ftp://x",
                                      "https://", "http://127.0.0.1.example"}) {
                QVERIFY2(!program.network->setEndpoint(QString::fromLatin1(wrong)), wrong);
                QVERIFY(!program.network->endpointProblem().isEmpty());
                QCOMPARE(program.network->endpoint().toStdString(), first.endpoint());
            }
            QVERIFY(program.network->setEndpoint("  " + QString::fromStdString(mirror.endpoint()) +
                                                 " "));
            QVERIFY(program.network->endpointProblem().isEmpty());
            QVERIFY(program.search());
        }
        {
            Program program(folder, first.endpoint());
            QCOMPARE(program.network->endpoint().toStdString(), mirror.endpoint());
            QVERIFY(program.search());
            QCOMPARE(mirror.hub().requests().size(), 2u);
            QVERIFY(first.hub().requests().empty());
            // Nothing typed is the usual one.
            QVERIFY(program.network->setEndpoint(QString()));
            QCOMPARE(program.network->endpoint(), QStringLiteral("https://huggingface.co"));
        }
    }

    void aSpeedLimit_holdsOverTheNextStart() {
        HubRepository repository;
        const QTemporaryDir folder;
        for (const double limit : {5e6, 0.0}) {
            {
                Program program(folder, repository.endpoint());
                program.settings->setDownloadLimit(limit);
            }
            Program program(folder, repository.endpoint());
            QCOMPARE(static_cast<double>(program.hub->downloads().bytesPerSecond()), limit);
        }
        // What makes no sense, as of a damaged page, limits nothing.
        for (const double limit : {-1.0, 1e300}) {
            {
                Program program(folder, repository.endpoint());
                program.settings->setDownloadLimit(limit);
            }
            Program program(folder, repository.endpoint());
            QCOMPARE(program.hub->downloads().bytesPerSecond(), 0u);
        }
    }

    void withoutAKeyring_theTokenIsInItsFileOnly() {
        HubRepository repository;
        const QTemporaryDir folder;
        {
            Program program(folder, repository.endpoint());
            QCOMPARE(program.network->tokenPlace(), NetworkController::NoToken);
            QVERIFY(!program.network->setToken(QStringLiteral("two words")));
            QVERIFY(!program.network->tokenProblem().isEmpty());
            QVERIFY(!program.network->tokenProblem().contains(QStringLiteral("two words")));
            QVERIFY(program.network->setToken(QStringLiteral(" %1\n").arg(kToken)));
            QTRY_COMPARE(program.network->tokenPlace(), NetworkController::InFile);
            QVERIFY(program.network->tokenProblem().isEmpty());
            QCOMPARE(program.network->tokenHint(), QStringLiteral("hf_••••••••3Kq"));
            QVERIFY(program.search());
            QCOMPARE(repository.hub().requests().back().header("Authorization"),
                     std::string("Bearer ") + kToken);
        }
        QVERIFY(!isAnywhere(folder, kToken, "sotto-hub-token"));
        Program program(folder, repository.endpoint());
        QCOMPARE(program.network->tokenPlace(), NetworkController::InFile);
        program.network->removeToken();
        QCOMPARE(program.network->tokenPlace(), NetworkController::NoToken);
        QVERIFY(program.network->tokenHint().isEmpty());
        QTRY_VERIFY(!fs::exists(program.path / "sotto-hub-token"));
        QVERIFY(program.search());
        QVERIFY(repository.hub().requests().back().header("Authorization").empty());
    }

    void withAKeyring_nothingIsOnTheDisk() {
        HubRepository repository;
        const QTemporaryDir folder;
        TestKeyring keyring;
        {
            // An earlier version, or a system that had no keyring then, left a file.
            FileTokenStore old(fs::path(folder.path().toStdString()) / "sotto-hub-token");
            QVERIFY(
                old.write({.token = "hf_AnOlderTokenOfThisTest", .origin = repository.endpoint()})
                    .has_value());
            Program program(folder, repository.endpoint(), &keyring);
            QCOMPARE(program.network->tokenPlace(), NetworkController::InFile);
            QVERIFY(program.network->setToken(QString::fromLatin1(kToken)));
            QTRY_COMPARE(program.network->tokenPlace(), NetworkController::InKeyring);
            QCOMPARE(parseToken(keyring.token).token, std::string(kToken));
            QTRY_VERIFY(!fs::exists(program.path / "sotto-hub-token"));
        }
        QVERIFY(!isAnywhere(folder, kToken));
        Program program(folder, repository.endpoint(), &keyring);
        program.network->needToken();
        QTRY_COMPARE(program.network->tokenPlace(), NetworkController::InKeyring);
        QVERIFY(program.search());
        QCOMPARE(repository.hub().requests().back().header("Authorization"),
                 std::string("Bearer ") + kToken);
        program.network->removeToken();
        QCOMPARE(keyring.token, std::string());
    }

    // It may ask its person for a password: not for a program that sends nothing.
    void aKeyring_isAskedWhenItIsNeeded() {
        HubRepository repository;
        const QTemporaryDir folder;
        TestKeyring keyring;
        keyring.token = tokenText({.token = kToken, .origin = repository.endpoint()});
        {
            Program program(folder, repository.endpoint(), &keyring);
            program.network->needToken();
            QTRY_COMPARE(program.network->tokenPlace(), NetworkController::InKeyring);
            QCOMPARE(keyring.nReads, 1);
        }
        Program program(folder, repository.endpoint(), &keyring);
        QVERIFY(program.fileIsRead());
        QCOMPARE(keyring.nReads, 1);
        QVERIFY(program.search());
        QTRY_COMPARE(program.network->tokenPlace(), NetworkController::InKeyring);
        QCOMPARE(keyring.nReads, 2);
    }

    void aLockedKeyring_givesWayToTheFile() {
        HubRepository repository;
        const QTemporaryDir folder;
        TestKeyring keyring;
        keyring.isLocked = true;
        Program program(folder, repository.endpoint(), &keyring);
        QVERIFY(program.network->setToken(QString::fromLatin1(kToken)));
        QTRY_COMPARE(program.network->tokenPlace(), NetworkController::InFile);
        QCOMPARE(program.file.read().value_or(HubToken()).token, std::string(kToken));
    }

    // Its person refused the write, and opens it afterwards: what it still holds is older.
    void anOlderToken_ofTheKeyring_doesNotComeBack() {
        HubRepository repository;
        const QTemporaryDir folder;
        TestKeyring keyring;
        keyring.token =
            tokenText({.token = "hf_AnOlderTokenOfThisTest", .origin = repository.endpoint()});
        {
            Program program(folder, repository.endpoint(), &keyring);
            program.network->needToken();
            QTRY_COMPARE(program.network->tokenPlace(), NetworkController::InKeyring);
            keyring.isLocked = true;
            QVERIFY(program.network->setToken(QString::fromLatin1(kToken)));
            QTRY_COMPARE(program.network->tokenPlace(), NetworkController::InFile);
        }
        keyring.isLocked = false;
        Program program(folder, repository.endpoint(), &keyring);
        QCOMPARE(program.network->tokenPlace(), NetworkController::InFile);
        program.network->needToken();
        QVERIFY(program.fileIsRead());
        QVERIFY(program.search());
        QCOMPARE(repository.hub().requests().back().header("Authorization"),
                 std::string("Bearer ") + kToken);
        program.network->removeToken();
        QTRY_VERIFY(keyring.token.empty());
    }

    void aKeyringThatKeepsTheToken_isSaid() {
        HubRepository repository;
        const QTemporaryDir folder;
        TestKeyring keyring;
        keyring.token = tokenText({.token = kToken, .origin = repository.endpoint()});
        Program program(folder, repository.endpoint(), &keyring);
        program.network->needToken();
        QTRY_COMPARE(program.network->tokenPlace(), NetworkController::InKeyring);
        keyring.isLocked = true;
        program.network->removeToken();
        QTRY_VERIFY(!program.network->tokenProblem().isEmpty());
        QCOMPARE(program.network->tokenPlace(), NetworkController::InKeyring);
        QVERIFY(program.search());
        QVERIFY(repository.hub().requests().back().header("Authorization").empty());
    }

    void anotherHub_neverGetsTheToken() {
        HubRepository first;
        HubRepository mirror;
        const QTemporaryDir folder;
        Program program(folder, first.endpoint());
        QVERIFY(program.network->setToken(QString::fromLatin1(kToken)));
        QTRY_COMPARE(program.network->tokenPlace(), NetworkController::InFile);
        QVERIFY(program.network->setEndpoint(QString::fromStdString(mirror.endpoint())));
        QCOMPARE(program.network->tokenPlace(), NetworkController::NoToken);
        QVERIFY(program.search());
        QVERIFY(mirror.hub().requests().back().header("Authorization").empty());
        // Back again it is there.
        QVERIFY(program.network->setEndpoint(QString::fromStdString(first.endpoint())));
        QTRY_COMPARE(program.network->tokenPlace(), NetworkController::InFile);
        QVERIFY(program.search());
        QVERIFY(!first.hub().requests().back().header("Authorization").empty());
    }

    void bytes_areCountedWhileTheyGo() {
        HubRepository repository;
        const QTemporaryDir folder;
        Program program(folder, repository.endpoint());
        QCOMPARE(program.network->sentBytes(), 0.0);
        QVERIFY(program.search());
        QTRY_VERIFY(program.network->sentBytes() > 0);
        QCOMPARE(program.network->sentBytes(),
                 static_cast<double>(program.hub->network().sentBytes()));
        QVERIFY(program.network->receivedBytes() > 0);
        // Nothing is under way: nothing wakes the processor.
        QTRY_VERIFY(!program.network->isCounting());
        repository.bendHub([](const ServedRequest&) -> std::optional<Reply> {
            return Reply{.body = "[]", .holdsAfter = 0};
        });
        std::jthread asking([&] { program.search(); });
        QTRY_VERIFY(program.network->isCounting());
        repository.hub().release();
        asking.join();
        QTRY_VERIFY(!program.network->isCounting());
    }

    void theLedger_followsWhatIsSent_inPages() {
        HubRepository repository;
        const QTemporaryDir folder;
        Program program(folder, repository.endpoint());
        LedgerModel& ledger = *program.network->ledger();
        const QAbstractItemModelTester tester(&ledger);
        ledger.load();
        QTRY_VERIFY(ledger.isLoaded());
        QCOMPARE(ledger.count(), 0);
        for (int index = 0; index < 130; ++index)
            program.ledger->end({.id = static_cast<std::uint64_t>(index) + 1000,
                                 .startedAtMs = QDateTime::currentMSecsSinceEpoch() - 1000,
                                 .host = "hub.example",
                                 .port = 443,
                                 .purpose = net::Purpose::Header,
                                 .sentBytes = 10,
                                 .receivedBytes = 20,
                                 .httpStatus = index % 2 == 0 ? 206 : 0,
                                 .problem = index % 2 == 0 ? "" : "Nobody is there."});
        QTRY_VERIFY(ledger.count() >= 100);
        QVERIFY(QTest::qWaitFor([&] {
            ledger.fetchMore({});  // as a list does at its end
            return ledger.count() == 130;
        }));
        QVERIFY(program.search());
        QTRY_COMPARE(ledger.count(), 131);
        const QModelIndex newest = ledger.index(0);
        QCOMPARE(newest.data(LedgerModel::HostRole).toString(), QStringLiteral("127.0.0.1"));
        QCOMPARE(newest.data(LedgerModel::PurposeRole).toString(),
                 QStringLiteral("Search for models"));
        QTRY_COMPARE(newest.data(LedgerModel::ResultRole).toString(), QStringLiteral("complete"));
        QVERIFY(newest.data(LedgerModel::IsCountedRole).toBool());
        QVERIFY(!newest.data(LedgerModel::IsFailedRole).toBool());
        const QModelIndex failed = ledger.index(1);
        QCOMPARE(failed.data(LedgerModel::ResultRole).toString(), QStringLiteral("no answer"));
        QCOMPARE(failed.data(LedgerModel::ProblemRole).toString(),
                 QStringLiteral("Nobody is there."));
        QCOMPARE(ledger.hosts().size(), 2);
        QVERIFY(ledger.unwritten().isEmpty());
        ledger.forget();
        QTRY_COMPARE(ledger.count(), 0);
    }

    // While it is under way, at its end, and behind a program that did not live to see it: one row
    // that changes where it stands.
    void aConnection_isOneRow() {
        HubRepository repository;
        const QTemporaryDir folder;
        const net::LedgerEntry entry{.id = 1000,
                                     .startedAtMs = QDateTime::currentMSecsSinceEpoch(),
                                     .host = "hub.example",
                                     .port = 443,
                                     .purpose = net::Purpose::Download};
        {
            Program program(folder, repository.endpoint());
            LedgerModel& ledger = *program.network->ledger();
            const QAbstractItemModelTester tester(&ledger);
            ledger.load();
            program.ledger->begin(entry);
            QTRY_COMPARE(ledger.count(), 1);
            const QPersistentModelIndex row = ledger.index(0);
            QCOMPARE(row.data(LedgerModel::ResultRole).toString(), QStringLiteral("under way"));
            QVERIFY(!row.data(LedgerModel::IsFailedRole).toBool());
            QVERIFY(!row.data(LedgerModel::IsCountedRole).toBool());
            net::LedgerEntry ended = entry;
            ended.receivedBytes = 5000;
            ended.httpStatus = 200;
            program.ledger->end(ended);
            QTRY_COMPARE(row.data(LedgerModel::ResultRole).toString(), QStringLiteral("complete"));
            QCOMPARE(row.data(LedgerModel::ReceivedBytesRole).toDouble(), 5000.0);
            program.ledger->begin({.id = 1001,
                                   .startedAtMs = entry.startedAtMs + 1,
                                   .host = "hub.example",
                                   .port = 443,
                                   .purpose = net::Purpose::Download});
            QTRY_COMPARE(ledger.count(), 2);
        }
        Program program(folder, repository.endpoint());
        LedgerModel& ledger = *program.network->ledger();
        ledger.load();
        QTRY_COMPARE(ledger.count(), 2);
        const QModelIndex lost = ledger.index(0);
        QCOMPARE(lost.data(LedgerModel::ResultRole).toString(),
                 QStringLiteral("ended without a result"));
        QVERIFY(lost.data(LedgerModel::IsFailedRole).toBool());
        QVERIFY(!lost.data(LedgerModel::IsCountedRole).toBool());
        QVERIFY(!lost.data(LedgerModel::ProblemRole).toString().isEmpty());
        QCOMPARE(ledger.index(1).data(LedgerModel::ResultRole).toString(),
                 QStringLiteral("complete"));
    }

    void withoutAHub_nothingCanBeDecided() {
        const QTemporaryDir folder;
        Program program(folder, "http://127.0.0.1:1");
        const Error problem{ErrorCode::OutOfMemory, "There is no thread.", {}, 0, 0};
        NetworkController network(
            {.storage = *program.bridge, .settings = *program.settings, .hubProblem = &problem});
        QVERIFY(!network.isAvailable());
        QVERIFY(network.problem().contains(QStringLiteral("thread")));
        QVERIFY(network.isOffline());
        network.setOffline(false);
        QVERIFY(network.isOffline());
        QVERIFY(!network.setToken(QString::fromLatin1(kToken)));
        QVERIFY(!network.setEndpoint(QStringLiteral("https://hub.example")));
        QCOMPARE(network.sentBytes(), 0.0);
    }
};

QTEST_MAIN(NetworkControllerTest)
#include "network_controller_test.moc"

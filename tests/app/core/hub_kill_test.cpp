// The promise to people, of the program as a whole: kill Sotto in the middle of a download, and at
// its next start it goes on from what the library says is there, to the same file; and the library
// says which connections there were.
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>
#include <atomic>

#include "storage/api/storage.h"
#include "tests/support/hub/file_contents.h"
#include "tests/support/hub/hub_repository.h"

using namespace sotto;
using namespace sotto::test;

namespace {

constexpr int kKills = 5;
// What the server sends to one life, which is killed before it has so much.
constexpr std::size_t kLifeBytes = 1'500'000;
const std::string kPath = "tiny.gguf";

// What the child last said, once it is `wanted` or more.
std::uint64_t readUntil(QProcess& child, std::uint64_t wanted) {
    std::uint64_t received = 0;
    while (received < wanted) {
        if (!child.canReadLine() && !child.waitForReadyRead(10'000)) break;
        while (child.canReadLine()) {
            const QByteArray line = child.readLine();
            if (line.startsWith("received ")) received = line.mid(9).trimmed().toULongLong();
        }
    }
    return received;
}

}  // namespace

class HubKillTest : public QObject {
    Q_OBJECT

private slots:
    void kills_loseNothingThatWasKept() {
        HubRepository hub;
        const std::string content = randomBytes(kLifeBytes * (kKills + 1), 3);
        hub.add(kPath, content);
        std::atomic<int> nKills = 0;
        hub.bendBytes([&](const ServedRequest& request) -> std::optional<Reply> {
            Reply reply = hub.bytesReply(request);
            if (nKills < kKills) reply.holdsAfter = kLifeBytes;
            return reply;
        });
        const QTemporaryDir home;
        const QStringList arguments{QString::fromStdString(hub.endpoint()),
                                    QString::fromStdString(hub.repository),
                                    QString::fromStdString(kPath), home.path()};
        std::uint64_t kept = 0;
        for (; nKills < kKills; ++nKills) {
            QProcess child;
            child.start(QStringLiteral(SOTTO_HUB_CHILD), arguments);
            const std::uint64_t wanted =
                kept + 300'000 * static_cast<std::uint64_t>(nKills % 3 + 1);
            const std::uint64_t received = readUntil(child, wanted);
            QVERIFY2(received >= wanted, "it does not get on");
            child.kill();
            child.waitForFinished();
            kept = received;
            if (nKills > 0)
                QVERIFY2(!hub.bytes().requests().back().header("Range").empty(), "it began anew");
        }
        QProcess child;
        child.start(QStringLiteral(SOTTO_HUB_CHILD), arguments);
        QVERIFY(child.waitForFinished(20'000));
        const QByteArray output = child.readAll();
        QVERIFY2(child.exitCode() == 0, output.constData());
        const std::filesystem::path models =
            std::filesystem::path(home.path().toStdString()) / "models";
        QVERIFY(contentOf(models / kPath) == content);
        QVERIFY(!std::filesystem::exists(models / (kPath + ".part")));
        // The last life asked for nothing that was kept.
        const std::string range = hub.bytes().requests().back().header("Range");
        QVERIFY2(QByteArray::fromStdString(range).mid(6).chopped(1).toULongLong() >= kept,
                 range.c_str());
        checkLibrary(home);
    }

private:
    static void checkLibrary(const QTemporaryDir& home) {
        auto storage = storage::Storage::open(
            {.path = std::filesystem::path(home.path().toStdString()) / "sotto.db"});
        QVERIFY(storage.has_value());
        const auto downloads = (*storage)->call(
            [](storage::Database& database) { return database.downloads().list(); });
        QVERIFY(downloads.has_value());
        QCOMPARE(downloads->size(), 1u);
        QCOMPARE(downloads->front().state, std::string("verified"));
        const auto entries = (*storage)->call(
            [](storage::Database& database) { return database.ledger().list(100); });
        QVERIFY(entries.has_value());
        // Of each life the question where the file is; of the last one its bytes, too.
        QVERIFY(entries->size() >= kKills + 2);
        QVERIFY(std::any_of(entries->begin(), entries->end(), [](const auto& entry) {
            return entry.purpose == "download" && entry.host == "127.0.0.1" &&
                   entry.receivedBytes > 0 && entry.problem.empty();
        }));
    }
};

QTEST_GUILESS_MAIN(HubKillTest)
#include "hub_kill_test.moc"

// The promise to people: kill the program in the middle of a download, and the next one goes on
// from there, to the same file. Five kills of one download, each at another place; SOTTO_KILLS says
// how many (`scripts/campaign downloads`).
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>
#include <atomic>

#include "tests/net/download_fixture.h"

using namespace sotto;
using namespace sotto::test;

namespace {

// What the server sends to one run, which is killed before it has so much.
constexpr std::size_t kRunBytes = 2'000'000;
const std::string kPath = "tiny.gguf";

}  // namespace

class DownloadKillTest : public QObject {
    Q_OBJECT

private slots:
    void kills_loseNothingThatWasKept() {
        bool isSet = false;
        const int wantedKills = qEnvironmentVariableIntValue("SOTTO_KILLS", &isSet);
        const int nKills = isSet ? wantedKills : 5;
        const std::size_t size = kRunBytes * static_cast<std::size_t>(nKills + 1);
        HubRepository hub;
        const std::string content = randomBytes(size, 3);
        hub.add(kPath, content);
        // What is sent stops at a place that each run passes a part of: nothing ends before its
        // kill.
        hub.bendBytes([&](const ServedRequest& request) -> std::optional<Reply> {
            Reply reply = hub.bytesReply(request);
            if (m_nKills < nKills) reply.holdsAfter = kRunBytes;
            return reply;
        });
        const QTemporaryDir folder;
        std::uint64_t kept = 0;
        for (m_nKills = 0; m_nKills < nKills;) {
            QProcess child;
            start(child, hub, folder);
            const std::uint64_t wanted =
                kept + 400'000 * static_cast<std::uint64_t>(m_nKills % 3 + 1);
            const std::uint64_t received = readUntil(child, wanted);
            QVERIFY2(received >= wanted, "it does not get on");
            child.kill();
            child.waitForFinished();
            kept = received;
            ++m_nKills;
            const auto requests = hub.bytes().requests();
            if (m_nKills > 1) QVERIFY2(!requests.back().header("Range").empty(), "it began anew");
        }
        QProcess child;
        start(child, hub, folder);
        QVERIFY(child.waitForFinished(20'000));
        const QByteArray output = child.readAll();
        QVERIFY2(child.exitCode() == 0, output.constData());
        QVERIFY(contentOf(folder.filePath("tiny.gguf").toStdString()) == content);
        QVERIFY(!QFile::exists(folder.filePath("tiny.gguf.part")));
        qInfo("%d kills, %zu bytes, %llu of them kept over the last one", nKills, size,
              static_cast<unsigned long long>(kept));
        // The last run asked for nothing that was kept.
        const std::string range = hub.bytes().requests().back().header("Range");
        QVERIFY2(QByteArray::fromStdString(range).mid(6).chopped(1).toULongLong() >= kept,
                 range.c_str());
    }

private:
    void start(QProcess& child, const HubRepository& hub, const QTemporaryDir& folder) const {
        child.start(QStringLiteral(SOTTO_DOWNLOAD_CHILD),
                    {QString::fromStdString(hub.endpoint()), QString::fromStdString(hub.repository),
                     QString::fromStdString(kPath), folder.path(), folder.filePath("store.json")});
    }

    // What it last said that it has, once that is enough.
    static std::uint64_t readUntil(QProcess& child, std::uint64_t wanted) {
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

    std::atomic<int> m_nKills = 0;
};

QTEST_GUILESS_MAIN(DownloadKillTest)
#include "download_kill_test.moc"

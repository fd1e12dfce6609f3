// What the tests have in common that kill a program in the middle of a download, again and again,
// at another place each time: each life goes on from what the last one kept, and the file is the
// same.
#pragma once

#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>
#include <atomic>
#include <string>

#include "tests/support/hub/file_contents.h"
#include "tests/support/hub/hub_repository.h"

namespace sotto::test {

class DownloadKills {
public:
    DownloadKills()
        : m_nKills(wantedKills()),
          m_content(randomBytes(kLifeBytes * (m_nKills + std::size_t{1}), 3)) {
        hub.add(kPath, m_content);
        // What is sent stops at a place that each life passes a part of: nothing ends before its
        // kill.
        hub.bendBytes([this](const ServedRequest& request) -> std::optional<Reply> {
            Reply reply = hub.bytesReply(request);
            if (m_nKilled < m_nKills) reply.holdsAfter = kLifeBytes;
            return reply;
        });
    }

    // Lives of `program`, and a last one that ends by itself. It gets the endpoint, the repository,
    // the file's path, and `arguments`; it tells by a TellingStore. Fails as a test does.
    void run(const QString& program, const QStringList& arguments,
             const std::filesystem::path& models) {
        const QStringList all =
            QStringList{QString::fromStdString(hub.endpoint()),
                        QString::fromStdString(hub.repository), QString::fromStdString(kPath)} +
            arguments;
        while (m_nKilled < m_nKills) {
            QProcess child;
            child.start(program, all);
            const std::uint64_t wanted =
                m_nKept + 300'000 * static_cast<std::uint64_t>(m_nKilled % 3 + 1);
            m_said.clear();
            const std::uint64_t received = readUntil(child, wanted);
            QVERIFY2(received >= wanted,
                     qPrintable(QStringLiteral("behind kill %1 it does not get on: %2 wanted, %3")
                                    .arg(m_nKilled)
                                    .arg(wanted)
                                    .arg(QString::fromUtf8(m_said))));
            child.kill();
            child.waitForFinished();
            m_nKept = received;
            if (++m_nKilled > 1)
                QVERIFY2(!hub.bytes().requests().back().header("Range").empty(), "it began anew");
        }
        QProcess child;
        child.start(program, all);
        QVERIFY(child.waitForFinished(120'000));
        const QByteArray output = child.readAll();
        QVERIFY2(child.exitCode() == 0, output.constData());
        QVERIFY(contentOf(models / kPath) == m_content);
        QVERIFY(!std::filesystem::exists(models / (kPath + ".part")));
        // The last life asked for nothing that was kept.
        const std::string range = hub.bytes().requests().back().header("Range");
        QVERIFY2(QByteArray::fromStdString(range).mid(6).chopped(1).toULongLong() >= m_nKept,
                 range.c_str());
        qInfo("%d kills, %zu bytes, %llu of them kept over the last one", m_nKills,
              m_content.size(), static_cast<unsigned long long>(m_nKept));
    }

    int count() const { return m_nKills; }

    HubRepository hub;

private:
    // SOTTO_KILLS says how many (`scripts/campaign downloads`).
    static int wantedKills() {
        bool isSet = false;
        const int wanted = qEnvironmentVariableIntValue("SOTTO_KILLS", &isSet);
        return isSet ? wanted : 5;
    }

    // What the server sends to one life, which is killed before it has so much.
    static constexpr std::size_t kLifeBytes = 1'500'000;
    inline static const std::string kPath = "tiny.gguf";

    // What the child last said that it has, once that is enough.
    std::uint64_t readUntil(QProcess& child, std::uint64_t wanted) {
        std::uint64_t received = 0;
        while (received < wanted) {
            if (!child.canReadLine() && !child.waitForReadyRead(60'000)) break;
            while (child.canReadLine()) {
                const QByteArray line = child.readLine();
                m_said += line;
                if (line.startsWith("received ")) received = line.mid(9).trimmed().toULongLong();
            }
        }
        return received;
    }

    const int m_nKills;
    const std::string m_content;
    std::atomic<int> m_nKilled = 0;
    std::uint64_t m_nKept = 0;
    QByteArray m_said;  // by the child, in this life
};

}  // namespace sotto::test

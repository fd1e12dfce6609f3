// A program that is killed while it writes its prefix cache opens it at the next start, and what is
// found there is right: a child process writes, forgets and shrinks, and is killed at random
// moments, on one and the same file. SOTTO_KILLS: how often (scripts/campaign prefixes).
#include <QElapsedTimer>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>
#include <future>
#include <random>

#include "app/core/prefix/disk_prefix_store.h"
#include "tests/app/core/prefix_kill_rows.h"

using namespace sotto;
using namespace sotto::app;
using namespace sotto::test;

class PrefixKillTest : public QObject {
    Q_OBJECT

private slots:
    void kills_leaveAFileThatOpens_withRightBlocks() {
        const QTemporaryDir folder;
        const QString path = folder.filePath("prefix.db");
        const int nKills = std::max(1, qEnvironmentVariableIntValue("SOTTO_KILLS"));
        const int nRounds = qEnvironmentVariableIsSet("SOTTO_KILLS") ? nKills : 5;
        std::mt19937 random(std::random_device{}());
        int nFound = 0;
        for (int round = 0; round < nRounds; ++round) {
            QProcess child;
            child.start(QStringLiteral(SOTTO_PREFIX_CHILD),
                        {path, QString::number(random() % 10'000)});
            QVERIFY(child.waitForReadyRead(60'000));
            const QByteArray said = child.readAll();
            QVERIFY2(said.startsWith("ready"), said.constData());
            QTest::qWait(static_cast<int>(random() % 400));
            child.kill();
            QVERIFY(child.waitForFinished(60'000));
            check(path, nFound);
            if (QTest::currentTestFailed()) return;
        }
        qInfo("%d kills, %d blocks found and right", nRounds, nFound);
        QVERIFY(nFound > 0);
    }

private:
    static void check(const QString& path, int& nFound) {
        DiskPrefixStore store({.path = path.toStdString(), .isOwnPlace = true});
        store.key();
        const DiskPrefixFigures figures = store.figures();
        QVERIFY2(!figures.problem, figures.problem ? figures.problem->message.c_str() : "");
        QVERIFY(figures.bytesOnDisk <= std::uint64_t{16} << 20);
        for (int chain = 0; chain < kChains; ++chain) {
            std::vector<ChainDigest> all;
            for (int block = 0; block < kBlocksOfChain; ++block)
                all.push_back(killDigest(chain, block));
            const std::size_t nKnown = store.find(all);
            std::promise<std::vector<PrefixBlock>> read;
            store.read(all, {},
                       [&](std::vector<PrefixBlock> blocks) { read.set_value(std::move(blocks)); });
            const std::vector<PrefixBlock> blocks = read.get_future().get();
            QCOMPARE(blocks.size(), nKnown);
            for (std::size_t block = 0; block < blocks.size(); ++block) {
                const PrefixBlock expected = killBlock(chain, static_cast<int>(block));
                QVERIFY(blocks[block].tokens == expected.tokens);
                QVERIFY(blocks[block].bytes == expected.bytes);
                ++nFound;
            }
        }
    }
};

QTEST_GUILESS_MAIN(PrefixKillTest)
#include "prefix_kill_test.moc"

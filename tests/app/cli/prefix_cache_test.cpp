// --prefix-cache: what one program read another one does not read again, and says the same; what is
// no prefix cache is left alone.
#include <QtTest>

#include "tests/app/cli/cli_process.h"

using namespace sotto::test;
using nlohmann::json;

class CliPrefixCacheTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() {
        QByteArray story;
        for (int line = 0; line < 40; ++line)
            story += "The fox " + QByteArray::number(line) + " went to the river and saw a boat.\n";
        m_story = m_folder.write("story.txt", story);
        m_expected = runCli(arguments()).json();
        QVERIFY(m_expected["stats"]["prompt_tokens"].get<int>() > 300);
    }

    void secondProgram_readsAlmostNothing() {
        const QString cache = m_folder.path("prefix.db");
        const CliResult first = runCli(arguments(cache));
        QVERIFY2(first.status == 0, first.err.constData());
        QCOMPARE(first.json()["text"], m_expected["text"]);
        QCOMPARE(first.json()["stats"]["restored_tokens"], json(0));
        const CliResult second = runCli(arguments(cache));
        QVERIFY2(second.status == 0, second.err.constData());
        QCOMPARE(second.json()["text"], m_expected["text"]);
        QCOMPARE(second.json()["ids"], m_expected["ids"]);
        const json stats = second.json()["stats"];
        QVERIFY2(stats["computed_tokens"].get<int>() <= 32, stats.dump().c_str());
        QCOMPARE(stats["restored_tokens"].get<int>() + stats["reused_tokens"].get<int>() +
                     stats["computed_tokens"].get<int>(),
                 stats["prompt_tokens"].get<int>());
        QVERIFY(stats["restored_tokens"].get<int>() >= 256);
        // Keys and values of another type are not what was written.
        const CliResult other = runCli(arguments(cache) + QStringList{"--kv", "f32"});
        QCOMPARE(other.json()["stats"]["restored_tokens"], json(0));
    }

    void fileOfAnotherKind_isLeft_andTheAnswerComes() {
        const QByteArray diary("my diary\n");
        const QString path = m_folder.write("diary.txt", diary);
        const CliResult result = runCli(arguments(path));
        QVERIFY2(result.status == 0, result.err.constData());
        QCOMPARE(result.json()["text"], m_expected["text"]);
        QVERIFY2(result.err.contains("nothing is kept of what is read"), result.err.constData());
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), diary);
    }

    void folderThatIsMissing_isNoError() {
        const CliResult result = runCli(arguments(m_folder.path("no/such/prefix.db")));
        QVERIFY2(result.status == 0, result.err.constData());
        QCOMPARE(result.json()["text"], m_expected["text"]);
    }

private:
    CliFolder m_folder;
    QString m_story;
    json m_expected;

    QStringList arguments(const QString& cache = {}) const {
        QStringList all{
            "generate", QStringLiteral(SOTTO_SOURCE_DIR "/resources/demo_model/sotto-demo.gguf"),
            "-f",       m_story,
            "--temp",   "0",
            "-n",       "12",
            "--json"};
        if (!cache.isEmpty()) all << "--prefix-cache" << cache;
        return all;
    }
};

QTEST_GUILESS_MAIN(CliPrefixCacheTest)
#include "prefix_cache_test.moc"

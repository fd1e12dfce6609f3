// --overflow: what generate and chat do with a conversation that outgrows the context, with the
// real model that is shipped.
#include <QtTest>

#include "tests/app/cli/cli_process.h"

using namespace sotto::test;
using nlohmann::json;

namespace {

const QString kModel = QStringLiteral(SOTTO_SOURCE_DIR "/resources/demo_model/sotto-demo.gguf");
constexpr const char* kStory =
    "The fox went to the river and saw a little boat near the old mill. ";

std::string repeated(int nTimes) { return QByteArray(kStory).repeated(nTimes).toStdString(); }

json said(const char* role, const std::string& text) { return {{"role", role}, {"content", text}}; }

}  // namespace

class CliOverflowTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { QVERIFY(m_folder.isMade()); }

    // Of three turns the first goes, and what is left is what a request without it would be.
    void generate_dropsTheOldestTurns() {
        const json first[] = {said("user", "One. " + repeated(9)), said("assistant", repeated(6))};
        json rest = json::array({said("system", "Be kind."), said("user", "Two. " + repeated(6)),
                                 said("assistant", "Yes."), said("user", "Go on.")});
        const json whole = json::array({rest[0], first[0], first[1], rest[1], rest[2], rest[3]});
        const json expected = generate(rest, {"--ctx", "512"}).json();
        const CliResult refused = generate(whole, {"--ctx", "256"});
        QCOMPARE(refused.status, 1);
        QCOMPARE(refused.json()["error"]["code"], json("contextFull"));

        const CliResult dropped = generate(whole, {"--ctx", "256", "--overflow", "drop"});
        QVERIFY2(dropped.status == 0, dropped.err.constData());
        const json answer = dropped.json();
        QCOMPARE(answer["dropped"]["messages"], json(2));
        QCOMPARE(answer["stats"]["prompt_tokens"], expected["stats"]["prompt_tokens"]);
        QCOMPARE(answer["ids"], expected["ids"]);
        QVERIFY2(dropped.err.contains("messages 1 to 2 are not sent any more"),
                 dropped.err.constData());
        QVERIFY(!expected.contains("dropped"));
        // Nothing goes where there is room.
        const json roomy = generate(whole, {"--ctx", "1024", "--overflow", "drop"}).json();
        QVERIFY(!roomy.contains("dropped"));
    }

    // Read with what the window holds, and never in silence.
    void generate_slides_andSaysSo() {
        const json whole = json::array({said("system", "Be kind."), said("user", repeated(9)),
                                        said("assistant", repeated(6)), said("user", "Go on.")});
        const CliResult result = generate(whole, {"--ctx", "256", "--overflow", "sinks"});
        QVERIFY2(result.status == 0, result.err.constData());
        const json stats = result.json()["stats"];
        const int nForgotten =
            stats["left_out_tokens"].get<int>() + stats["slid_tokens"].get<int>();
        QVERIFY(stats["left_out_tokens"].get<int>() > 0);
        QVERIFY2(result.err.contains(QByteArray::number(nForgotten) +
                                     " tokens between the beginning and the newest are forgotten"),
                 result.err.constData());
    }

    void generate_oneHugeQuestion_isRefused() {
        const CliResult result = generate(json::array({said("user", repeated(20))}),
                                          {"--ctx", "256", "--overflow", "drop"});
        QCOMPARE(result.status, 1);
        QVERIFY2(result.err.contains("The last question alone does not fit"),
                 result.err.constData());
    }

    void generate_textWithoutTurns_cannotBeDropped() {
        const QString text = m_folder.write("text.txt", QByteArray(kStory).repeated(20));
        const CliResult result = runCli({"generate", kModel, "-f", text, "--raw", "-n", "2",
                                         "--ctx", "256", "--overflow", "drop"});
        QCOMPARE(result.status, 1);
        QVERIFY2(result.isOneLineError() && result.err.contains("no turns that could be dropped"),
                 result.err.constData());
    }

    void generate_growsToWhatIsNeeded() {
        const json messages = json::array({said("user", repeated(20))});
        const json expected = generate(messages, {}).json();
        const CliResult grown = generate(messages, {"--ctx", "128", "--overflow", "grow"});
        QVERIFY2(grown.status == 0, grown.err.constData());
        QCOMPARE(grown.json()["ids"], expected["ids"]);
        QVERIFY2(grown.err.contains("a context of 512 tokens instead of 128"),
                 grown.err.constData());
        const CliResult never = generate(json::array({said("user", repeated(200))}),
                                         {"--ctx", "512", "--overflow", "grow"});
        QCOMPARE(never.status, 1);
        QVERIFY2(never.err.contains("made for no more than 1024"), never.err.constData());
    }

    // Each turn is some 60 tokens: they are dropped when they no longer fit, and said once each
    // time.
    void chat_goesOnAndOn() {
        QByteArray questions;
        for (int turn = 0; turn < 12; ++turn)
            questions += "Say a word. " + QByteArray(kStory).repeated(2) + "\n";
        const QStringList arguments{"chat", kModel, "--ctx", "256",   "--temp",
                                    "0",    "-n",   "8",     "--json"};
        const CliResult plain = runCli(arguments, questions);
        QCOMPARE(plain.status, 1);
        QVERIFY2(plain.err.contains("--overflow drop"), plain.err.constData());
        const CliResult dropping = runCli(arguments + QStringList{"--overflow", "drop"}, questions);
        QVERIFY2(dropping.status == 0, dropping.err.constData());
        const QList<QByteArray> lines = dropping.out.trimmed().split('\n');
        QCOMPARE(lines.size(), 12);
        int nDrops = 0;
        for (const QByteArray& line : lines) {
            const json answer = json::parse(line.toStdString());
            QVERIFY(answer["stats"]["prompt_tokens"].get<int>() +
                        answer["stats"]["generated_tokens"].get<int>() <=
                    256);
            nDrops += answer.contains("dropped") ? 1 : 0;
        }
        QVERIFY(nDrops >= 2);
        QVERIFY2(nDrops <= 6, "half of the context is left free each time");
        QCOMPARE(dropping.err.count("not sent any more"), nDrops);
    }

private:
    CliFolder m_folder;

    CliResult generate(const json& messages, const QStringList& more) const {
        const QString file =
            m_folder.write("messages.json", QByteArray::fromStdString(messages.dump()));
        return runCli(QStringList{"generate", kModel, "--messages", file, "--temp", "0", "-n", "8",
                                  "--json"} +
                      more);
    }
};

QTEST_GUILESS_MAIN(CliOverflowTest)
#include "overflow_test.moc"

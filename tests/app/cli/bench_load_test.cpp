// `bench --load` against a tiny model: the numbers fit together, and mistakes are one sentence.
#include <QtTest>
#include <cmath>

#include "tests/app/cli/cli_process.h"

using namespace sotto::test;
using nlohmann::json;

namespace {

bool hasPercentiles(const json& times) {
    for (const char* key : {"mean", "p50", "p90", "p95", "p99"})
        if (!times.at(key).is_number()) return false;
    return times["p50"] <= times["p90"] && times["p90"] <= times["p95"] &&
           times["p95"] <= times["p99"];
}

bool areNull(const json& times) {
    for (const char* key : {"p50", "p90", "p95", "p99"})
        if (!times.at(key).is_null()) return false;
    return true;
}

}  // namespace

class CliBenchLoadTest : public QObject {
    Q_OBJECT
private slots:
    void initTestCase() { QVERIFY(m_folder.isMade()); }
    void load_isPlayedAndSummedUp();
    void load_ofFewRequestsHasNoPercentiles();
    void load_countsTheWaitForAStream();
    void intruder_isComparedWithQuiet();
    void text_namesItsFormula();
    void goldenModel_withoutText_isMeasuredToo();
    void wrongLoad_isOneSentence_data();
    void wrongLoad_isOneSentence();
    void requestBeyondTheContext_isStatus1();
    void streamsBeyondTheRoom_areSaid();
    void intruderWithoutRoom_isRefused();

private:
    CliResult play(const QString& load, const QStringList& more = {"--json"}) const {
        return runCli(QStringList{"bench", m_folder.model(), "--device", "cpu", "--load", load} +
                      more);
    }
    CliFolder m_folder;
};

void CliBenchLoadTest::load_isPlayedAndSummedUp() {
    const CliResult result = play("streams=3,rate=200,prompt=20,answer=6,requests=24,seed=5");
    QVERIFY2(result.status == 0, result.err.constData());
    const json report = result.json();
    QVERIFY(!report["device"]["name"].get<std::string>().empty());
    const json load = report["load"];
    for (const char* times : {"ttft_ms", "tpot_ms", "e2e_ms", "gap_ms"})
        QVERIFY2(hasPercentiles(load.at(times)), times);
    QCOMPARE(load["spec"]["streams"].get<int>(), 3);
    QCOMPARE(load["spec"]["seed"].get<int>(), 5);
    const double seconds = load["seconds"];
    QVERIFY(seconds > 0);
    const auto isNear = [](double value, double expected) {
        return std::abs(value - expected) <= 1e-9 * expected;
    };
    QVERIFY(isNear(load["tokens_per_s"], 24 * 6 / seconds));
    QVERIFY(isNear(load["prompt_tokens_per_s"], 24 * 20 / seconds));
    QVERIFY(isNear(load["qps"], 24 / seconds));
    QVERIFY(isNear(load["requests_per_min"], 24 * 60 / seconds));
    // The formula that is named; the sums are of float32 times.
    const double whole = load["e2e_ms"]["mean"];
    const double parts =
        load["ttft_ms"]["mean"].get<double>() + load["tpot_ms"]["mean"].get<double>() * 5;
    QVERIFY2(std::abs(whole - parts) <= 1e-3 * whole, qPrintable(QString::number(parts - whole)));
    QVERIFY(load["formula"].get<std::string>().find("TTFT + TPOT") != std::string::npos);
    QCOMPARE(load["preemptions"].get<int>(), 0);
    QVERIFY(load["kv_use"].get<double>() > 0 && load["kv_use"].get<double>() <= 1);
}

void CliBenchLoadTest::load_ofFewRequestsHasNoPercentiles() {
    const CliResult result = play("streams=2,prompt=4,answer=1,requests=5");
    QVERIFY2(result.status == 0, result.err.constData());
    const json load = result.json()["load"];
    QVERIFY(areNull(load["ttft_ms"]) && load["ttft_ms"]["mean"].is_number());
    // A single token has no time per further token.
    QVERIFY(areNull(load["tpot_ms"]) && load["tpot_ms"]["mean"].is_null());
}

// One stream, all at once: the last answer waited for all others.
void CliBenchLoadTest::load_countsTheWaitForAStream() {
    const CliResult result = play("streams=1,rate=0,prompt=8,answer=4,requests=20");
    QVERIFY2(result.status == 0, result.err.constData());
    const json load = result.json()["load"];
    const double lastTtft = load["ttft_ms"]["p99"];  // of 20: the largest
    const double lastEnd = load["e2e_ms"]["p99"];
    QVERIFY(std::abs(lastEnd - load["seconds"].get<double>() * 1e3) <= 1e-3 * lastEnd);
    // 19 answers lie before its first token.
    QVERIFY(lastTtft > load["e2e_ms"]["p90"].get<double>());
}

// Answers so long that they are still being written when the intruder comes, however late.
void CliBenchLoadTest::intruder_isComparedWithQuiet() {
    TinyModel model;
    model.nContext = 8192;
    const QString path = m_folder.path("long.gguf");
    QVERIFY(writeTinyModel(model, path.toStdString()));
    const CliResult result = runCli({"bench", path, "--device", "cpu", "--json", "--load",
                                     "streams=2,prompt=8,answer=3000,requests=2,intruder=100"});
    QVERIFY2(result.status == 0, result.err.constData());
    const json load = result.json()["load"];
    QVERIFY(!load.contains("tokens_per_s"));
    QVERIFY(hasPercentiles(load["intruder"]["quiet_ms"]));
    QVERIFY(load["intruder"]["disturbed_ms"]["mean"].is_number());
    QVERIFY(load["intruder"]["ttft_ms"]["mean"].get<double>() > 0);
    QVERIFY(load["intruder"].contains("p95_ratio"));
}

void CliBenchLoadTest::text_namesItsFormula() {
    const CliResult result = play("streams=2,prompt=4,answer=3,requests=3", {});
    QVERIFY2(result.status == 0, result.err.constData());
    for (const char* part : {"time = TTFT + TPOT x (tokens - 1)", "tokens/s in all", "QPS", "p99",
                             "Preemptions: 0", "–"})
        QVERIFY2(result.out.contains(part), result.out.constData());
    const CliResult intruder = play("streams=1,prompt=4,answer=80,requests=1,intruder=40", {});
    QVERIFY2(intruder.status == 0, intruder.err.constData());
    QVERIFY(intruder.out.contains("prompts of 40 tokens that came meanwhile: 1"));
}

void CliBenchLoadTest::goldenModel_withoutText_isMeasuredToo() {
    const CliResult result = runCli({"bench", goldenFile("llama/f32.gguf"), "--device", "cpu",
                                     "--json", "--load", "streams=2,prompt=8,answer=4,requests=4"});
    QVERIFY2(result.status == 0, result.err.constData());
    QVERIFY(result.json()["load"]["tokens_per_s"].get<double>() > 0);
}

void CliBenchLoadTest::wrongLoad_isOneSentence_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("part");
    const auto row = [](const char* name, const QStringList& arguments, const char* part) {
        QTest::newRow(name) << arguments << part;
    };
    row("unknown part", {"m.gguf", "--load", "speed=9"}, "'speed'");
    row("no number", {"m.gguf", "--load", "streams=many"}, "'many'");
    row("no value", {"m.gguf", "--load"}, "--load");
    row("beside pp", {"m.gguf", "--load", "rate=1", "--pp", "5"}, "--load");
    row("beside batch", {"m.gguf", "--load", "rate=1", "--batch", "5"}, "--load");
    row("synthetic", {"--synthetic", "llama-1b:Q4_K", "--load", "rate=1"}, "--load");
    row("no model", {"--load", "rate=1"}, "MODEL");
}

void CliBenchLoadTest::wrongLoad_isOneSentence() {
    QFETCH(QStringList, arguments);
    QFETCH(QString, part);
    const CliResult result = runCli(QStringList{"bench"} + arguments);
    QCOMPARE(result.status, 2);
    QVERIFY2(result.isOneLineError(), result.err.constData());
    QVERIFY2(result.err.contains(part.toUtf8()), result.err.constData());
    QCOMPARE(result.out, QByteArray());
}

void CliBenchLoadTest::requestBeyondTheContext_isStatus1() {
    const CliResult result = play("streams=1,prompt=100000,answer=5,requests=1");
    QCOMPARE(result.status, 1);
    QVERIFY2(result.err.contains("One request of this load needs a context of 100005 tokens"),
             result.err.constData());
    QCOMPARE(result.json()["error"]["code"].get<std::string>(), std::string("contextFull"));
    const CliResult missing = runCli({"bench", "no.gguf", "--load", "rate=1", "--json"});
    QCOMPARE(missing.status, 1);
    QVERIFY(missing.isOneLineError());
    QCOMPARE(missing.json()["error"]["code"].get<std::string>(), std::string("fileNotFound"));
}

// The engine works on 8 requests at once.
void CliBenchLoadTest::streamsBeyondTheRoom_areSaid() {
    const CliResult fits = play("streams=2,prompt=4,answer=2,requests=3");
    QVERIFY2(fits.status == 0, fits.err.constData());
    QCOMPARE(fits.json()["load"]["streams_at_once"].get<int>(), 2);
    QCOMPARE(fits.json()["load"]["streams_note"].get<std::string>(), std::string());
    const QString load = "streams=10,prompt=4,answer=2,requests=12";
    const CliResult surplus = play(load);
    QVERIFY2(surplus.status == 0, surplus.err.constData());
    const json told = surplus.json()["load"];
    QCOMPARE(told["streams_at_once"].get<int>(), 8);
    const auto note = told["streams_note"].get<std::string>();
    QVERIFY2(note.starts_with("Of 10 streams at most 8 run at once: "), note.c_str());
    QVERIFY(play(load, {}).out.contains(note.c_str()));
    // A context that the user chose: two blocks.
    const CliResult narrow = play(load, {"--json", "--ctx", "64"});
    QVERIFY2(narrow.status == 0, narrow.err.constData());
    QCOMPARE(narrow.json()["load"]["streams_at_once"].get<int>(), 2);
}

void CliBenchLoadTest::intruderWithoutRoom_isRefused() {
    const CliResult result = play("streams=8,prompt=4,answer=66,requests=1,intruder=9");
    QCOMPARE(result.status, 1);
    QVERIFY2(result.err.contains("Choose streams="), result.err.constData());
    QCOMPARE(result.json()["error"]["code"].get<std::string>(), std::string("invalidArgument"));
}

QTEST_GUILESS_MAIN(CliBenchLoadTest)
#include "bench_load_test.moc"

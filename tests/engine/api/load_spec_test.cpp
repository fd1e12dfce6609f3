// The pure parts of a load test: its description, its arrivals, its prompts, its sums.
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "engine/api/load_spec.h"

using namespace sotto;

class LoadSpecTest : public QObject {
    Q_OBJECT

private slots:
    void everyPart_isUnderstood();
    void whatIsNotNamed_keepsItsDefault();
    void badText_isOneSentenceThatNamesIt_data();
    void badText_isOneSentenceThatNamesIt();
    void context_holdsAllStreamsInWholeBlocks();
    void streamsBeyondTheRoom_areSaid_data();
    void streamsBeyondTheRoom_areSaid();
    void rateZero_isAllAtOnce();
    void poissonArrivals_areExponentialGaps();
    void arrivals_dependOnTheSeedAlone();
    void prompts_shareNoBeginning();
    void percentiles_needTwentySamples();
    void percentiles_areNearestRanks();
};

void LoadSpecTest::everyPart_isUnderstood() {
    const auto spec = parseLoadSpec(
        "streams=3,rate=2.5,prompt=40,answer=70,requests=9,intruder=500,seed=18446744073709551615");
    QVERIFY2(spec, spec ? "" : spec.error().message.c_str());
    QCOMPARE(spec->nStreams, std::int64_t{3});
    QCOMPARE(spec->rate, 2.5);
    QCOMPARE(spec->promptTokens, std::int64_t{40});
    QCOMPARE(spec->answerTokens, std::int64_t{70});
    QCOMPARE(spec->nRequests, std::int64_t{9});
    QCOMPARE(spec->intruderTokens, std::int64_t{500});
    QCOMPARE(spec->seed, UINT64_MAX);
}

void LoadSpecTest::whatIsNotNamed_keepsItsDefault() {
    LoadSpec defaults;
    defaults.seed = 42;
    const auto spec = parseLoadSpec("answer=1", defaults);
    QVERIFY(spec);
    QCOMPARE(spec->answerTokens, std::int64_t{1});
    QCOMPARE(spec->seed, std::uint64_t{42});
    QCOMPARE(spec->nStreams, defaults.nStreams);
    QCOMPARE(spec->nRequests, defaults.nRequests);
}

void LoadSpecTest::badText_isOneSentenceThatNamesIt_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("named");
    const auto row = [](const char* text, const char* named) {
        QTest::newRow(text) << text << named;
    };
    row("", "has no value");
    row("streams", "'streams'");
    row("streams=8,", "''");
    row("streams=8,,rate=1", "''");
    row("streams=", "'streams'");
    row("streams=0", "'streams'");
    row("streams=-1", "'-1'");
    row("streams=8.5", "'8.5'");
    row("streams=99999999999999999999", "'99999999999999999999'");
    row("streams=8,streams=9", "more than once");
    row("rate=-1", "'rate'");
    row("rate=nan", "'nan'");
    row("rate=inf", "'inf'");
    row("rate=two", "'two'");
    row("prompt=0", "'prompt'");
    row("answer=0", "'answer'");
    row("requests=0", "'requests'");
    row("seed=-1", "'seed'");
    row("Streams=8", "'Streams'");
    row(" rate=2", "' rate'");
    row("speed=2", "'speed'");
    row("intruder=2000,answer=65", "'answer'");
}

void LoadSpecTest::badText_isOneSentenceThatNamesIt() {
    QFETCH(QString, text);
    QFETCH(QString, named);
    const auto spec = parseLoadSpec(text.toStdString());
    QVERIFY(!spec);
    QCOMPARE(spec.error().code, ErrorCode::InvalidArgument);
    const QString message = QString::fromStdString(spec.error().message);
    QVERIFY2(message.contains(named), qPrintable(message));
    QVERIFY2(message.endsWith('.') && message.count(". ") == 0, qPrintable(message));
}

void LoadSpecTest::context_holdsAllStreamsInWholeBlocks() {
    LoadSpec spec;
    spec.nStreams = 3;
    spec.promptTokens = 40;
    spec.answerTokens = 24;  // 65 positions: three blocks of 32
    QCOMPARE(spec.contextTokens(32), std::int64_t{3 * 96});
    spec.intruderTokens = 31;
    QCOMPARE(spec.contextTokens(32), std::int64_t{3 * 96 + 32});
}

// The engine: blocks of 32 tokens, 8 sequences.
void LoadSpecTest::streamsBeyondTheRoom_areSaid_data() {
    QTest::addColumn<QString>("load");
    QTest::addColumn<qint64>("contextTokens");
    QTest::addColumn<qint64>("most");
    QTest::addColumn<QString>("reason");  // empty: nothing is said
    const auto row = [](const char* name, const char* load, qint64 context, qint64 most,
                        const char* reason) {
        QTest::newRow(name) << load << context << most << reason;
    };
    row("all", "streams=8,prompt=40,answer=24,requests=9", 512, 8, "");
    row("no more than come", "streams=50,prompt=40,answer=24,requests=3", 512, 3, "");
    row("sequences", "streams=12,prompt=40,answer=24,requests=20", 4096, 8, "at most 8 requests");
    row("context", "streams=8,prompt=40,answer=25,requests=20", 512, 5, "context of 512 tokens");
    row("a begun block", "streams=2,prompt=4,answer=2,requests=2", 33, 2, "");
    row("intruder", "streams=7,prompt=4,answer=66,requests=1,intruder=31", 704, 7, "");
    row("intruder's blocks", "streams=7,prompt=4,answer=66,requests=1,intruder=32", 704, 6,
        "beside a prompt of 32 tokens: the context of 704 tokens");
    row("intruder's seat", "streams=8,prompt=4,answer=66,requests=1,intruder=9", 4096, 7,
        "at most 8 requests");
    row("no room", "streams=1,prompt=4,answer=66,requests=1,intruder=99", 100, 0, "at most 0");
}

void LoadSpecTest::streamsBeyondTheRoom_areSaid() {
    QFETCH(QString, load);
    QFETCH(qint64, contextTokens);
    QFETCH(qint64, most);
    QFETCH(QString, reason);
    const auto spec = parseLoadSpec(load.toStdString());
    QVERIFY2(spec, spec ? "" : spec.error().message.c_str());
    const StreamCount count = streamsAtOnce(
        *spec, {.contextTokens = contextTokens, .blockTokens = 32, .maxSequences = 8});
    QCOMPARE(qint64(count.most), most);
    QCOMPARE(count.note.empty(), reason.isEmpty());
    QVERIFY2(QString::fromStdString(count.note).contains(reason), count.note.c_str());
}

void LoadSpecTest::rateZero_isAllAtOnce() {
    LoadSpec spec;
    spec.nRequests = 5;
    QCOMPARE(arrivalSeconds(spec), std::vector<double>(5, 0.0));
}

void LoadSpecTest::poissonArrivals_areExponentialGaps() {
    LoadSpec spec;
    spec.rate = 4;
    spec.nRequests = 20001;
    const std::vector<double> arrivals = arrivalSeconds(spec);
    QCOMPARE(arrivals.size(), std::size_t{20001});
    QCOMPARE(arrivals.front(), 0.0);
    QVERIFY(std::is_sorted(arrivals.begin(), arrivals.end()));
    std::vector<double> gaps(arrivals.size());
    std::adjacent_difference(arrivals.begin(), arrivals.end(), gaps.begin());
    gaps.erase(gaps.begin());
    // Mean and deviation of an exponential distribution are both 1/rate. Of 20,000 gaps the mean
    // strays by 1/sqrt(20000) = 0.7 % and the deviation by sqrt(2/20000) = 1 %: four times that.
    const double mean = arrivals.back() / double(gaps.size());
    QVERIFY2(std::abs(mean * spec.rate - 1) < 0.03, std::to_string(mean).c_str());
    double squares = 0;
    for (const double gap : gaps) squares += (gap - mean) * (gap - mean);
    const double deviation = std::sqrt(squares / double(gaps.size()));
    QVERIFY2(std::abs(deviation * spec.rate - 1) < 0.04, std::to_string(deviation).c_str());
}

void LoadSpecTest::arrivals_dependOnTheSeedAlone() {
    LoadSpec spec;
    spec.rate = 2;
    spec.nRequests = 3;
    const std::vector<double> arrivals = arrivalSeconds(spec);
    // splitmix64 from 1 begins with 0x910a2dec89025cc1 (its authors' own test value).
    const double unit = (double(0x910a2dec89025cc1u >> 11) + 1) / 9007199254740992.0;
    QCOMPARE(arrivals[1], -std::log(unit) / 2);
    QCOMPARE(arrivalSeconds(spec), arrivals);
    spec.nStreams = 1;
    spec.promptTokens = 9;
    QCOMPARE(arrivalSeconds(spec), arrivals);
    spec.seed = 2;
    QVERIFY(arrivalSeconds(spec) != arrivals);
}

void LoadSpecTest::prompts_shareNoBeginning() {
    std::vector<std::int32_t> ordinary(5000);
    std::iota(ordinary.begin(), ordinary.end(), 100);
    std::set<std::vector<std::int32_t>> beginnings;
    for (const std::uint64_t seed : {1u, 2u, 3u})
        for (std::int64_t request = 0; request < 64; ++request) {
            const auto ids = loadPrompt(ordinary, 40, seed, request);
            QCOMPARE(ids.size(), std::size_t{40});
            QVERIFY(std::all_of(ids.begin(), ids.end(),
                                [](std::int32_t id) { return id >= 100 && id < 5100; }));
            beginnings.insert({ids.begin(), ids.begin() + 4});
            QCOMPARE(loadPrompt(ordinary, 40, seed, request), ids);
        }
    // Four ids of 5000: two of 192 that agree are one chance in 3e10.
    QCOMPARE(beginnings.size(), std::size_t{3 * 64});
}

void LoadSpecTest::percentiles_needTwentySamples() {
    QVERIFY(!timeSpread({}).mean);
    const TimeSpread few = timeSpread(std::vector<float>(19, 2.0f));
    QCOMPARE(few.mean.value_or(0), 2.0);
    QVERIFY(!few.p50 && !few.p90 && !few.p95 && !few.p99);
    const TimeSpread enough = timeSpread(std::vector<float>(20, 2.0f));
    QVERIFY(enough.p50 && enough.p90 && enough.p95 && enough.p99);
}

void LoadSpecTest::percentiles_areNearestRanks() {
    std::vector<float> samples(200);
    std::iota(samples.begin(), samples.end(), 1.0f);  // 1 to 200
    std::reverse(samples.begin(), samples.end());
    const TimeSpread spread = timeSpread(samples);
    QCOMPARE(*spread.mean, 100.5);
    QCOMPARE(*spread.p50, 100.0);
    QCOMPARE(*spread.p90, 180.0);
    QCOMPARE(*spread.p95, 190.0);
    QCOMPARE(*spread.p99, 198.0);
}

QTEST_APPLESS_MAIN(LoadSpecTest)
#include "load_spec_test.moc"

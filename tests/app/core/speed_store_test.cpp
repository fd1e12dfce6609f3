// Measured speeds are remembered per model file and device, correct later forecasts, and say how
// far those were off.
#include <QTemporaryDir>
#include <QtTest>
#include <fstream>

#include "app/core/speed_store.h"

using namespace sotto;
using namespace sotto::app;

namespace {

MeasuredSpeed speedOf(const std::string& file, double measured, double forecast) {
    return {.key = {file, 1000, "cpu Some processor"},
            .tokensPerSecond = measured,
            .depth = 100,
            .forecast = forecast,
            .measuredAt = 1};
}

RequestStats evenAnswer() {
    RequestStats answer;
    answer.generatedTokens = 64;
    answer.tpotMeanMs = 21;
    answer.tpotP50Ms = 20;
    answer.tpotP95Ms = 25;
    return answer;
}

}  // namespace

class SpeedStoreTest : public QObject {
    Q_OBJECT
private slots:
    void devices_areNamedWithTheirLayers();
    void everyNameOfAFile_isOneKey();
    void speeds_comeBack();
    void another_ofTheSameModel_takesItsPlace();
    void ofMany_theOldestGo();
    void foreignFiles_areNothing_data();
    void foreignFiles_areNothing();
    void aMeasurement_correctsTheForecast();
    void error_isTheMedian();
    void answers_thatTell_data();
    void answers_thatTell();

private:
    QTemporaryDir m_folder;
    std::filesystem::path file(const char* name) const {
        return m_folder.filePath(QString::fromUtf8(name)).toStdString();
    }
};

void SpeedStoreTest::devices_areNamedWithTheirLayers() {
    ChosenDevices devices;
    devices.processor.name = "P";
    devices.processor.instructionSet = "avx2";
    QCOMPARE(speedDevice(devices, 0, 4), std::string("P avx2"));
    devices.card.emplace();
    devices.card->name = "C";
    devices.card->instructionSet = "sm_89";
    QCOMPARE(speedDevice(devices, 0, 4), std::string("P avx2"));
    QCOMPARE(speedDevice(devices, 4, 4), std::string("C sm_89"));
    QCOMPARE(speedDevice(devices, 1, 4), std::string("P avx2, 1 of 4 layers on C sm_89"));
}

void SpeedStoreTest::everyNameOfAFile_isOneKey() {
    const std::filesystem::path real = file("real.gguf"), link = file("link.gguf");
    std::ofstream(real) << "x";
    std::filesystem::create_symlink(real, link);
    const SpeedKey key = speedKeyOf(real, 1, "P");
    QVERIFY(speedKeyOf(link, 1, "P") == key);
    QVERIFY(speedKeyOf(real.parent_path() / "." / "x" / ".." / "real.gguf", 1, "P") == key);
    QVERIFY(!(speedKeyOf(file("other.gguf"), 1, "P") == key));
}

void SpeedStoreTest::speeds_comeBack() {
    const SpeedStore store(file("new/speeds.json"));
    QVERIFY(store.load().empty());
    QVERIFY(store.save(speedOf("/m/a.gguf", 20, 22)));
    const auto found = findSpeed(store.load(), {"/m/a.gguf", 1000, "cpu Some processor"});
    QVERIFY(found);
    QCOMPARE(found->tokensPerSecond, 20.0);
    QCOMPARE(found->forecast, 22.0);
    QCOMPARE(found->depth, 100.0);
    QCOMPARE(found->measuredAt, std::int64_t{1});
    // Another file of that name, another device.
    QVERIFY(!findSpeed(store.load(), {"/m/a.gguf", 1001, "cpu Some processor"}));
    QVERIFY(!findSpeed(store.load(), {"/m/a.gguf", 1000, "cpu Another"}));
}

void SpeedStoreTest::another_ofTheSameModel_takesItsPlace() {
    const SpeedStore store(file("same.json"));
    QVERIFY(store.save(speedOf("/m/a.gguf", 20, 22)));
    QVERIFY(store.save(speedOf("/m/b.gguf", 5, 0)));
    QVERIFY(store.save(speedOf("/m/a.gguf", 21, 22)));
    QCOMPARE(store.load().size(), std::size_t{2});
    QCOMPARE(store.load().back().tokensPerSecond, 21.0);
}

void SpeedStoreTest::ofMany_theOldestGo() {
    const SpeedStore store(file("many.json"));
    for (std::size_t index = 0; index < SpeedStore::kMost + 3; ++index)
        QVERIFY(store.save(speedOf("/m/" + std::to_string(index), 20, 22)));
    QCOMPARE(store.load().size(), SpeedStore::kMost);
    QCOMPARE(store.load().front().key.file, std::string("/m/3"));
}

void SpeedStoreTest::foreignFiles_areNothing_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("no JSON") << QByteArray("{\"format\": 1, \"speeds\": [");
    QTest::newRow("another format") << QByteArray("{\"format\": 2, \"speeds\": []}");
    QTest::newRow("a list") << QByteArray("[1, 2]");
    QTest::newRow("no list") << QByteArray("{\"format\": 1, \"speeds\": 7}");
    QTest::newRow("of other kinds") << QByteArray(
        "{\"format\": 1, \"speeds\": [7, {}, {\"file\": 3}, {\"file\": \"a\", "
        "\"tokens_per_s\": \"fast\"}, {\"file\": \"a\", \"tokens_per_s\": -1}]}");
}

void SpeedStoreTest::foreignFiles_areNothing() {
    QFETCH(QByteArray, text);
    const std::filesystem::path path = file("foreign.json");
    std::ofstream(path, std::ios::binary).write(text.constData(), text.size());
    const SpeedStore store(path);
    QVERIFY(store.load().empty());
    QVERIFY(store.save(speedOf("/m/\xff.gguf", 20, 22)));
    QCOMPARE(store.load().size(), std::size_t{1});
}

void SpeedStoreTest::aMeasurement_correctsTheForecast() {
    ModelSpeed forecast;
    forecast.forecast.tokensPerSecond = 30;
    forecast.basis = SpeedBasis::Bandwidth;
    QCOMPARE(correctedSpeed(forecast, speedOf("a", 20, 25)), 24.0);
    QCOMPARE(correctedSpeed(forecast, speedOf("a", 20, 0)), 30.0);
    QCOMPARE(correctedSpeed(forecast, std::nullopt), 30.0);
    // What the bandwidth alone was wrong by says nothing of a forecast by rates, nor the other way.
    forecast.basis = SpeedBasis::Rates;
    QCOMPARE(correctedSpeed(forecast, speedOf("a", 20, 25)), 30.0);
    MeasuredSpeed byRates = speedOf("a", 20, 25);
    byRates.isByRates = true;
    QCOMPARE(correctedSpeed(forecast, byRates), 24.0);
    forecast.basis = SpeedBasis::Bandwidth;
    QCOMPARE(correctedSpeed(forecast, byRates), 30.0);
    QCOMPARE(correctedSpeed({}, speedOf("a", 20, 25)), 0.0);
}

void SpeedStoreTest::error_isTheMedian() {
    QCOMPARE(forecastError({}).nModels, 0);
    QCOMPARE(forecastError({speedOf("a", 20, 0)}).nModels, 0);
    // 10 % too fast, 4 % too slow, exact, and one without a forecast.
    const ForecastError odd = forecastError(
        {speedOf("a", 10, 11), speedOf("b", 10, 9.6), speedOf("c", 10, 10), speedOf("d", 10, 0)});
    QCOMPARE(odd.nModels, 3);
    QVERIFY(std::abs(odd.share - 0.04) < 1e-12);
    const ForecastError even = forecastError({speedOf("a", 10, 11), speedOf("b", 10, 9.6)});
    QCOMPARE(even.nModels, 2);
    // A file on two devices is one model, and its newest counts.
    MeasuredSpeed elsewhere = speedOf("a", 10, 12);
    elsewhere.key.device = "another";
    const ForecastError once = forecastError({speedOf("a", 10, 11), elsewhere});
    QCOMPARE(once.nModels, 1);
    QVERIFY(std::abs(once.share - 0.2) < 1e-12);
    QVERIFY(std::abs(even.share - 0.07) < 1e-12);
    // Once there is one by rates, those by the bandwidth alone are of the past.
    MeasuredSpeed byRates = speedOf("c", 10, 10.3);
    byRates.isByRates = true;
    const ForecastError rates =
        forecastError({speedOf("a", 10, 15), speedOf("b", 10, 15), byRates});
    QCOMPARE(rates.nModels, 1);
    QVERIFY(std::abs(rates.share - 0.03) < 1e-12);
}

void SpeedStoreTest::answers_thatTell_data() {
    QTest::addColumn<int>("what");
    QTest::addColumn<double>("speed");
    QTest::newRow("even") << 0 << 50.0;
    QTest::newRow("too short") << 1 << 0.0;
    QTest::newRow("paused") << 2 << 0.0;
    QTest::newRow("with drafts") << 3 << 0.0;
    QTest::newRow("uneven") << 4 << 0.0;
    QTest::newRow("with a long stop") << 5 << 0.0;
    QTest::newRow("nothing measured") << 6 << 0.0;
}

void SpeedStoreTest::answers_thatTell() {
    QFETCH(int, what);
    QFETCH(double, speed);
    RequestStats answer = evenAnswer();
    if (what == 1) answer.generatedTokens = 63;
    if (what == 2) answer.preemptions = 1;
    if (what == 3) answer.draftProposed = 1;
    if (what == 4) answer.tpotP95Ms = 31;
    if (what == 5) answer.tpotMeanMs = 31;
    if (what == 6) answer.tpotP50Ms = 0;
    QCOMPARE(speedOfAnswer(answer).value_or(0), speed);
}

QTEST_GUILESS_MAIN(SpeedStoreTest)
#include "speed_store_test.moc"
